"""Arrays of MATLAB files, checked before memory is given to them.

SciPy trusts what a file says of itself: it takes the memory that is asked for, and crashes on types
of numbers that there are not. So it only ever sees the beginning of a variable, which describes it;
the numbers are unpacked here, to no more than what is described, and read by NumPy.
"""

import io
import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import scipy.io

from sakdn.base.errors import InputError
from sakdn.data.readers.plain_file import check_plain

NUMERIC = {"double", "single", "logical"} | {
    f"{u}int{b}" for u in ("", "u") for b in (8, 16, 32, 64)
}
# Deflate makes nothing more than 1032 times smaller.
MAX_EXPANSION = 1032
# By number of dimensions: hours of a signal, a minute of depth maps.
MAX_VALUES = {2: 2**24, 3: 2**27}
MAX_VARIABLES = 1000
ORDERS = {b"IM": "<", b"MI": ">"}
HEADER_BYTES, BEGINNING_BYTES = 128, 4096
MATRIX, PACKED = 14, 15
STORED = {
    1: "i1",
    2: "u1",
    3: "i2",
    4: "u2",
    5: "i4",
    6: "u4",
    7: "f4",
    9: "f8",
    12: "i8",
    13: "u8",
}
IS_COMPLEX = 1 << 11


@dataclass(frozen=True)
class Variable:
    """A variable of a file of format 5 to 7: what it says of itself, and where it lies."""

    name: str
    shape: tuple[int, ...]
    kind: str
    start: int
    size: int
    packed: bool


def find_variable(
    path: Path | str, variable: str | None, dimensions: int
) -> tuple[str, tuple[int, ...]]:
    """Finds an array in a .mat file without loading it.

    Args:
        path: file of MATLAB format 5 to 7.
        variable: its name; None for the file's only numeric array of so many dimensions.
        dimensions: how many dimensions it must have.

    Returns:
        Name and shape.

    Raises:
        InputError: truncated, damaged or of another format, no such variable, wrong dimensions, or
            a size that the file cannot hold or that no recording has.
    """
    found = _find(Path(path), variable, dimensions)
    return found.name, found.shape


def load_array(path: Path | str, variable: str | None, dimensions: int) -> np.ndarray:
    """Loads an array from a .mat file, in the type that it is stored in.

    Args and errors as for `find_variable`.
    """
    path = Path(path)
    found = _find(path, variable, dimensions)
    try:
        with path.open("rb") as file:
            order = ORDERS[file.read(HEADER_BYTES)[126:]]
            file.seek(found.start)
            content = file.read(found.size)
        if found.packed:
            content = _unpacked(content, 16 * math.prod(found.shape) + BEGINNING_BYTES)
        return _numbers(content, found.shape, order)
    except (OSError, ValueError, KeyError, struct.error, zlib.error) as error:
        raise InputError(f"{path}: damaged: {error}; copy it again") from error


def _find(path: Path, variable: str | None, dimensions: int) -> Variable:
    there = _variables(path)
    fitting = [
        each
        for each in there
        if each.kind in NUMERIC and len(each.shape) == dimensions and variable in (None, each.name)
    ]
    if len(fitting) != 1:
        listed = ", ".join(f"{each.name} {each.shape} {each.kind}" for each in there[:10])
        wanted = f"variable {variable!r}" if variable else "exactly one numeric variable"
        raise InputError(
            f"{path}: found {listed or 'no variables'}; expected {wanted} of {dimensions}"
            " dimensions; correct the file or the variable's name"
        )
    (found,) = fitting
    if not 0 < math.prod(found.shape) <= MAX_VALUES[dimensions]:
        raise InputError(
            f"{path}: variable {found.name} claims shape {found.shape}, expected 1 to"
            f" {MAX_VALUES[dimensions]} values; cut the recording into clips"
        )
    return found


def _variables(path: Path) -> list[Variable]:
    """Everything that is in a file, described."""
    try:
        check_plain(path)
        size = path.stat().st_size
        with path.open("rb") as file:
            found = list(_elements(file, size))
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; correct its path") from error
    except NotImplementedError as error:
        raise InputError(f"{path}: is of format 7.3 (HDF5); save it with -v7") from error
    except InputError:
        raise
    except Exception as error:  # The parser raises of every kind on damaged input.
        raise InputError(
            f"{path}: truncated or not a .mat file of format 5 to 7 ({error}); copy it again or"
            " save it with -v7"
        ) from error
    for each in found:
        if min(each.shape, default=0) < 0 or math.prod(each.shape) > size * MAX_EXPANSION:
            raise InputError(
                f"{path}: variable {each.name} claims shape {each.shape}, too large for a file of"
                f" {size} bytes; copy it again"
            )
    return found


def _elements(file: BinaryIO, size: int) -> Iterator[Variable]:
    """Walks from variable to variable; the last must end where the file ends."""
    header = file.read(HEADER_BYTES)
    order = ORDERS.get(header[126:])
    if order is None or 0 in header[:4]:  # A zero there would make SciPy take it for format 4.
        raise ValueError("its header is another")
    start, count = HEADER_BYTES, 0
    while start < size:
        kind, length = struct.unpack(f"{order}II", file.read(8))
        if kind not in (MATRIX, PACKED) or start + 8 + length > size or count == MAX_VARIABLES:
            raise ValueError(f"what begins at byte {start} is no whole variable")
        if kind == PACKED:
            packed = file.read(min(length, BEGINNING_BYTES))
            beginning = zlib.decompressobj().decompress(packed, BEGINNING_BYTES)
            place = (start + 8, length, True)
        else:
            file.seek(start)
            beginning = file.read(min(8 + length, BEGINNING_BYTES))
            place = (start, 8 + length, False)
        ((name, shape, of),) = scipy.io.whosmat(io.BytesIO(header + beginning))
        yield Variable(name, tuple(map(int, shape)), of, *place)
        start, count = start + 8 + length, count + 1
        file.seek(start)


def _unpacked(content: bytes, most: int) -> bytes:
    """Unpacks a variable that may hold so many bytes."""
    unpacker = zlib.decompressobj()
    unpacked = unpacker.decompress(content, most + 1)
    if len(unpacked) > most or not unpacker.eof:
        raise ValueError("it holds more or less than it says")
    return unpacked


def _numbers(content: bytes, shape: tuple[int, ...], order: str) -> np.ndarray:
    """Values of a numeric variable: flags, shape, name and then the numbers follow its tag."""
    parts, place = [], 8
    for _ in range(4):
        kind, size = struct.unpack_from(f"{order}II", content, place)
        start, end = place + 8, place + 8 + size + -size % 8
        if kind >> 16:  # Up to four bytes stand in the tag itself.
            kind, size, start, end = kind & 0xFFFF, kind >> 16, place + 4, place + 8
        if start + size > len(content):
            raise ValueError("it is cut short")
        parts.append((kind, content[start : start + size]))
        place = end
    (_, flags), _, _, (kind, data) = parts
    if struct.unpack_from(f"{order}I", flags)[0] & IS_COMPLEX:
        raise ValueError("it holds complex numbers")
    values = np.frombuffer(data, np.dtype(STORED[kind]).newbyteorder(order))
    return values.astype(values.dtype.newbyteorder("=")).reshape(shape, order="F")
