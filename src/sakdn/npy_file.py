"""Large .npy files of bytes, written in pieces and out of order."""

from pathlib import Path

import numpy as np


def create_npy(path: Path, shape: tuple[int, ...]) -> int:
    """Creates a uint8 .npy file of zeros without writing them.

    Returns:
        Offset of the first value in bytes.

    Raises:
        OSError: the file cannot be written.
    """
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        start = file.tell()
        file.truncate(start + int(np.prod(shape, dtype=np.int64)))
    return start


def write_at(path: Path, offset: int, values: np.ndarray) -> None:
    """Writes bytes at an offset; safe from several threads or processes.

    Plain writes, because a full disk then raises OSError, where a memory map kills the process.
    """
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(np.ascontiguousarray(values).data)
