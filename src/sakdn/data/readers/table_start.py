"""Where a table begins below the words that devices write above it, if that is certain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sakdn.base.errors import InputError, shown
from sakdn.data.readers.columns import Columns
from sakdn.data.readers.separators import MISSING, Cut

MAX_HEAD_LINES = 1000
# An Empatica's first line is the time, its second the rate, once a column.
EPOCH_S, MAX_RATE_HZ = (1e9, 3e9), 5000


@dataclass(frozen=True)
class Lines:
    """Lines of a file that are not empty: what they say, and their numbers from 1."""

    texts: Sequence[str]
    numbers: Sequence[int]


class Rows(Sequence[list[str]]):
    """Cells of the first lines; a line is cut when it is asked for, which few are."""

    def __init__(self, lines: Lines, cut: Cut) -> None:
        """Takes lines and how they are cut."""
        self._texts, self._cut = lines.texts[:MAX_HEAD_LINES], cut

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, place: Any) -> Any:
        return self._cut.cells(self._texts[place])


@dataclass(frozen=True)
class Start:
    """Where a table begins.

    Attributes:
        header: names of its columns; None where it has none.
        first: index of the line of its first sample.
        rate_hz: sampling rate, if it stands above the samples.
    """

    header: list[str] | None
    first: int
    rate_hz: float | None = None


def find_start(
    path: Path, lines: Lines, cut: Cut, width: int, columns: Columns, skipped: bool
) -> Start:
    """Finds the header and the first sample.

    Args:
        path: named in errors.
        lines: of the file.
        cut: of its lines.
        width: cells that most lines have.
        columns: which are wanted; the header has all that are named.
        skipped: the lines above the table were left out already.

    Raises:
        InputError: no such columns, or lines above the first sample that may be samples too.
    """
    rows = Rows(lines, cut)
    if columns.names:
        place, header = _header(rows, width, columns.names)
        used, _ = columns.positions(path, width, header)
        first = _first_sample(path, lines, cut, rows, width, used, place + 1)
        above = [at for at in range(place) if _is_sample(cut, rows[at], width, range(width))]
        between = [at for at in range(place + 1, first) if _has_number(cut, rows[at])]
        _refuse(path, lines, cut, rows, width, [*above, *between])
        return Start(header, first)
    used, _ = columns.positions(path, width, None)
    first = _first_sample(path, lines, cut, rows, width, used, 0)
    if first == 0:
        return Start(None, 0) if skipped or columns.time is not None else _numbered(rows, cut)
    last = rows[first - 1]
    if len(last) == width and not any(cut.is_number(last[place]) for place in used):
        return Start(last, first)
    _refuse(
        path, lines, cut, rows, width, [at for at in range(first) if _has_number(cut, rows[at])]
    )
    return Start(None, first)


def _header(rows: Rows, width: int, names: Sequence[str]) -> tuple[int, list[str]]:
    """The first row with all names; else the first that is as wide as the table."""
    for place, row in enumerate(rows):
        if not row:
            continue
        signless = row[1:] if row[:1] in (["#"], ["%"]) else [row[0].lstrip("#% "), *row[1:]]
        for header in (row, signless):
            if set(names) <= set(header):
                return place, header if row[0] not in "#%" else signless
    wide = (place for place, row in enumerate(rows) if len(row) == width)
    place = next(wide, 0)
    return place, rows[place]


def _first_sample(
    path: Path, lines: Lines, cut: Cut, rows: Rows, width: int, used: Sequence[int], start: int
) -> int:
    """Index of the first row from `start` on whose used cells are numbers or empty."""
    for place in range(start, len(rows)):
        row = rows[place]
        if start and cut.separator != " " and _has_number(cut, row):  # Its last cells may lack.
            row = [*row, *[""] * (width - len(row))]
        if _is_sample(cut, row, width, used):
            return place
    second = start if start else 1
    if second < len(rows):
        _refuse(path, lines, cut, rows, width, [second], used)
    return len(rows)


def _is_sample(cut: Cut, row: list[str], width: int, used: Iterable[int]) -> bool:
    return len(row) == width and all(
        row[place] in MISSING or cut.is_number(row[place]) for place in used if place < width
    )


def _has_number(cut: Cut, row: list[str]) -> bool:
    return any(cut.is_number(cell) for cell in row)


def _refuse(
    path: Path,
    lines: Lines,
    cut: Cut,
    rows: Rows,
    width: int,
    places: Sequence[int],
    used: Sequence[int] | None = None,
) -> None:
    """Raises for the first of `places`, the rows that may be samples."""
    if not places:
        return
    place = places[0]
    row, where = rows[place], f"{path}: row {lines.numbers[place]}"
    if len(row) != width:
        usual = next((n for n, r in zip(lines.numbers, rows) if len(r) == width), "the rest")
        raise InputError(
            f"{where}: found {len(row)} cells, expected {width} as in line {usual}; correct it, or"
            " set the sensor's separator or skip_rows"
        )
    words = [cell for cell in row if cell not in MISSING and not cut.is_number(cell)]
    if not words:
        raise InputError(f"{where}: found numbers above the header; set the sensor's skip_rows")
    raise InputError(
        f"{where}: found {shown(words[0])}, expected a number; correct it, or set the sensor's"
        " skip_rows to leave out the lines above the samples"
    )


def _numbered(rows: Rows, cut: Cut) -> Start:
    """A table whose first rows are numbers, but no samples."""
    first, second = (rows[0], rows[1]) if len(rows) > 2 else ([], [])
    if len(first) > 1 and first == ["", *map(str, range(len(first) - 1))] and second[:1] == ["0"]:
        return Start(first, 1)  # Pandas numbers columns that have no names.
    times, rates = set(first), set(second)
    if len(times) == len(rates) == 1 and all(map(cut.is_number, times | rates)):
        time_s, rate_hz = (float(cells.pop().replace(",", ".")) for cells in (times, rates))
        if EPOCH_S[0] <= time_s <= EPOCH_S[1] and 1 <= rate_hz <= MAX_RATE_HZ:
            return Start(None, 2, rate_hz)
    return Start(None, 0)
