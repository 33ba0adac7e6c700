"""The clips table: one row a clip. It is the only thing later stages know about a data set."""

import csv
import io
from collections import Counter
from pathlib import Path

import pandas as pd

from sakdn.base.errors import NO_TEXT, InputError, shown
from sakdn.base.files import atomic_path
from sakdn.base.near import did_you_mean
from sakdn.data.clips.cells import refuse
from sakdn.data.clips.offsets import offset_columns
from sakdn.data.clips.spans import refuse_bad_spans
from sakdn.data.readers.plain_file import read_text
from sakdn.options.columns import FOLD, OPTIONAL, REQUIRED, SPAN, UNLABELLED

SPLITS = ("train", "val", "test")
CLIP_ID = r"[A-Za-z0-9._-]{1,127}"
MAX_CHARACTERS = 255
SECONDS = r"([+-]?([0-9]{1,5}(\.[0-9]{0,9})?|\.[0-9]{1,9}))?"


def read_table(path: Path | str) -> pd.DataFrame:
    """Reads and validates a complete clips table.

    Returns:
        One row a clip in the file's order, index 0..n-1; `action` int64 (`UNLABELLED` where there
        is no label), all else text, an empty cell for a signal, or a video, that there is not.

    Raises:
        InputError: names the row (line of the file) and the column at fault.
    """
    table = validated(read_rows(path), str(path))
    if "split" not in table:
        raise InputError(f"{path}: column split is missing; write it with the clips stage")
    return table


def read_rows(path: Path | str) -> pd.DataFrame:
    """Reads a CSV file as text, cell by cell, blanks around cells removed.

    Raises:
        InputError: not readable, not UTF-8, no header, or a row of the wrong length.
    """
    try:
        rows = list(csv.reader(io.StringIO(read_text(path), newline=""), strict=True))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8: {error}") from error
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) < 2:
        raise InputError(f"{path}: found no rows, expected a header and one row a clip")
    _refuse_other_separator(path, rows[0])
    header = [name.strip() for name in rows[0]]
    for name in (name for name, times in Counter(header).items() if times > 1):
        raise InputError(f"{path}: column {shown(name)} occurs twice; remove or rename one")
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise InputError(
                f"{path}: row {line}: found {len(row)} cells, expected {len(header)}; quote cells"
                " that hold a comma"
            )
    cells = [[cell.strip() for cell in row] for row in rows[1:]]
    return pd.DataFrame(cells, columns=header, dtype=str)


def _refuse_other_separator(path: Path | str, header: list[str]) -> None:
    """Refuses a table that a spreadsheet of another language or a database wrote."""
    for sign, name in ((";", "';'"), ("\t", "tabs"), ("|", "'|'")):
        if len(header) == 1 and sign in header[0]:
            raise InputError(
                f"{path}: row 1: found one column {shown(header[0])}, which looks separated by"
                f" {name}, expected commas; save it as CSV with commas, or replace them"
            )


def validated(table: pd.DataFrame, where: str) -> pd.DataFrame:
    """Checks `table` against the contract and returns it with `action` as int64.

    A row may lack its video, a labelled recording of signals alone, but not in test; or its label,
    with both cells empty.

    Args:
        table: the columns of the contract, `split` optional; other columns are sensors.
        where: how an error names the table.

    Raises:
        InputError: names the row and the column at fault.
    """
    for column in REQUIRED:
        if column not in table:
            own = [name for name in table if name not in (*REQUIRED, *OPTIONAL, *SPAN)]
            near = did_you_mean(column, [name.casefold() for name in own])
            meant = next((name for name in own if near and name.casefold() == near), "")
            remedy = f"rename {shown(meant)}, if that is it" if meant else "add it"
            raise InputError(f"{where}: column {column} is missing; {remedy}")
    for column in (*REQUIRED, *OPTIONAL, "split"):
        if column in table and column not in ("video", "action", "action_name"):
            refuse(where, table, column, table[column].astype(str) == "", "a value")
    _refuse_odd_text(table, where)
    refuse_bad_spans(table, where)
    expected = "an id of letters, digits, . _ - and at most 127 characters"
    refuse(where, table, "clip", ~table["clip"].str.fullmatch(CLIP_ID), expected)
    refuse(where, table, "clip", table["clip"].duplicated(), "an id that no other row has")
    if "split" in table:
        wrong = ~table["split"].isin(SPLITS)
        refuse(where, table, "split", wrong, f"one of {', '.join(SPLITS)}")
    if FOLD in table:
        wrong = ~table[FOLD].astype(str).str.fullmatch("[0-9]{1,6}")
        refuse(where, table, FOLD, wrong, "a number 0, 1, 2, ...")
    _refuse_without_video(where, table)
    _refuse_two_cases(where, table)
    table = _with_labels(table, where)
    for column in offset_columns(table.columns):
        wrong = ~table[column].astype(str).str.fullmatch(SECONDS)
        refuse(where, table, column, wrong, "seconds, such as -0.25, or nothing")
    if "recording" in table:
        told = [*(column for column in SPAN if column in table), *offset_columns(table.columns)]
        for column in ("action", "subject", *told, *sensors_of(table)):
            said = table[column].where(table[column] != UNLABELLED)
            first = said.groupby(table["recording"]).transform("first")
            other = said.notna() & (said != first)
            refuse(where, table, column, other, f"one {column} a recording")
    return table


