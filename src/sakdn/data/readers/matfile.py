"""Arrays of MATLAB files of any format since 5, chosen and checked before they are loaded."""

import math
from pathlib import Path

import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.readers.hdf5 import hdf5_variables, is_hdf5, load_hdf5
from sakdn.data.readers.mat5 import Variable, complex_numbers, load_mat5, mat5_variables
from sakdn.data.readers.plain_file import check_plain

NUMERIC = {"double", "single", "logical", "complex"} | {
    f"{u}int{b}" for u in ("", "u") for b in (8, 16, 32, 64)
}
# Deflate makes nothing more than 1032 times smaller.
MAX_EXPANSION = 1032
# By number of dimensions: hours of a signal, a minute of depth maps.
MAX_VALUES = {2: 2**24, 3: 2**27}


def find_variable(
    path: Path | str, variable: str | None, dimensions: int
) -> tuple[str, tuple[int, ...]]:
    """Finds an array in a .mat file without loading it.

    Args:
        path: file of MATLAB format 5 to 7 or 7.3.
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
    return load_hdf5(path, found.name) if is_hdf5(path) else load_mat5(path, found)


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
    if found.kind == "complex":
        raise complex_numbers(path, found.name)
    if not all(found.shape):
        raise InputError(
            f"{path}: variable {found.name} claims shape {found.shape}, so it is empty, expected"
            " values; leave the clip out, or its cell empty"
        )
    if math.prod(found.shape) > MAX_VALUES[dimensions]:
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
        of_7_3 = is_hdf5(path)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; correct its path") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    found = hdf5_variables(path) if of_7_3 else mat5_variables(path)
    for each in found:
        if min(each.shape, default=0) < 0 or math.prod(each.shape) > size * MAX_EXPANSION:
            raise InputError(
                f"{path}: variable {each.name} claims shape {each.shape}, too large for a file of"
                f" {size} bytes; copy it again"
            )
    return found
