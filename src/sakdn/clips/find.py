"""Finds recordings by a path pattern with `{clip}` in it."""

import glob
import os
import re
from pathlib import Path

from sakdn.errors import InputError
from sakdn.progress import log


def find_clips(root: Path, pattern: str, clip_id: str, key: str) -> dict[str, str]:
    """Finds the files below `root` that match `pattern`.

    Args:
        root: folder.
        pattern: relative path with `{clip}`, for example `RGB/{clip}_color.avi`.
        clip_id: regular expression of an id.
        key: config key of the pattern, named in errors.

    Returns:
        Path relative to root, by clip id.

    Raises:
        InputError: no such folder, a pattern without `{clip}`, or nothing matches it.
    """
    if not root.is_dir():
        raise InputError(f"data.root: {root}: no such folder; set it to the folder of the data")
    if "{clip}" not in pattern or Path(pattern).is_absolute():
        raise InputError(f"{key}: found {pattern!r}, expected a path below data.root with {{clip}}")
    parts = pattern.split("{clip}")
    start, *rest = map(re.escape, parts)
    expression = re.compile(f"{start}(?P<clip>{clip_id})" + "(?P=clip)".join(rest))
    matches = root.glob("*".join(map(glob.escape, parts)))
    paths = [path.relative_to(root).as_posix() for path in matches]
    found = {match["clip"]: path for path in paths if (match := expression.fullmatch(path))}
    if not found:
        raise InputError(
            f"{key}: nothing in {root} matches {pattern!r} with {{clip}} = {clip_id};"
            f" {_example(root)}; correct the pattern or data.root"
        )
    if len(found) < len(paths):
        odd = min(set(paths) - set(found.values()))
        log(f"{key}: {len(paths) - len(found)} files have no clip id and are not used, e.g. {odd}")
    return found


def _example(root: Path) -> str:
    for folder, folders, files in os.walk(root):
        folders.sort()
        if files:
            return f"found there for example {os.path.relpath(Path(folder, min(files)), root)!r}"
    return "the folder is empty"