def _refuse_two_cases(where: str, table: pd.DataFrame) -> None:
    """Refuses names of a person that differ in case only: it would be two people."""
    subjects = table["subject"].astype(str)
    first = subjects.groupby(subjects.str.casefold()).transform("first")
    if (subjects != first).any():
        row = int((subjects != first).to_numpy().argmax())
        name, other = subjects.iloc[row], first.iloc[row]
        before = int((subjects == other).to_numpy().argmax())
        raise InputError(
            f"{where}: row {row + 2}, column subject: found {shown(name)}, but row {before + 2} has"
            f" {shown(other)}; write a person's name in one way, for two are two people"
        )


def _refuse_without_video(where: str, table: pd.DataFrame) -> None:
    """Refuses rows that lack the video which they must have."""
    lacks, sensors = table["video"].astype(str) == "", sensors_of(table)
    if lacks.all():
        raise InputError(
            f"{where}: column video: every cell is empty, but the student learns from videos and is"
            " tested on them; add the videos of some recordings"
        )
    nothing = lacks & (table[sensors] == "").all(axis=1)
    refuse(where, table, "video", nothing, "a video, or a signal (a file of 0 bytes is none)")
    if "split" in table:
        untestable = lacks & (table["split"] == "test")
        expected = "a video, on which students are tested; or split train"
        refuse(where, table, "video", untestable, expected)


def _refuse_odd_text(table: pd.DataFrame, where: str) -> None:
    for column in table:
        text = table[column].astype(str)
        refuse(where, table, column, text.str.contains(NO_TEXT), "printable text")
        if column in (*REQUIRED[:4], *OPTIONAL):
            long = text.str.len() > MAX_CHARACTERS
            refuse(where, table, column, long, f"at most {MAX_CHARACTERS} characters")


def _with_labels(table: pd.DataFrame, where: str) -> pd.DataFrame:
    action = table["action"].where(table["action"] != UNLABELLED, "").astype(str)
    refuse(where, table, "action", ~action.str.fullmatch("[0-9]{0,6}"), "a label 0, 1, 2, ...")
    empty = {"action": action == "", "action_name": table["action_name"] == ""}
    for column, other in (("action", "action_name"), ("action_name", "action")):
        expected = f"a value, as {other} has one; a clip without a label has neither"
        refuse(where, table, column, empty[column] & ~empty[other], expected)
    table = table.assign(action=action.replace("", str(UNLABELLED)).astype("int64"))
    for key, value in (("action", "action_name"), ("action_name", "action")):
        first = table.groupby(key)[value].transform("first")
        refuse(where, table, value, table[value] != first, f"one {value} for each {key}")
    labels = sorted(set(table["action"]) - {UNLABELLED})
    if not labels:
        raise InputError(f"{where}: column action: no clip has a label; label a few")
    gaps = sorted(set(range(labels[-1] + 1)) - set(labels))
    if gaps:
        raise InputError(
            f"{where}: column action: no clip has label {', '.join(map(str, gaps[:5]))} although"
            f" {labels[-1]} occurs; number the actions 0..C-1 without gaps"
        )
    if len(labels) < 2:
        raise InputError(f"{where}: column action: found one action, expected at least two")
    return table


def write_table(table: pd.DataFrame, path: Path | str) -> None:
    """Writes a table as CSV, atomically, its columns in the order of the contract."""
    leading = [name for name in (*REQUIRED[:4], *OPTIONAL, *SPAN, "video") if name in table]
    last = [name for name in (FOLD, "split") if name in table]
    others = [name for name in table.columns if name not in (*leading, *last)]
    action = table["action"].astype(object)
    table = table.assign(action=action.where(action != UNLABELLED, ""))
    with atomic_path(path) as temporary:
        table[[*leading, *others, *last]].to_csv(temporary, index=False)


def sensors_of(table: pd.DataFrame) -> list[str]:
    """Names of the sensor columns, in the table's order."""
    known = (*REQUIRED, *OPTIONAL, *SPAN, FOLD, "split", *offset_columns(table.columns))
    return [str(name) for name in table.columns if name not in known]


def class_names(table: pd.DataFrame) -> list[str]:
    """Names of the actions; entry i is the name of label i."""
    known = table[table["action"] != UNLABELLED]
    return known.groupby("action")["action_name"].first().tolist()
