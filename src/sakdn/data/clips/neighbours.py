"""Clips that are near in time: spans of one long recording."""

import numpy as np
import pandas as pd

from sakdn.base.progress import log
from sakdn.data.clips.recordings import places_of, recordings_of, with_label
from sakdn.data.clips.spans import spans_of
from sakdn.data.clips.table import sensors_of


def neighbours_of(clips: pd.DataFrame) -> "pd.Series[int]":
    """A number that clips share which are views of one recording, or spans of one file."""
    cut = np.array([span is not None for span in spans_of(clips)], bool)
    keys = [recordings_of(clips)] if len(clips) else []
    for column in ("video", *sensors_of(clips)):
        files = clips[column].where(cut & (clips[column] != ""))
        keys += [files] if files.notna().any() else []
    group, before = pd.Series(places_of(clips), clips.index), None
    while before is None or not group.equals(before):
        before = group
        for key in keys:
            group = group.groupby(key).transform("min").fillna(group).astype(int)
    return group


def whole_neighbours(
    chosen: pd.Index, train: pd.DataFrame, neighbours: "pd.Series[int]"
) -> pd.Index:
    """Rows chosen for val, changed so that neighbours are on one side, as many as can be.

    Args:
        chosen: rows of the training side.
        train: clips of the training side.
        neighbours: of all clips, from `neighbours_of`.

    Returns:
        About as many rows; those given, with a warning, where no other choice leaves every action
        a training clip.
    """
    groups, picked = neighbours[train.index], pd.Series(train.index.isin(chosen), train.index)
    shares = picked.groupby(groups).mean()
    torn = shares[(shares > 0) & (shares < 1)][::-1].sort_values(ascending=False, kind="stable")
    val, known = picked & ~groups.isin(torn.index), with_label(train)
    for group in torn.index:
        with_group = val | (groups == group)
        left = train.loc[~with_group & known, "action"].nunique()
        if val.sum() < picked.sum() and left == train.loc[known, "action"].nunique():
            val = with_group
    if val.any() or not picked.any():
        return train.index[val]
    log(
        "warning: split: train and val have clips of the same long recordings, which flatters the"
        " choice of epochs; add recordings, or a column split"
    )
    return chosen
