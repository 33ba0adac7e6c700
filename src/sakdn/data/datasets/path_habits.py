r"""Paths in a clips table as other programs write them: `videos\a.mp4`, or the root once more.

Such a mistake is in every row, so that it is said once.
"""

import os
from collections.abc import Sequence
from pathlib import PurePath

import pandas as pd

from sakdn.base.errors import InputError, shown


def refuse_habits(table: pd.DataFrame, columns: Sequence[str], root: str, where: str) -> None:
    """Checks that paths have slashes and do not begin with the root; a name may have either.

    Args:
        table: one row a clip.
        columns: of paths, which are relative to `root`.
        root: folder of the recordings.
        where: how an error names the table.

    Raises:
        InputError: names the first such cell, how many there are and what it should be.
    """
    for column in columns:
        cells = table[column].drop_duplicates()
        for row, cell in cells.items():
            better = _better(cell, root)
            if better and not os.path.lexists(os.path.join(root, cell)):
                what = "a backslash" if "\\" in cell else f"data.root ({root}) once more"
                alike = sum(bool(_better(other, root)) for other in table[column])
                raise InputError(
                    f"{where}: row {row + 2}, column {column}: found {shown(cell)}, which has"
                    f" {what}, as {alike} of {len(table)} rows have; paths are relative to"
                    f" data.root and have slashes: write {shown(better)}"
                )


def _better(cell: str, root: str) -> str:
    """The path as it is meant, if it has a backslash or the root in front; else empty."""
    path = cell.replace("\\", "/")
    parts, above = PurePath(path).parts, PurePath(root).parts
    if above and not PurePath(path).is_absolute() and parts[: len(above)] == above:
        return str(PurePath(*parts[len(above) :]))
    return path if path != cell else ""
