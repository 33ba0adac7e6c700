"""Clips that lack a sensor."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sakdn.base.errors import InputError, listed
from sakdn.base.progress import log


def without_missing(
    table: pd.DataFrame, sensors: Sequence[str], policy: str, root: Path
) -> pd.DataFrame:
    """Applies `data.sensors_missing`.

    Args:
        table: clips table; an empty cell, or a file of 0 bytes, is a missing signal.
        sensors: sensor columns.
        policy: `error`, `drop` (leave out the clips that lack a sensor) or `mask` (keep them with
            an empty cell; networks use the sensors that are there).
        root: folder that relative paths refer to.

    Returns:
        The clips in use, same order, index 0..n-1.

    Raises:
        InputError: a sensor is missing and the policy is `error`, or no clip has all sensors.
    """
    sensors = list(sensors)
    if policy != "error":
        table = without_empty(table, sensors, root)
    lacks = table[sensors] == ""
    if not lacks.any(axis=None):
        return table
    if policy == "error":
        places = lacks.stack()
        names = table["video"].where(table["video"] != "", table["clip"])
        problems = [f"{names[row]} has no {name}" for row, name in places[places].index]
        raise InputError(
            f"{len(problems)} signals are missing:\n  {listed(problems)}\nadd them, or set"
            " data.sensors_missing: drop (leave such clips out) or mask (use what is there)"
        )
    for name, count in lacks.sum()[lacks.any()].items():
        log(f"{name}: {count} of {len(table)} clips have no such signal")
    if policy == "mask":
        return table
    kept = table[~lacks.any(axis=1)].reset_index(drop=True)
    log(f"data.sensors_missing: drop: {len(table) - len(kept)} clips are left out")
    if kept.empty:
        raise InputError("data.sensors_missing: drop: no clip has all sensors; use mask")
    return kept


def without_empty(table: pd.DataFrame, sensors: Sequence[str], root: Path) -> pd.DataFrame:
    """Empties the cells of signals whose file has 0 bytes."""
    table = table.copy()
    for name in sensors:
        empty = {path for path in table[name].unique() if path and _is_empty(root / path)}
        table.loc[table[name].isin(empty), name] = ""
    return table


def _is_empty(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except OSError:
        return False
