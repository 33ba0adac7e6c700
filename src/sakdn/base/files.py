"""Writing files so that a killed job leaves nothing that looks whole."""

import errno
import hashlib
import json
import os
import platform
import re
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from sakdn.base.errors import InputError

HOST = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
TEMPORARY = re.compile(r"\..+\.([0-9a-f]{8})\.(\d+)\.[0-9a-f]{8}\.tmp", re.DOTALL)
NAME_CHARACTERS = 40  # Of the target's name in the temporary one, which has at most 255 bytes.
ROOM_BYTES = 2**16
ABANDONED_S = 24 * 3600
ADVICE: dict[int | None, str] = {
    errno.ENOSPC: "free space",
    errno.EDQUOT: "free space in your quota",
    errno.EFBIG: "raise the limit of file sizes (ulimit -f)",
    errno.EACCES: "make the folder writable",
    errno.EROFS: "make the folder writable",
}


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yields a temporary path beside `path`; renames it to `path` on success.

    On an exception the temporary file is removed and `path` is untouched. What killed processes
    left in the folder is removed first.

    Raises:
        InputError: the folder cannot be written or the disk is full.
    """
    path = Path(path)
    writer = f"{HOST}.{os.getpid()}.{secrets.token_hex(4)}"
    temporary = path.with_name(f".{path.name[:NAME_CHARACTERS]}.{writer}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path.parent)
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def make_folder(path: Path) -> None:
    """Makes a folder, and those above it, if they are not there.

    Raises:
        InputError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def check_writable(folder: Path) -> None:
    """Raises InputError if a small file cannot be written to a folder."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(ROOM_BYTES))
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(path: Path, error: OSError) -> InputError:
    advice = ADVICE.get(error.errno)
    todo = f"; {advice}, then run the same command again" if advice else ""
    return InputError(f"{path}: cannot be written: {error.strerror or error}{todo}")


@cache
def remove_abandoned(folder: Path) -> None:
    """Removes temporary files from `folder` whose writer was killed.

    It is gone from this machine or, on another one that shares the folder, silent for a day. Each
    folder is looked at once.
    """
    for path in folder.iterdir():
        match = TEMPORARY.fullmatch(path.name)
        with suppress(OSError):
            if match and _is_abandoned(path, host=match[1], process=int(match[2])):
                path.unlink()


def _is_abandoned(path: Path, host: str, process: int) -> bool:
    if host != HOST:
        return time.time() - path.stat().st_mtime > ABANDONED_S
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """Whether it has ended and nobody asked how: in containers it may be so for good."""
    with suppress(OSError, IndexError):  # Other systems than Linux have no such file.
        state = Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2]
        return state.split()[0] == "Z"
    return False


def write_json(path: Path | str, value: Any) -> None:
    """Writes `value` as indented JSON, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def read_json(path: Path | str) -> Any:
    """Reads a JSON file.

    Raises:
        InputError: the file is missing or is not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: not JSON: {error}") from error


def sha256_of(path: Path) -> str:
    """Checksum of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
