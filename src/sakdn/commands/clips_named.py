"""Clips that a command line names."""

import glob
from collections.abc import Iterable
from pathlib import Path

from sakdn.base.errors import InputError
from sakdn.data.readers.image_folder import SUFFIXES as IMAGES
from sakdn.data.readers.matfile import find_variable
from sakdn.data.readers.plain_file import as_on_disk

SUFFIXES = {
    *(".3gp", ".avi", ".flv", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv"),
    *(".webm", ".wmv"),
}
APPLE_DOUBLE = "._"  # What macOS keeps beside a file on foreign disks.


def find_videos(names: Iterable[str]) -> list[Path]:
    """Clips named by paths, folders (all below) and glob patterns, each once.

    A clip is what training takes: a video, a folder of images, or a .mat file of depth maps.

    Raises:
        InputError: a folder or pattern without videos.
    """
    found: list[Path] = []
    for name in names:
        path = as_on_disk(name)
        if path.is_dir():
            files = [path] if holds_images(path) else _clips_below(path)
        elif glob.has_magic(name) and not path.exists():
            files = sorted(map(Path, glob.glob(name, recursive=True)))
        else:
            files = [path]
        if not files:
            raise InputError(
                f"{name}: found no video; expected {', '.join(sorted(SUFFIXES))}, images or depth"
                " maps (.mat)"
            )
        found += files
    kept = [path for path in dict.fromkeys(found) if not path.name.startswith(APPLE_DOUBLE)]
    if found and not kept:
        raise InputError(f"{found[0]}: is macOS's note about a file; name the file itself")
    return kept


def _clips_below(folder: Path) -> list[Path]:
    """Videos, depth clips and folders of images; hidden ones are left out."""
    below = [
        path
        for path in sorted(folder.rglob("*"))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    return [
        path
        for path in below
        if path.suffix.lower() in SUFFIXES
        or (path.suffix == ".mat" and _holds_depth(path))
        or (path.is_dir() and holds_images(path))
    ]


def _holds_depth(path: Path) -> bool:
    try:
        return bool(find_variable(path, None, 3))
    except InputError:
        return False


def holds_images(folder: Path) -> bool:
    """Whether a folder is a clip: images, and no videos to which they belong."""
    suffixes = {path.suffix.lower() for path in folder.iterdir() if path.name[0] != "."}
    return bool(suffixes & set(IMAGES)) and not suffixes & SUFFIXES
