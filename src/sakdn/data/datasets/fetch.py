"""Downloads one file over HTTP: goes on where it was cut off, and checks what it got."""

import math
import shutil
import ssl
import time
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from sakdn.base.errors import InputError
from sakdn.base.progress import log, track

BLOCK_BYTES = 2**20
TIMEOUT_S = 60
FRUITLESS_TRIES = 5
WAIT_S = 1.0
PASSING = (429, 500, 502, 503, 504)


class Interrupted(Exception):
    """The connection broke; another try may go on from there."""


class OtherFile(Interrupted):
    """What is there already is of no use; another try starts anew."""


def fetch(url: str, target: Path) -> None:
    """Downloads `url` to `target`, whole by the size that the server states.

    What came before a cut stays in `<target>.part`, also when the process is killed, and is gone on
    with as long as the server still has the same file.

    Args:
        url: address.
        target: file to write; its folder exists.

    Raises:
        InputError: the server refuses, cannot be reached or keeps cutting off, or the disk is full.
    """
    part = target.with_name(f"{target.name}.part")
    fruitless = 0
    while True:
        before = _size(part)
        try:
            _go_on(url, part)
            break
        except Interrupted as cut:
            if isinstance(cut, OtherFile):
                part.unlink(missing_ok=True)
            fruitless = 0 if _size(part) > before else fruitless + 1
            if fruitless == FRUITLESS_TRIES:
                raise InputError(f"{url}: {cut}; run again later, it goes on from there") from cut
            log(f"{url}: {cut}; going on after {_size(part)} bytes")
            time.sleep(WAIT_S * 2**fruitless)
    part.replace(target)
    _tag(part).unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _tag(part: Path) -> Path:
    """File with what identifies the version of the server's file that `part` is of."""
    return part.with_name(f"{part.name}.version")


def _go_on(url: str, part: Path) -> None:
    """One try. Leaves all that came in `part`; returns once it is whole.

    Raises:
        Interrupted: the connection broke.
        InputError: another try would not help.
    """
    try:
        have = _size(part) if _tag(part).exists() else 0
        headers = {"User-Agent": "sakdn"}
        if have:
            version = _tag(part).read_text(encoding="utf-8")
            headers |= {"Range": f"bytes={have}-"} | ({"If-Range": version} if version else {})
        with _open(url, headers) as response:
            start, total = _range_of(url, response, have)
            if start == 0:
                part.write_bytes(b"")
            _tag(part).write_text(_version_of(response), encoding="utf-8")
            if total is None or start < total:
                _write(response, part, start, total)
    except OSError as error:
        raise InputError(f"{part}: cannot be written: {error.strerror or error}") from error


def _open(url: str, headers: dict[str, str]) -> HTTPResponse | HTTPError:
    """Asks for a file; an answer that is a refusal is an answer too."""
    if not url.startswith(("http://", "https://")):
        raise InputError(f"{url}: expected an address that begins with http:// or https://")
    try:
        return urlopen(Request(url, headers=headers), timeout=TIMEOUT_S)
    except HTTPError as answer:
        return answer
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise InputError(
                f"{url}: its certificate cannot be verified ({reason.verify_message}); if the"
                " server leaves out an intermediate certificate, name a file in SSL_CERT_FILE that"
                " has it beside the usual ones"
            ) from error
        raise Interrupted(f"no connection ({reason})") from error
    except ValueError as error:
        raise InputError(f"{url}: not an address ({error}); correct it") from error


def _version_of(response: HTTPResponse | HTTPError) -> str:
    """Strong ETag or date of change; empty if the server tells neither."""
    tag = response.headers.get("ETag", "W/")
    return response.headers.get("Last-Modified", "") if tag.startswith("W/") else tag


def _range_of(url: str, response: HTTPResponse | HTTPError, have: int) -> tuple[int, int | None]:
    """Where the body starts in the file, and the file's size if the server states it."""
    span, _, total = response.headers.get("Content-Range", "").partition("/")
    if response.status == 416 and total == str(have):
        return have, have
    if response.status == 206 and span.startswith(f"bytes {have}-") and total.isdecimal():
        return have, int(total)
    if response.status in (206, 416):
        raise OtherFile("the server has another file by now")
    found = f"the server answers {response.status} {response.reason}"
    if response.status in PASSING:
        raise Interrupted(found)
    if response.status != 200:
        raise InputError(f"{url}: {found}; correct the address under `download` of the config")
    stated = response.headers.get("Content-Length")
    return 0, int(stated) if stated else None


def _write(response: HTTPResponse | HTTPError, part: Path, start: int, total: int | None) -> None:
    if total is not None and total - start > shutil.disk_usage(part.parent).free:
        raise InputError(
            f"{part.parent}: {total - start} bytes are needed and not free; make room or choose"
            " another folder"
        )
    blocks = None if total is None else math.ceil((total - start) / BLOCK_BYTES)
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        file.truncate()
        name = part.name.removesuffix(".new.part")
        for _ in track(_copy(response, file), name, "MiB", blocks):
            pass
    if total is not None and _size(part) != total:
        raise Interrupted(f"the connection was cut off after {_size(part)} of {total} bytes")


def _copy(response: HTTPResponse | HTTPError, file: BinaryIO) -> Iterator[None]:
    """Copies what comes as it comes, so that a cut loses nothing; yields after each block."""
    size = 0
    while piece := _read(response, BLOCK_BYTES - size % BLOCK_BYTES):
        file.write(piece)
        size += len(piece)
        if size % BLOCK_BYTES == 0:
            yield
    if size % BLOCK_BYTES:
        yield


def _read(response: HTTPResponse | HTTPError, size: int) -> bytes:
    try:
        return response.read1(size)
    except (OSError, HTTPException) as error:
        raise Interrupted("the connection was cut off") from error
