"""Arrays of MATLAB files, checked before memory is given to them."""

import math
import struct
from pathlib import Path

import numpy as np
import scipy.io

from sakdn.errors import InputError

NUMERIC = {"double", "single", "logical"} | {
    f"{u}int{b}" for u in ("", "u") for b in (8, 16, 32, 64)
}
# Deflate makes nothing more than 1032 times smaller.
MAX_EXPANSION = 1032
MAX_VALUES = 2**28
HEADER_BYTES = 128


def find_variable(
    path: Path | str, variable: str | None, dimensions: int
) -> tuple[str, tuple[int, ...]]:
    """Finds an array in a .mat file without loading it.

    Args:
        path: file of MATLAB format 4 to 7.
        variable: its name; None for the file's only numeric array of so many dimensions.
        dimensions: how many dimensions it must have.

    Returns:
        Name and shape.

    Raises:
        InputError: truncated, damaged or newer file, no such variable, wrong dimensions, or a
            size that the file cannot hold.
    """
    arrays = _describe(Path(path))
    fitting = [
        name
        for name, (shape, kind) in arrays.items()
        if kind in NUMERIC and len(shape) == dimensions and variable in (None, name)
    ]
    if len(fitting) != 1:
        there = ", ".join(f"{name} {shape} {kind}" for name, (shape, kind) in arrays.items())
        wanted = f"variable {variable!r}" if variable else "exactly one numeric variable"
        raise InputError(
            f"{path}: found {there or 'no variables'}; expected {wanted} of {dimensions}"
            " dimensions; correct the file or the variable's name"
        )
    return fitting[0], arrays[fitting[0]][0]


def load_array(path: Path | str, variable: str | None, dimensions: int) -> np.ndarray:
    """Loads an array from a .mat file, in the type that it is stored in.

    Args and errors as for `find_variable`.
    """
    name, _ = find_variable(path, variable, dimensions)
    try:
        return scipy.io.loadmat(path, variable_names=[name])[name]
    except Exception as error:  # The parser raises of every kind on damaged input.
        raise InputError(f"{path}: damaged: {error}; copy it again") from error


def _describe(path: Path) -> dict[str, tuple[tuple[int, ...], str]]:
    """Shape and type of every variable."""
    try:
        size = path.stat().st_size
        arrays = {name: (shape, kind) for name, shape, kind in scipy.io.whosmat(path)}
        whole = _is_whole(path, size)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; correct its path") from error
    except NotImplementedError as error:
        raise InputError(f"{path}: is of format 7.3 (HDF5); save it with -v7") from error
    except Exception as error:  # The parser raises of every kind on damaged input.
        raise InputError(
            f"{path}: truncated or not a .mat file ({error}); copy it again"
        ) from error
    if not whole:
        raise InputError(f"{path}: truncated: {size} bytes are too few; copy it again")
    for name, (shape, _) in arrays.items():
        if math.prod(shape) > min(MAX_VALUES, size * MAX_EXPANSION):
            raise InputError(
                f"{path}: variable {name} claims shape {shape}, too large for a file of {size}"
                " bytes; copy it again"
            )
    return arrays


def _is_whole(path: Path, size: int) -> bool:
    """Whether the elements of a format 5 file end where the file ends."""
    with path.open("rb") as file:
        order = {b"IM": "<", b"MI": ">"}.get(file.read(HEADER_BYTES)[126:])
        if order is None:
            return True
        end = HEADER_BYTES
        while end < size:
            file.seek(end)
            tag = file.read(8)
            if len(tag) < 8:
                return False
            end += 8 + struct.unpack(f"{order}II", tag)[1]
    return end == size
