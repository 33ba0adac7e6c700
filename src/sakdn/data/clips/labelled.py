"""Few labels out of many: training clips lose theirs, so that only teachers can tell of them."""

import hashlib

import numpy as np
import pandas as pd

from sakdn.base.progress import log
from sakdn.data.clips.recordings import recordings_of, with_label, with_video
from sakdn.options.columns import UNLABELLED
from sakdn.options.split import LabelledOptions


def with_few_labels(table: pd.DataFrame, options: LabelledOptions | None) -> pd.DataFrame:
    """Takes the labels off the training clips that are not chosen; val and test keep theirs.

    Args:
        table: clips table with `split`.
        options: which training clips keep their label, and whether these keep their video.

    Returns:
        The same rows; what is hidden is nowhere in them.
    """
    if options is None:
        return table
    train = table[(table["split"] == "train") & with_label(table)]
    kept = train.index[_kept(train, options)]
    hidden = train.index.difference(kept)
    table = table.copy()
    table.loc[hidden, ["action", "action_name"]] = [UNLABELLED, ""]
    if not options.video:
        table.loc[kept, "video"] = ""
    return table


def _kept(train: pd.DataFrame, options: LabelledOptions) -> np.ndarray:
    """Whether each training clip keeps its label."""
    if options.fraction is not None:
        return _drawn(train, options.fraction, options.seed)
    column, names = options.listed
    return train[column].isin(names).to_numpy()


def _drawn(train: pd.DataFrame, fraction: float, seed: int) -> np.ndarray:
    """A fraction of each action's recordings, at least one; a smaller one is within a larger.

    It depends on the seed and the recordings' names alone: the same on every machine.
    """
    clips = train.assign(recording=recordings_of(train))
    clips["turn"] = [_turn(seed, name) for name in clips["recording"]]
    first = clips.drop_duplicates("recording").sort_values("turn")
    actions = first.groupby("action")["recording"]
    wanted = (actions.transform("size") * fraction).round().clip(lower=1)
    return clips["recording"].isin(first.loc[actions.cumcount() < wanted, "recording"]).to_numpy()


def _turn(seed: int, name: str) -> str:
    return hashlib.blake2b(f"{seed} {name}".encode(), digest_size=8).hexdigest()


def labels_words(clips: pd.DataFrame) -> str:
    """How many training clips have a label, in a sentence; empty where all have one."""
    train = clips[clips["split"] == "train"]
    known = with_label(train)
    if known.all():
        return ""
    seen = int((known & with_video(train)).sum())
    videos = "" if seen == known.sum() else f", {seen or 'none'} of these with a video"
    return f"labels: {known.sum()} of {len(train)} training clips have one{videos}"


def say_labels(clips: pd.DataFrame) -> None:
    """Says in the log what lacks a label."""
    if words := labels_words(clips):
        log(words)
    idle = clips[~with_label(clips) & (clips["split"] != "train")]
    for split, count in idle["split"].value_counts().items():
        log(f"warning: split: {count} {split} clips have no label and are not used there")
