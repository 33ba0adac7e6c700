"""Text that was packed by gzip, bzip2, xz or zip, unpacked to no more than is asked for."""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from sakdn.base.errors import InputError

OPENERS: dict[str, Callable[[Path], IO[Any]]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
PACKED = (*OPENERS, ".zip")


def format_of(path: Path) -> str:
    """Suffix of a file in small letters, without that of a packer: `.csv` of `A.CSV.gz`."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes[-1:] and suffixes[-1] in PACKED:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def read_bytes(path: Path, limit: int) -> bytes:
    """Content of a file, unpacked if its suffix says so; at most `limit` bytes of it.

    Raises:
        InputError: it cannot be unpacked.
        OSError: it cannot be read.
    """
    packer = path.suffix.lower()
    if packer not in PACKED:
        with path.open("rb") as file:
            return file.read(limit)
    try:
        if packer == ".zip":
            return _of_zip(path, limit)
        with OPENERS[packer](path) as file:
            return file.read(limit)
    except PermissionError:
        raise
    except (
        OSError,
        EOFError,
        ValueError,
        RuntimeError,  # A zip with a password, or packed in an unknown way.
        zlib.error,
        lzma.LZMAError,
        zipfile.BadZipFile,
    ) as error:
        raise InputError(f"{path}: cannot be unpacked: {error}; copy it again") from error


def _of_zip(path: Path, limit: int) -> bytes:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.startswith("__MACOSX/")]
        if len(names) != 1:
            raise InputError(f"{path}: found {len(names)} files, expected one; unpack it")
        with archive.open(names[0]) as file:
            return file.read(limit)
