"""Smaller training sides, and test recordings that are held out of the teachers' sight.

Which ones are taken depends on their ids alone: the same on every machine, and the smaller choice
is part of the larger one.
"""

import zlib

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.data.clips.recordings import recordings_of
from sakdn.options.split import SubsetOptions


def subset_rows(train: pd.DataFrame, options: SubsetOptions) -> pd.Index:
    """Rows of the training side that are kept; of every action at least one."""
    if options.kind == "published":
        return train.index[options.fraction - 1 :: options.fraction]
    clips = train.assign(turn=train["clip"].map(_turn)).sort_values("turn")
    actions = clips.groupby("action")["clip"]
    kept = (actions.transform("size") // options.fraction).clip(lower=1)
    return clips.index[actions.cumcount() < kept].sort_values()


def seen_by_teachers(table: pd.DataFrame, share: float) -> pd.Index:
    """Test rows to leave out, so that teachers may learn from their recordings.

    Where another camera decides the side of a clip, every test recording is in train too, and
    teachers, who must not see test recordings, would have nothing to learn from. So a share of
    each action's recordings is held out: these alone are tested, the others alone teach.

    Args:
        table: clips table with both sides.
        share: of the recordings, to hold out; each action keeps at least one for the teachers.

    Raises:
        InputError: no recording is on both sides.
    """
    recordings, tests = recordings_of(table), table["split"] == "test"
    both = tests & recordings.isin(recordings[~tests & (table["split"] != "")])
    if not both.any():
        raise InputError("split.held_out_share: no recording is on both sides; remove it")
    shared = table.assign(recording=recordings)[both].drop_duplicates("recording")
    shared = shared.assign(turn=shared["recording"].map(_turn)).sort_values("turn")
    actions = shared.groupby("action")["recording"]
    count = actions.transform("size")
    wanted = (count * share).round().clip(lower=1).clip(upper=count - 1)
    held_out = shared.loc[actions.cumcount() < wanted, "recording"]
    return table.index[both & ~recordings.isin(held_out)]


def _turn(name: str) -> int:
    return zlib.crc32(name.encode())
