"""No recording lies outside the data root, unless the config says so.

Symbolic links are followed: an archive from elsewhere may hold them, and what they lead to would be
shown in the report. A root that is itself a link is the user's own choice.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache

import pandas as pd

from sakdn.base.errors import InputError, shown
from sakdn.options.data import DataOptions

MAX_NAME_BYTES, MAX_PATH_BYTES = 255, 4095


def refuse_outside(table: pd.DataFrame, sensors: Sequence[str], data: DataOptions) -> None:
    """Checks where the paths of a table lead; of a folder of images, where they lead too.

    Args:
        table: one row a clip; relative paths refer to `data.root`.
        sensors: sensor columns.
        data: where the recordings are, and whether they may be elsewhere.

    Raises:
        InputError: names the first cell that leads outside, or that no file can be called.
    """
    root, base = os.path.abspath(data.root), os.path.realpath(data.root)
    folder_of = cache(os.path.realpath)
    for column in ("video", *sensors):
        for row, cell in table[column].drop_duplicates().items():
            where = f"{data.table}: row {row + 2}" if data.table else data.root
            if _is_too_long(cell):
                raise InputError(
                    f"{where}, column {column}: found {shown(cell)}, expected a path of at most"
                    f" {MAX_PATH_BYTES} bytes and names of at most {MAX_NAME_BYTES}; rename it"
                )
            end = cell and not data.outside_root and _outside(root, base, cell, folder_of)
            if end:
                raise InputError(
                    f"{where}, column {column}: found {shown(cell)}, which leads to {shown(end)}"
                    f" outside data.root ({base}); put it below that folder, or set"
                    " data.outside_root: true"
                )


def _is_too_long(cell: str) -> bool:
    path = os.fsencode(cell)
    return len(path) > MAX_PATH_BYTES or max(map(len, path.split(b"/"))) > MAX_NAME_BYTES


def _outside(root: str, base: str, cell: str, folder_of: Callable[[str], str]) -> str:
    """Where a cell, or a link in its folder of images, leads; empty where that is inside `base`."""
    folder, name = os.path.split(os.path.normpath(os.path.join(root, cell)))
    path = os.path.join(folder_of(folder), name)
    if os.path.islink(path):
        path = os.path.realpath(path)
    ends = [path]
    if os.path.isdir(path):
        with suppress(OSError), os.scandir(path) as entries:  # Reading it will say what is wrong.
            ends += [os.path.realpath(entry.path) for entry in entries if entry.is_symlink()]
    return next((end for end in ends if os.path.commonpath([base, end]) != base), "")
