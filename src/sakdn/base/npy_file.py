"""Large .npy files, read and written in pieces and out of order."""

import mmap
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

KEEP_BYTES = 2**24


def create_npy(path: Path, shape: tuple[int, ...], dtype: np.dtype | type = np.uint8) -> int:
    """Creates an .npy file of zeros without writing them; takes the room, before the work begins.

    Returns:
        Offset of the first value in bytes.

    Raises:
        OSError: the file cannot be written, or there is too little room for it.
    """
    dtype = np.dtype(dtype)
    descr = np.lib.format.dtype_to_descr(dtype)
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        start = file.tell()
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        file.truncate(start + size)
    take_room(path, 0, start + size)
    return start


def take_room(path: Path, offset: int, size: int) -> None:
    """Makes sure that bytes of a file can be written later.

    Raises:
        OSError: there is too little room for them.
    """
    if size and hasattr(os, "posix_fallocate"):  # Not on macOS.
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), offset, size)


def finish_npy(path: Path) -> None:
    """Tells the header of an .npy file, created with no values of a byte, how many came after."""
    with path.open("r+b") as file:
        version = np.lib.format.read_magic(file)
        assert version == (1, 0)
        np.lib.format.read_array_header_1_0(file)
        start = file.tell()
        count = file.seek(0, os.SEEK_END) - start
        file.seek(0)
        header = {"descr": "|u1", "fortran_order": False, "shape": (count,)}
        np.lib.format.write_array_header_1_0(file, header)
        assert file.tell() == start  # NumPy leaves room for a longer shape.


def write_at(path: Path, offset: int, values: np.ndarray) -> None:
    """Writes bytes at an offset; safe from several threads or processes.

    Plain writes, because a full disk then raises OSError, where a memory map kills the process.
    """
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(np.ascontiguousarray(values).data)


class Place(NamedTuple):
    """Where arrays of one shape are: an .npy file, and where its first value is in bytes."""

    file: Path
    start: int

    def write(self, row: int, values: np.ndarray) -> None:
        """Writes the array number `row`."""
        write_at(self.file, self.start + row * values.nbytes, values)


class MapUse:
    """Keeps little of a memory-mapped array in this process's memory, however much is used.

    What is given back stays in the system's cache of files as long as there is room.
    """

    def __init__(self, array: np.ndarray) -> None:
        """Watches `array`; one that is not memory-mapped is left alone."""
        self._map = getattr(array, "_mmap", None)
        self._used = 0

    def add(self, used: int) -> None:
        """Says that so many bytes were read or written since."""
        self._used += used
        if self._map is not None and self._used > KEEP_BYTES:
            self._map.madvise(mmap.MADV_DONTNEED)
            self._used = 0
