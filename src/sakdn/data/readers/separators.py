"""What cuts the lines of a text file into cells, and what its decimals are written with."""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sakdn.base.errors import shown

SEPARATORS = {"tab": "\t", ";": ";", "|": "|", ",": ",", "blank": " "}
# Words for a missing value, as pandas takes them.
MISSING = {"", "NA", "N/A", "NULL", "null", "None", "nan", "NaN", "n/a", "<NA>", "#N/A"}
DECIMALS = (".", ",")
SAMPLED_LINES = 32
AGREEING = 0.9
HINT = re.compile(r'"?sep=(.)"?')
Rows = Sequence[Sequence[str]]
WHOLE, PADDED = re.compile(r"[+-]?\d+"), re.compile(r"0\d+")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")


@dataclass(frozen=True)
class Cut:
    """How a line becomes cells.

    Attributes:
        separator: one character; a blank stands for any run of blanks and tabs.
        decimal: `.` or `,`.
    """

    separator: str
    decimal: str

    def cells(self, line: str) -> list[str]:
        """Cells of a line, without the blanks and quotes around them."""
        if self.separator == " " and '"' not in line:
            return line.split()
        if self.separator == " ":
            return [cell.strip('"') for cell in re.findall(r'"[^"]*"|[^\s"]\S*|"', line)]
        if '"' not in line:
            return [cell.strip() for cell in line.split(self.separator)]
        rows = csv.reader([line], delimiter=self.separator, skipinitialspace=True)
        return [cell.strip() for cell in next(rows)]

    def counts(self, lines: Sequence[str]) -> list[int]:
        """Number of cells of each line."""
        if '"' in "".join(lines):
            return [len(self.cells(line)) for line in lines]
        if self.separator == " ":
            return [len(line.split()) for line in lines]
        return [line.count(self.separator) + 1 for line in lines]

    def is_number(self, cell: str) -> bool:
        """Whether a cell is a number, written with this decimal sign."""
        if self.decimal == ",":
            if "." in cell:
                return False
            cell = cell.replace(",", ".")
        try:
            float(cell)
        except ValueError:
            return False
        return cell.isascii() and "_" not in cell


def hinted(line: str) -> str | None:
    """The separator that a first line such as `sep=,` names."""
    hint = HINT.fullmatch(line.strip("\r\n "))
    return hint[1] if hint else None


def find_cut(lines: Sequence[str], separator: str | None, decimal: str | None) -> Cut:
    """Finds the cut that makes the most columns of numbers and the fewest of words.

    Args:
        lines: of the file; its second half tells, since words stand at the beginning.
        separator: one character, if it is known.
        decimal: if it is known.
    """
    sample = _sample(lines)
    there = "".join(sample)
    separators = [one for one in SEPARATORS.values() if one in there or one == " "]
    decimals = DECIMALS if "," in there else DECIMALS[:1]
    cuts = [
        Cut(one, sign)
        for one in ([separator] if separator else separators)
        for sign in ([decimal] if decimal else decimals)
        if one != sign
    ]
    best = max(cuts, key=lambda cut: _fit(cut, sample))
    tabs = separator is None and best.separator == "\t"
    if tabs and (_is_aligned(best, lines) or _has_blank_header(best, lines)):
        return Cut(" ", best.decimal)
    return best


def numbers_in(cut: Cut, lines: Sequence[str]) -> int:
    """Columns of numbers; 0 where lines have different numbers of cells."""
    fits, numbers, _ = _fit(cut, _sample(lines))
    return int(numbers) if fits else 0


def usual_width(cut: Cut, lines: Sequence[str]) -> int:
    """Number of cells that most lines of the second half have; the larger of two."""
    counts = Counter(cut.counts(_half(lines)))
    return max(counts, key=lambda width: (counts[width], width))


