"""Arrays of MATLAB files of format 7.3, which are HDF5 files."""

from pathlib import Path
from typing import Any

import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.readers.mat5 import Variable

MAGIC = b"\x89HDF\r\n\x1a\n"
# MATLAB writes its own header before; the magic number stands at 0, 512, 1024, 2048, ...
PLACES = (0, 512, 1024, 2048)


def is_hdf5(path: Path) -> bool:
    """Whether a file is one of HDF5.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(PLACES[-1] + len(MAGIC))
    return any(start[place:].startswith(MAGIC) for place in PLACES)


def hdf5_variables(path: Path) -> list[Variable]:
    """Everything that is in a file, described.

    Raises:
        InputError: truncated or damaged.
    """
    with _Opened(path) as file:
        return [described for name in file if (described := _described(file, name))]


def load_hdf5(path: Path, name: str) -> np.ndarray:
    """Values of a variable, as MATLAB sees them.

    Raises:
        InputError: truncated or damaged.
    """
    with _Opened(path) as file:
        return file[name][()].T


class _Opened:
    """An HDF5 file; whatever goes wrong in it is one error."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Any:
        import h5py

        try:
            self.file = h5py.File(self.path, "r")
        except Exception as error:  # The library raises of every kind on damaged input.
            raise self._damaged(error) from error
        return self.file

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.file.close()
        if isinstance(error, Exception) and not isinstance(error, InputError):
            raise self._damaged(error) from error

    def _damaged(self, error: BaseException) -> InputError:
        return InputError(
            f"{self.path}: truncated or not a .mat file of format 7.3 ({error}); copy it again or"
            " save it with -v7"
        )


def _described(file: Any, name: str) -> Variable | None:
    """A variable of a file; None for what lies in other files, or belongs to MATLAB itself."""
    import h5py

    if name.startswith("#") or not isinstance(file.get(name, getlink=True), h5py.HardLink):
        return None
    item = file[name]
    if not isinstance(item, h5py.Dataset):
        return Variable(name, (1, 1), "struct")
    if item.external or item.is_virtual:
        return None
    kind = item.attrs.get("MATLAB_class", b"")
    kind = kind.decode("ascii", "replace") if isinstance(kind, bytes) else str(kind)
    if "MATLAB_empty" in item.attrs:
        return Variable(name, tuple(map(int, item[:4])), kind)
    if item.dtype.names:
        kind = "complex"
    elif not kind and item.dtype.kind in "iuf":
        kind = "double"
    return Variable(name, tuple(map(int, reversed(item.shape))), kind)
