"""Files of unknown origin, opened and read within bounds."""

import io
import os
import stat
from pathlib import Path
from unicodedata import normalize

from sakdn.base.errors import InputError
from sakdn.data.readers.compressed import read_bytes

MAX_TEXT_BYTES = 2**26
MAX_LINE_BYTES = 2**16


def as_on_disk(path: Path | str) -> Path:
    """The path as the disk spells it: macOS writes é as e and an accent, tables as one letter."""
    path = Path(path)
    if os.path.lexists(path):
        return path
    found = Path(path.anchor)
    for part in path.relative_to(path.anchor).parts:
        there = found / part
        if not os.path.lexists(there):
            try:
                names = {normalize("NFC", name): name for name in os.listdir(found)}
            except OSError:
                return path
            if normalize("NFC", part) not in names:
                return path
            there = found / names[normalize("NFC", part)]
        found = there
    return found


def check_plain(path: Path) -> None:
    """Checks that `path` is a file: opening a pipe would wait for ever, a device never ends.

    Raises:
        InputError: it is something else.
        OSError: there is nothing, or it may not be seen.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
        raise InputError(f"{path}: cannot be read: is {kind}, expected a file; correct its path")


def read_text(path: Path | str, encoding: str | None = None) -> str:
    """Reads a text file, packed or not, less its byte order mark.

    Args:
        path: the file.
        encoding: one that Python knows; None for UTF-8.

    Raises:
        InputError: not a file, or one that is too large or has too long a line to be a table.
        OSError: missing or not readable.
        ValueError: not in that encoding.
        LookupError: no such encoding.
    """
    path = Path(path)
    check_plain(path)
    content = read_bytes(path, MAX_TEXT_BYTES + 1)
    if len(content) > MAX_TEXT_BYTES:
        raise InputError(
            f"{path}: found {path.stat().st_size} bytes, expected at most {MAX_TEXT_BYTES} of text;"
            " cut it into smaller files, or store numbers as .npy"
        )
    longest = max(map(len, io.BytesIO(content)), default=0)
    if longest > MAX_LINE_BYTES:
        raise InputError(
            f"{path}: found a line of {longest} bytes, expected at most {MAX_LINE_BYTES};"
            " is it a text file with one row a line?"
        )
    return content.decode(encoding or "utf-8").removeprefix("\ufeff")
