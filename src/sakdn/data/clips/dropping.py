"""Clips that are left out because they cannot be used."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.data.clips.missing import without_missing
from sakdn.data.clips.problems import bad_clips, read_problems
from sakdn.data.clips.table import validated
from sakdn.options.data import DataOptions


def usable(
    table: pd.DataFrame, data: DataOptions, sensors: Sequence[str], problems: str | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leaves out bad clips, and those that lack a sensor as `data.sensors_missing` says.

    Args:
        table: all clips.
        data: where they are and the policy.
        sensors: sensor columns.
        problems: table of the data check; None to keep clips whatever it found.

    Returns:
        The clips in use, same order, index 0..n-1; and those left out: `clip,video,reason`.

    Raises:
        InputError: no clips or not all labels are left, or a sensor is missing and must not be.
    """
    bad = bad_clips(read_problems(problems)) if problems else {}
    kept = table[~table["clip"].isin(bad)].reset_index(drop=True)
    if kept.empty:
        raise InputError(f"{problems}: every clip is bad; see there why")
    kept = without_missing(kept, sensors, data.missing, Path(data.root))
    out = table.loc[~table["clip"].isin(kept["clip"]), ["clip", "video"]].reset_index(drop=True)
    if len(out):
        kept = validated(kept, f"data, less {len(out)} clips that cannot be used")
    return kept, out.assign(reason=[bad.get(clip, "lacks a sensor") for clip in out["clip"]])
