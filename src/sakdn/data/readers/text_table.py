"""A table in a text file: cut at its own separator, empty cells in their places."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sakdn.base.errors import MAX_SHOWN, InputError, shown
from sakdn.data.readers.columns import Columns
from sakdn.data.readers.compressed import format_of
from sakdn.data.readers.plain_file import read_text
from sakdn.data.readers.separators import (
    MISSING,
    SEPARATORS,
    Cut,
    doubt,
    find_cut,
    hinted,
    numbers_in,
    usual_width,
)
from sakdn.data.readers.table_start import Lines, Start, find_start
from sakdn.data.readers.timestamps import UNIT_S
from sakdn.options.sensors import SignalOptions

MIXED = re.compile("[,;|\t]")


@dataclass(frozen=True)
class Table:
    """Samples of a text file.

    Attributes:
        values: of the axes, float64 [samples, axes]; an empty cell is NaN.
        times: cells of the time stamps as text; None where there are none.
        lines: number in the file of each sample's line [samples].
        width: columns of the file.
        names: of its columns; None where they have none.
        rate_hz: sampling rate, if the file says so above the samples.
    """

    values: np.ndarray
    times: "pd.Series[str] | None"
    lines: np.ndarray
    width: int
    names: list[str] | None
    rate_hz: float | None


def read_text_table(path: Path, options: SignalOptions) -> Table:
    """Reads the wanted columns of a text file.

    Raises:
        InputError: it cannot be read, has no such columns, or it is not certain which cell is in
            which column; names the line and the key to set.
    """
    lines, hint = _lines(path, options)
    lines, cut = _cut(path, lines, options, hint)
    width, wanted = usual_width(cut, lines.texts), Columns(options.columns, options.time_column)
    start = find_start(path, lines, cut, width, wanted, options.skip_rows is not None)
    body = Lines(lines.texts[start.first :], lines.numbers[start.first :])
    width = _checked_width(path, body, cut, width, start)
    axes, time = wanted.positions(path, width, start.header)
    values, times = _plain(body, cut, axes, time) or _any(path, body, cut, width, axes, time)
    if times is not None and options.time_format in UNIT_S:
        times = _with_points(times, cut)
    numbers = np.asarray(body.numbers, dtype=np.int64)
    return Table(values, times, numbers, width, start.header, start.rate_hz)


def _lines(path: Path, options: SignalOptions) -> tuple[Lines, str | None]:
    """Lines that are not empty, and the separator that the first of them names."""
    try:
        text = read_text(path, options.encoding)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, LookupError) as error:
        raise InputError(
            f"{path}: not a table of numbers: {str(error)[:MAX_SHOWN]}; set the sensor's encoding,"
            " for example cp1252 or utf-16"
        ) from error
    texts = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if options.comment:
        texts = [text.partition(options.comment)[0] for text in texts]
    skip = options.skip_rows or 0
    kept = [number for number, text in enumerate(texts[skip:], skip) if text.strip()]
    hint = hinted(texts[kept[0]]) if kept else None
    kept = kept[1:] if hint else kept
    if not kept:
        raise InputError(f"{path}: not a table of numbers: found no lines")
    return Lines([texts[number] for number in kept], [number + 1 for number in kept]), hint


def _cut(path: Path, lines: Lines, options: SignalOptions, hint: str | None) -> tuple[Lines, Cut]:
    """How lines are cut; a .txt without one separator is cut at all, its lines are changed so."""
    separator = hint if options.separator is None else SEPARATORS[options.separator]
    if separator == options.decimal == ",":
        raise InputError(
            f"{path}: commas cannot be both between cells and in numbers; correct the sensor's"
            " separator or decimal"
        )
    cut = find_cut(lines.texts, separator, options.decimal)
    if separator is None and format_of(path) == ".txt" and not numbers_in(cut, lines.texts):
        mixed = [MIXED.sub(" ", text) for text in lines.texts]
        if numbers_in(Cut(" ", "."), mixed):
            return Lines(mixed, lines.numbers), Cut(" ", ".")
    doubtful = None if options.decimal or options.separator else doubt(cut, lines.texts)
    if doubtful:
        place, said = doubtful
        raise InputError(f"{path}: row {lines.numbers[place]}: {said}")
    return lines, cut


def _checked_width(path: Path, body: Lines, cut: Cut, width: int, start: Start) -> int:
    """Number of columns, less a last one that is empty and has no name.

    Raises:
        InputError: the header has another number, or a line has too many cells, or, between
            blanks, too few, so that it is not known which one is missing.
    """
    counts = np.asarray(cut.counts(body.texts), dtype=np.int64)
    named = len(start.header) if start.header else None
    if start.header and named == width and not start.header[-1]:
        named = width - 1
    if width > 1 and named in (None, width - 1) and _ends_empty(body, cut, counts, width):
        counts = np.where(counts == width, width - 1, counts)
        width -= 1
    if named is not None and named != width:
        if named < width or cut.separator == " ":
            raise InputError(
                f"{path}: its header has {named} names, its rows {width} cells"
                f" (row {body.numbers[0]}); correct it, or set the sensor's separator or decimal"
            )
        width = named
    wrong = (counts > width) | ((counts < width) & (cut.separator == " "))
    places = np.flatnonzero(wrong).tolist()
    odd = next((at for at in places if not _only_longer(body, cut, at, width)), None)
    if odd is not None:
        raise InputError(
            f"{path}: line {body.numbers[odd]}: found {counts[odd]} cells, expected {width};"
            " correct it, or set the sensor's separator or decimal"
        )
    return width


def _ends_empty(body: Lines, cut: Cut, counts: np.ndarray, width: int) -> bool:
    """Whether every line that is full ends with a separator."""
    if cut.separator == " " or not body.texts:
        return False
    full = (text for text, count in zip(body.texts, counts) if count == width)
    return all(text.rstrip(" ").endswith(cut.separator) for text in full)


def _only_longer(body: Lines, cut: Cut, place: int, width: int) -> bool:
    """Whether the cells of a line beyond `width` are empty."""
    cells = cut.cells(body.texts[place])
    return len(cells) > width and not any(cells[width:])


def _plain(
    body: Lines, cut: Cut, axes: Sequence[int], time: int | None
) -> tuple[np.ndarray, "pd.Series[str] | None"] | None:
    """Values and time stamps of a table without quotes, decimal commas or missing cells.

    None for any other. For the short files of short clips pandas takes four times as long.
    """
    if not body.texts or cut.decimal == "," or '"' in "".join(body.texts):
        return None
    separator = None if cut.separator == " " else cut.separator
    try:
        values = np.loadtxt(body.texts, delimiter=separator, usecols=axes, comments=None, ndmin=2)
        if time is None:
            return values, None
        stamps = [text.split(separator, time + 1)[time].lstrip(" ") for text in body.texts]
    except (ValueError, IndexError):
        return None
    if not MISSING.isdisjoint(stamps):
        return None
    return values, pd.Series(stamps, dtype=object)


def _any(
    path: Path, body: Lines, cut: Cut, width: int, axes: Sequence[int], time: int | None
) -> tuple[np.ndarray, "pd.Series[str] | None"]:
    """Values and time stamps of any table."""
    frame = _parsed(path, body, cut, width, axes, time)
    if len(frame) != len(body.texts):
        raise InputError(f"{path}: found a quote that is not closed on its line; correct it")
    values = _numbers(path, frame[axes], cut, body.numbers)
    return values, None if time is None else frame[time]


def _parsed(
    path: Path, body: Lines, cut: Cut, width: int, axes: Sequence[int], time: int | None
) -> pd.DataFrame:
    """The wanted columns, the time stamps as text, row i at index i."""
    wanted = sorted({*axes, *([] if time is None else [time])})
    try:
        return pd.read_csv(
            io.StringIO("\n".join(body.texts)),
            header=None,
            names=list(range(width)),
            usecols=wanted,
            index_col=False,
            sep=r"\s+" if cut.separator == " " else cut.separator,
            decimal=cut.decimal,
            dtype={} if time is None else {time: str},
            skipinitialspace=True,
            low_memory=False,
        )
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{path}: not a table of numbers: {str(error).strip()[:MAX_SHOWN]}"
        ) from error


def _numbers(path: Path, frame: pd.DataFrame, cut: Cut, lines: Sequence[int]) -> np.ndarray:
    """Cells as float64.

    Raises:
        InputError: a cell is neither a number nor empty.
    """
    values = np.empty(frame.shape)
    for place, (_, cells) in enumerate(frame.items()):
        if cells.dtype.kind in "iuf":
            values[:, place] = cells
            continue
        values[:, place] = pd.to_numeric(_with_points(cells.astype(str), cut), errors="coerce")
        words = np.isnan(values[:, place]) & cells.notna().to_numpy()
        if words.any():
            row = int(words.argmax())
            raise InputError(
                f"{path}: row {lines[row]}: found {shown(cells.iloc[row])}, expected a number;"
                " correct it, or set the sensor's decimal, comment or skip_rows"
            )
    return values


def _with_points(cells: "pd.Series[str]", cut: Cut) -> "pd.Series[str]":
    if cut.decimal == ".":
        return cells
    return cells.str.replace(".", "x", regex=False).str.replace(",", ".", regex=False)
