"""Clips that are spans of long recordings: the columns `start_s` and `end_s`."""

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError
from sakdn.data.clips.cells import refuse
from sakdn.data.readers.span import Span
from sakdn.options.columns import SPAN


def span_of(row: "pd.Series[str]") -> Span | None:
    """Span of a clip, a row of the clips table; None for whole files."""
    if not row.get(SPAN[0], ""):
        return None
    return Span(float(row[SPAN[0]]), float(row[SPAN[1]]))


def spans_of(clips: pd.DataFrame) -> list[Span | None]:
    """Span of each clip."""
    if SPAN[0] not in clips:
        return [None] * len(clips)
    return [span_of(row) for _, row in clips[list(SPAN)].iterrows()]


def refuse_bad_spans(table: pd.DataFrame, where: str) -> None:
    """Checks the columns of spans, if there are any.

    Raises:
        InputError: one of the two without the other, or a cell that is no time.
    """
    given = [column for column in SPAN if column in table]
    if not given:
        return
    if len(given) == 1:
        other = SPAN[1 - SPAN.index(given[0])]
        raise InputError(f"{where}: column {other} is missing; {given[0]} needs it")
    empty = {column: table[column] == "" for column in SPAN}
    for column, other in (SPAN, SPAN[::-1]):
        refuse(where, table, column, empty[column] & ~empty[other], f"seconds, as {other} has them")
    start, end = (pd.to_numeric(table[column], errors="coerce") for column in SPAN)
    whole = empty[SPAN[0]]
    refuse(where, table, "start_s", ~whole & ~(np.isfinite(start) & (start >= 0)), "seconds from 0")
    refuse(where, table, "end_s", ~whole & ~np.isfinite(end), "seconds")
    refuse(where, table, "end_s", ~whole & (end <= start), "more than start_s")
