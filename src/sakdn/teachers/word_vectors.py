"""Reads the vectors of a few words from a file in GloVe's text format, of any size."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sakdn.base.errors import InputError
from sakdn.base.progress import track
from sakdn.data.readers.plain_file import check_plain

BLOCK_BYTES = 2**20
MAX_LINE_BYTES = 2**20


def read_word_vectors(path: Path, wanted: set[str]) -> dict[str, np.ndarray]:
    """Reads the file once, in blocks, and stops when every word has been found.

    The dimension d is that of the first line. A line is a word and its d numbers; where it has
    more fields, the last d are the numbers and the word has blanks in it (some of 840B have), so
    that it is none of the wanted ones.

    Args:
        path: the file, UTF-8, fields separated by one blank.
        wanted: words without blanks.

    Returns:
        float64 [d] of each wanted word that the file has; its first line counts.

    Raises:
        InputError: the file cannot be read, or a line is malformed or too long (it is named).
    """
    found: dict[str, np.ndarray] = {}
    dimension = None
    try:
        check_plain(path)
        with path.open("rb") as file:
            for number, line in enumerate(_lines(file, path), start=1):
                if not line:
                    continue
                dimension = dimension or _dimension(path, line)
                blanks = line.count(b" ")
                if blanks < dimension:
                    raise _malformed(path, number, f"{blanks} numbers", f"{dimension}")
                word = line[: line.index(b" ")].decode("utf-8", "replace")
                if word in wanted and word not in found and blanks == dimension:
                    found[word] = _vector(path, number, line)
                    if len(found) == len(wanted):
                        break
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    if dimension is None:
        raise InputError(f"{path}: is empty, expected word vectors; get the file again")
    return found


def _lines(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """Lines without their end; a line longer than any vector is refused before memory is."""
    blocks = iter(lambda: file.read(BLOCK_BYTES), b"")
    total = -(-path.stat().st_size // BLOCK_BYTES)
    number, rest = 1, b""
    for block in track(blocks, "word vectors", "MB", total):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line.rstrip()
        number += len(lines)
        if len(rest) > MAX_LINE_BYTES:
            raise _malformed(path, number, "more than 1 MB", "a word and its numbers")
    yield rest.rstrip()


def _dimension(path: Path, line: bytes) -> int:
    """How many fields at the end of the first line are numbers, the word left aside."""
    fields = line.split(b" ")[1:]
    numbers = 0
    while numbers < len(fields) and _is_number(fields[-1 - numbers]):
        numbers += 1
    if numbers < 2:
        found = line[:40].decode("utf-8", "replace")
        raise _malformed(path, 1, repr(found), "a word and its numbers, without header")
    return numbers


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _vector(path: Path, number: int, line: bytes) -> np.ndarray:
    try:
        vector = np.array(line.split(b" ")[1:], dtype=np.float64)
    except ValueError as error:
        raise _malformed(path, number, str(error), "numbers") from error
    if not np.isfinite(vector).all():
        raise _malformed(path, number, "a value that is not finite", "numbers")
    return vector


def _malformed(path: Path, number: int, found: str, expected: str) -> InputError:
    return InputError(
        f"{path}: line {number}: found {found}, expected {expected}; the file is damaged or not in"
        " GloVe's text format, get it again"
    )
