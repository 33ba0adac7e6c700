"""Annotations of long recordings: a list of what is done when becomes rows of the clips table."""

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.progress import log
from sakdn.data.clips.cells import refuse
from sakdn.data.clips.spans import refuse_bad_spans
from sakdn.data.clips.table import read_rows
from sakdn.data.datasets.labels import labels_of_words, read_names
from sakdn.options.columns import SPAN

KEYS = ("recording", "clip", "video")
NAME = "action_name"


def annotated(table: pd.DataFrame, where: str, path: str, classes: str | None) -> pd.DataFrame:
    """One row an annotation, with the files and people of its recording.

    Args:
        table: one row a recording, or one a camera of it; cells are text.
        where: the table's file.
        path: CSV file with the columns `start_s`, `end_s` and `action_name`, and one of `KEYS` that
            says in which row of the table that is; other columns are taken over.
        classes: file with the names of the actions in the order of their labels; None: in that of
            the alphabet.

    Returns:
        Rows in the order of the table, clips (and recordings) numbered from 1 within each.

    Raises:
        InputError: a column is missing or in both files, or a row names no recording or no span.
    """
    notes = read_rows(path)
    key = _key(table, where, notes, path)
    refuse(path, notes, key, ~notes[key].isin(table[key]), f"a {key} of {where}")
    for column in (*SPAN, NAME):
        refuse(path, notes, column, notes[column] == "", "a value")
    refuse_bad_spans(notes, path)
    if "action" not in notes:
        words = notes[NAME].tolist()
        names = read_names(classes) if classes else sorted(set(words))
        labels = labels_of_words(words, names, str(classes))
        notes = notes.assign(action=list(map(str, labels)))
    number = (notes.groupby(key).cumcount() + 1).astype(str)
    rows = table.merge(notes.assign(number="_" + number), on=key)
    unused = int((~table[key].isin(notes[key])).sum())
    if unused:
        log(f"{path}: {unused} rows of {where} have no annotation and are not used")
    for column in ("clip", "recording"):
        if column in rows:
            rows[column] += rows["number"]
    return rows.drop(columns="number")


def _key(table: pd.DataFrame, where: str, notes: pd.DataFrame, path: str) -> str:
    """The column by which annotations name their recording."""
    for column in (*SPAN, NAME):
        if column not in notes:
            raise InputError(f"{path}: column {column} is missing; add it")
    keys = [name for name in KEYS if name in notes]
    if len(keys) != 1:
        found = " and ".join(keys) or "none"
        raise InputError(f"{path}: found {found} of the columns {', '.join(KEYS)}; keep one")
    if keys[0] not in table or "clip" not in table:
        lacks = keys[0] if "clip" in table else "clip"
        raise InputError(f"{where}: column {lacks} is missing; data.annotations needs it")
    both = [name for name in notes if name in table and name != keys[0]]
    if both:
        raise InputError(f"{path}: column {both[0]} is in {where} too; remove it there")
    return keys[0]
