"""What recordings were when they were read, and whether they are that still.

A file is what it was while its size and date are; where these moved its content decides. Of a
folder of images that holds for all of its files.
"""

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from sakdn.base.errors import InputError
from sakdn.base.files import read_json, sha256_of, write_json

GONE = ""
THREADS = 32
READERS = 4
TRIED = 100  # Files that are looked at one by one, to see how fast the disk is.
SLOW_S = 5e-5


class Fingerprint(NamedTuple):
    """Of a file, or of all files of a folder.

    Attributes:
        look: its size and date; empty if it is not there.
        content: its digest; empty where it cannot be read.
    """

    look: str
    content: str


def look_at(path: str) -> str:
    """Size and date of a file, or of all files in a folder; empty if it is not there."""
    try:
        found = os.stat(path)
        if not stat.S_ISDIR(found.st_mode):
            return f"{found.st_size} {found.st_mtime_ns}"
        with os.scandir(path) as entries:
            looks = sorted((entry.name, *_size_and_date(entry.stat())) for entry in entries)
    except OSError:
        return GONE
    return hashlib.sha256(json.dumps(looks).encode()).hexdigest()


def _size_and_date(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_mtime_ns


def looks_at(paths: Sequence[str]) -> list[str]:
    """`look_at` of many: one after another on a fast disk, many at a time on a slow one."""
    start = time.perf_counter()
    first = [look_at(path) for path in paths[:TRIED]]
    rest = paths[TRIED:]
    if time.perf_counter() - start < SLOW_S * len(first):
        return first + [look_at(path) for path in rest]
    with ThreadPoolExecutor(THREADS) as pool:
        return first + list(pool.map(look_at, rest))


def content_of(path: str) -> str:
    """Digest of a file, or of all files in a folder with their names; empty if unreadable."""
    with suppress(OSError):
        if not os.path.isdir(path):
            return sha256_of(Path(path))
        names = sorted(os.listdir(path))
        each = [(name, sha256_of(Path(path, name))) for name in names if _is_file(path, name)]
        return hashlib.sha256(json.dumps(each).encode()).hexdigest()
    return GONE


def _is_file(folder: str, name: str) -> bool:
    return os.path.isfile(os.path.join(folder, name))


def fingerprint(path: str, before: Mapping[str, Fingerprint] | None = None) -> Fingerprint:
    """Of a recording that is about to be read.

    Args:
        path: its file or folder.
        before: of an earlier time, whose digests hold where size and date are the same.
    """
    look, known = look_at(path), (before or {}).get(path)
    return known if known and known.look == look != GONE else Fingerprint(look, content_of(path))


def fingerprints(
    paths: Iterable[str], before: Mapping[str, Fingerprint] | None = None
) -> dict[str, Fingerprint]:
    """Of many recordings, each once, several at a time."""
    paths = dict.fromkeys(paths)
    with ThreadPoolExecutor(READERS) as pool:
        return dict(zip(paths, pool.map(lambda path: fingerprint(path, before), paths)))


class Kept(NamedTuple):
    """What a job notes down of the recordings that it read.

    Attributes:
        told: what it was told of changes before, see `news`.
        listing: digest of which recordings there were, if the job searched for them.
        recordings: their fingerprints, by path.
    """

    told: str
    listing: str
    recordings: dict[str, Fingerprint]


def write_kept(path: Path | str, kept: Kept) -> None:
    """Notes it down."""
    write_json(path, kept._asdict())


def read_kept(path: Path | str) -> Kept | None:
    """Reads it back; None where there is none."""
    try:
        values: dict[str, Any] = read_json(path)
        prints = {name: Fingerprint(*each) for name, each in values["recordings"].items()}
        return Kept(values["told"], values["listing"], prints)
    except (InputError, KeyError, TypeError, AttributeError):
        return None


def news(path: Path, listing: str = "") -> str:
    """What a job is told: another text once one of the recordings that it read is another.

    The same as the last time as long as nothing changed, or where all recordings are gone, as in a
    run that was given away without them. Where only dates moved these are noted down.

    Args:
        path: what the job noted down; before its first time nothing is known, nor told.
        listing: as it would be found now; empty where nothing is searched for.
    """
    kept = read_kept(path)
    if kept is None:
        return ""
    looks = dict(zip(kept.recordings, looks_at(list(kept.recordings))))
    if looks and not any(looks.values()):
        return kept.told
    moved = [name for name, look in looks.items() if look != kept.recordings[name].look]
    now = {name: Fingerprint(looks[name], content_of(name)) for name in moved}
    changed = {k: v.content for k, v in now.items() if v.content != kept.recordings[k].content}
    found = listing or kept.listing
    if changed or found != kept.listing:
        told = json.dumps([kept.told, found, changed], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]
    if now:
        with suppress(InputError):
            write_kept(path, kept._replace(recordings=kept.recordings | now))
    return kept.told
