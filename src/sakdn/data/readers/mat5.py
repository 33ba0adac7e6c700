"""Variables of MATLAB files of format 5 to 7, checked before memory is given to them.

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
    """A variable of a file: what it says of itself and, in formats 5 to 7, where it lies."""

    name: str
    shape: tuple[int, ...]
    kind: str
    start: int = 0
    size: int = 0
    packed: bool = False


def mat5_variables(path: Path) -> list[Variable]:
    """Everything that is in a file, described.

    Raises:
        InputError: truncated, damaged or of another format.
    """
    try:
        with path.open("rb") as file:
            return list(_elements(file, path.stat().st_size))
    except Exception as error:  # The parser raises of every kind on damaged input.
        raise InputError(
            f"{path}: truncated or not a .mat file of format 5 to 7 ({error}); copy it again or"
            " save it with -v7"
        ) from error


def load_mat5(path: Path, found: Variable) -> np.ndarray:
    """Values of a variable.

    Raises:
        InputError: truncated or damaged, or complex numbers.
    """
    try:
        with path.open("rb") as file:
            order = ORDERS[file.read(HEADER_BYTES)[126:]]
            file.seek(found.start)
            content = file.read(found.size)
        if found.packed:
            content = _unpacked(content, 16 * math.prod(found.shape) + BEGINNING_BYTES)
        flags, (kind, data) = _parts(content, order)
        if flags & IS_COMPLEX:
            raise complex_numbers(path, found.name)
        values = np.frombuffer(data, np.dtype(STORED[kind]).newbyteorder(order))
        return values.astype(values.dtype.newbyteorder("=")).reshape(found.shape, order="F")
    except (OSError, ValueError, KeyError, struct.error, zlib.error) as error:
        raise InputError(f"{path}: damaged: {error}; copy it again") from error


def complex_numbers(path: Path, name: str) -> InputError:
    """The error for a variable of complex numbers."""
    return InputError(
        f"{path}: variable {name} holds complex numbers, expected real ones; store their real part"
        " or their magnitude"
    )


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


def _parts(content: bytes, order: str) -> tuple[int, tuple[int, bytes]]:
    """Flags of a variable, and type and bytes of its numbers: shape and name lie between."""
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
    return struct.unpack_from(f"{order}I", parts[0][1])[0], parts[3]