def doubt(cut: Cut, lines: Sequence[str]) -> tuple[int, str] | None:
    """Index of a line whose commas may be decimal or not, and what to do about it."""
    rows = [cut.cells(line) for line in _sample(lines)]
    if cut.decimal == ",":
        found = _thousands(rows)
    elif cut.separator == " ":
        found = _empty_or_wide(rows, lines)
    else:
        found = _two_numbers(rows, cut)
    if found is None:
        return None
    place, said = found
    return _sampled(lines)[place], said


def _half(lines: Sequence[str]) -> Sequence[str]:
    return lines[len(lines) // 2 :]


def _sampled(lines: Sequence[str]) -> range:
    """Indices of a few lines of the second half."""
    start = len(lines) // 2
    return range(start, len(lines), max(1, (len(lines) - start) // SAMPLED_LINES))


def _sample(lines: Sequence[str]) -> Sequence[str]:
    return [lines[place] for place in _sampled(lines)]


def _fit(cut: Cut, sample: Sequence[str]) -> tuple[bool, float, int]:
    """Whether lines have as many cells as each other; columns of numbers, those of words (-)."""
    rows = [cut.cells(line) for line in sample]
    width, agreeing = Counter(map(len, rows)).most_common(1)[0]
    if agreeing < AGREEING * len(rows):
        return False, agreeing / len(rows), 0
    kinds = [
        [cut.is_number(cell) for cell in column if cell not in MISSING]
        for column in zip(*(row for row in rows if len(row) == width))
    ]
    numbers = [all(kind) for kind in kinds if kind]
    return True, sum(numbers), sum(numbers) - len(numbers)


def _is_aligned(cut: Cut, lines: Sequence[str]) -> bool:
    """Whether tabs follow on tabs only for looks: a column is empty and has no name."""
    sample = _sample(lines)
    rows = [cut.cells(line.rstrip()) for line in sample]
    width = max(map(len, rows))
    inner = [[row[place] for row in rows if len(row) > place] for place in range(1, width - 1)]
    head = [cut.cells(line.rstrip()) for line in lines[:SAMPLED_LINES]]
    if all(map(any, inner)) or any(len(row) == width and all(row) for row in head):
        return False
    return _fit(Cut(" ", cut.decimal), sample) >= _fit(cut, sample)


def _has_blank_header(cut: Cut, lines: Sequence[str]) -> bool:
    """Whether names stand between blanks, as NumPy writes them, and numbers between tabs."""
    width, names = usual_width(cut, lines), lines[0].split()
    rows = (line.split() for line in _sample(lines))
    return "\t" not in lines[0] and len(names) == width and all(len(row) == width for row in rows)


def _thousands(rows: Rows) -> tuple[int, str] | None:
    parts = [(place, cell) for place, row in enumerate(rows) for cell in row if "," in cell]
    if not parts or not all(THOUSANDS.fullmatch(cell) for _, cell in parts):
        return None
    place, cell = parts[0]
    return place, f"found {shown(cell)}, a decimal comma or thousands; set the sensor's decimal"


def _empty_or_wide(rows: Rows, lines: Sequence[str]) -> tuple[int, str] | None:
    """Tabs in a row where lines have different numbers of tabs, and no header tells the columns."""
    sample = _sample(lines)
    wide = [place for place, line in enumerate(sample) if "\t\t" in line.strip()]
    tabs = {line.strip().count("\t") for line in sample}
    named = not any(map(Cut(" ", ".").is_number, lines[0].split()))
    if not wide or len(tabs) == 1 or (named and len(lines[0].split()) == len(rows[0])):
        return None
    return wide[0], (
        "found two tabs in a row, an empty cell or only for looks; set the sensor's separator to"
        " tab or blank"
    )


def _two_numbers(rows: Rows, cut: Cut) -> tuple[int, str] | None:
    if cut.separator != "," or any("." in cell for row in rows for cell in row):
        return None
    for place, row in enumerate(rows):
        for first, second in itertools.pairwise(row):
            if WHOLE.fullmatch(first) and PADDED.fullmatch(second):
                both = shown(f"{first},{second}")
                return place, (
                    f"found {both}, which looks like a decimal comma; set the sensor's decimal to"
                    " ',', or its separator to ',' if these are two cells"
                )
    return None
