"""Public files: got, checked against the first download; archives are unpacked."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, read_json, sha256_of, write_json
from sakdn.base.progress import track
from sakdn.data.datasets.fetch import fetch


def get(url: str, folder: Path, record: Path, test: Callable[[Path], None]) -> Path:
    """Downloads a file, if it is not there, and checks it.

    Size and checksum are recorded at the first success; after that the file must have the same.

    Args:
        url: address.
        folder: where the file is put.
        record: JSON file of sizes and checksums by address.
        test: raises InputError for a file that is not what it should be; asked where the record
            does not know better.

    Raises:
        InputError: it cannot be downloaded, or fails the test or is not that of the record. What
            was downloaded is then removed.
    """
    known = read_json(record) if record.exists() else {}
    target = folder / (unquote(PurePosixPath(urlsplit(url).path).name) or "download.zip")
    expected = known.get(url)
    if target.exists():
        _check(target, expected, test, f"delete it to download {url} again")
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made: {error.strerror}") from error
    fresh = target.with_name(f"{target.name}.new")
    fetch(url, fresh)
    try:
        advice = f"if {url} has rightly changed, delete it from {record}"
        found = _check(fresh, expected, test, advice)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    write_json(record, known | {url: found})
    return target


def forget(url: str, path: Path, record: Path) -> None:
    """Removes a downloaded file that turned out to be of no use, and what is recorded of it."""
    path.unlink()
    write_json(record, {key: value for key, value in read_json(record).items() if key != url})


def check_sha256(path: Path, sha256: str) -> None:
    """Raises InputError if the checksum of a file does not begin with `sha256`."""
    if not (found := sha256_of(path)).startswith(sha256):
        raise InputError(
            f"{path}: found sha256 {found}, expected one that begins with {sha256}, as published;"
            " it came damaged or is another file, run again"
        )


def _check(
    path: Path, expected: dict[str, Any] | None, test: Callable[[Path], None], otherwise: str
) -> dict[str, Any]:
    """Size and checksum of a file, which must be those expected, if any."""
    found = {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
    for key in ("bytes", "sha256"):
        if expected is not None and found[key] != expected.get(key):
            raise InputError(
                f"{path}: found {found[key]} {key}, expected {expected.get(key)} as at the first"
                f" download; {otherwise}"
            )
    if expected is None:
        test(path)
    return found


def check_archive(path: Path) -> None:
    """Reads a zip archive to its end; raises InputError if it is damaged."""
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(f"{path}: truncated or not a zip archive ({error}); run again") from error
    if damaged:
        raise InputError(f"{path}: {damaged} in it is damaged; run again")


def unpack(path: Path, folder: Path, own_folder: bool) -> None:
    """Unpacks what is not there yet; a file of the right size is taken for done.

    Args:
        path: zip archive.
        folder: where to.
        own_folder: an archive without folders in it gets one of its name.

    Raises:
        InputError: a file's path leads out of the folder, or there is too little room.
    """
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if own_folder and not any("/" in member.filename for member in members):
            folder = folder / path.stem
        missing = [member for member in members if not _is_done(folder, member, path)]
        size, free = sum(each.file_size for each in missing), shutil.disk_usage(path.parent).free
        if size > free:
            raise InputError(
                f"{path}: unpacked it has {size} bytes, but {free} are free; make room or choose"
                " another folder"
            )
        for member in track(missing, f"unpack {path.name}", "files"):
            with (
                archive.open(member) as source,
                atomic_path(folder / member.filename) as temporary,
                temporary.open("wb") as file,
            ):
                shutil.copyfileobj(source, file)


def _is_done(folder: Path, member: zipfile.ZipInfo, path: Path) -> bool:
    """Whether a file of the archive at `path` is there; one outside of `folder` is refused."""
    target = folder / member.filename
    if not target.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"{path}: {member.filename} leads out of its folder; delete it")
    return target.exists() and target.stat().st_size == member.file_size
