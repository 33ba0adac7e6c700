"""Which side of the split a clip is on: train, val (which chooses) or test."""

from collections.abc import Sequence

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.progress import log
from sakdn.data.clips.folds import held_out, split_of_fold, with_folds
from sakdn.data.clips.recordings import recordings_of, teaching_split, with_video
from sakdn.data.clips.thin import seen_by_teachers, subset_rows
from sakdn.data.clips.val import val_rows
from sakdn.data.readers.natural import natural_key
from sakdn.options.split import Names, SplitOptions

PROTOCOLS = {
    "cross_subject": "subject",
    "cross_view": "view",
    "cross_scene": "scene",
    "cross_session": "session",
    "subject_specific": "trial",
    "column": "split",
}
SIDES = ("train", "val", "test")
UNSEEN_PEOPLE = ("cross_subject", "column")


def with_split(table: pd.DataFrame, options: SplitOptions) -> pd.DataFrame:
    """Fills the column `split` and leaves out clips that are on neither side.

    Args:
        table: clips table without split, or with it for protocol `column`.
        options: protocol, lists, subset.

    Returns:
        The clips in use, same order, index 0..n-1.

    Raises:
        InputError: a listed subject or trial without clips, one on both sides, no test clips, an
            action without training clips, or no recordings for the teachers.
    """
    if options.protocol == "cross_validation":
        return in_fold(with_folds(table, options), 0, options.by)
    column = PROTOCOLS[options.protocol]
    if column not in table:
        raise InputError(f"split.protocol {options.protocol}: the clips have no column {column}")
    names = table.groupby("action")["action_name"].first()
    if options.protocol != "column":
        table = table.assign(split=_sides(table, column, options))
        _drop(table, table.index[table["split"] == ""], f"are of no listed {column}")
    else:
        table = table.copy()
    if options.held_out_share is not None:
        seen = seen_by_teachers(table, options.held_out_share)
        _drop(table, seen, "are test clips of recordings that teachers learn from")
    if options.subset is not None:
        train = table[table["split"] == "train"]
        rest = train.index.difference(subset_rows(train, options.subset))
        _drop(table, rest, "are not in split.subset")
    table = table[table["split"] != ""].reset_index(drop=True)
    table.loc[_val(table, options), "split"] = "val"
    _check_teaching(table)
    _check_sides(table, names)
    return table


def in_fold(table: pd.DataFrame, number: int, by: str) -> pd.DataFrame:
    """Fills the column `split` of a table with folds as it is when fold `number` is tested.

    Args:
        table: of `folds.with_folds`.
        number: of a fold, from 0.
        by: column whose values stay together.

    Raises:
        InputError: an action without training clips, or other sides that cannot be used.
    """
    table = table.assign(split=split_of_fold(table, number, by))
    _check_teaching(table)
    _check_sides(table, table.groupby("action")["action_name"].first())
    return table


def in_tune_fold(table: pd.DataFrame, number: int, folds: int) -> pd.DataFrame:
    """The training side alone, as it is when the people of one fold are `val`.

    Args:
        table: clips table with `split`; what was val trains or is held out as the rest.
        number: of the fold, from 0.
        folds: how many there are.

    Returns:
        Clips of `train` and `val`, index 0..n-1; nobody and nothing that is tested.

    Raises:
        InputError: fewer people than folds, or sides that cannot be used.
    """
    table = table[table["split"] != "test"].reset_index(drop=True)
    held = table["subject"].isin(held_out(table, number, folds))
    table = table.assign(split=held.map({True: "val", False: "train"}))
    _check_sides(table, table.groupby("action")["action_name"].first(), ("train", "val"))
    return table


def _drop(table: pd.DataFrame, rows: pd.Index, why: str) -> None:
    """Takes rows off both sides, and says so."""
    table.loc[rows, "split"] = ""
    if len(rows):
        log(f"split: {len(rows)} clips {why} and are left out")


def _sides(table: pd.DataFrame, column: str, options: SplitOptions) -> pd.Series:
    side = pd.Series("", index=table.index)
    for split in ("train", "test"):
        key = f"split.{split}_{column}s"
        chosen = _in_list(table, column, getattr(options, f"{split}_{column}s"), key)
        if (chosen & (side != "")).any():
            both = table.loc[chosen & (side != ""), column].iloc[0]
            raise InputError(f"{key}: {column} {both!r} is in train too; remove it from one side")
        side[chosen] = split
    return side


def _in_list(table: pd.DataFrame, column: str, names: Names, key: str) -> "pd.Series[bool]":
    """Rows whose `column` is listed; every name must occur."""
    if not names:
        raise InputError(f"{key}: is missing or empty; list the {column}s of that side")
    wanted = [str(name) for name in names]
    there = sorted(set(table[column]), key=natural_key)
    for name in wanted:
        if name not in there:
            raise InputError(
                f"{key}: no clip of {column} {name!r}; there are {', '.join(there)}; correct it"
            )
    return table[column].isin(wanted)


def _val(table: pd.DataFrame, options: SplitOptions) -> pd.Index:
    """Rows of the training side that become val."""
    train = table[table["split"] == "train"]
    if train.empty:
        raise InputError("split: no clip is on the training side; correct split")
    if (table["split"] == "val").any():
        if options.val_lists:
            raise InputError("split: column split has val clips already; remove split.val_*")
        return table.index[:0]
    for column, names in options.val_lists.items():
        if column not in train:
            raise InputError(f"split.val_{column}s: the clips have no column {column}; remove it")
        return train.index[_in_list(train, column, names, f"split.val_{column}s")]
    return val_rows(table, options.protocol in UNSEEN_PEOPLE)


def _check_sides(table: pd.DataFrame, names: pd.Series, sides: Sequence[str] = SIDES) -> None:
    _check_videos(table)
    for split in sides:
        clips = table[table["split"] == split]
        if clips.empty:
            raise InputError(f"split: no clip is in {split}; give it subjects or trials")
        absent = names[~names.index.isin(clips["action"])].tolist()
        if absent and split == "train":
            raise InputError(
                f"split: action {absent[0]!r} has no training clips; move some to the training"
                " side or leave the action out"
            )
        if absent:
            log(f"warning: split: {split} has no clips of {', '.join(map(repr, absent))}")
    log("split: " + ", ".join(f"{n} {split}" for split, n in table["split"].value_counts().items()))


def _check_videos(table: pd.DataFrame) -> None:
    """Every test clip has a video, and the student some to learn from and to be chosen on."""
    alone = table[~with_video(table)]
    if (alone["split"] == "test").any():
        clip = alone.loc[alone["split"] == "test", "clip"].iloc[0]
        raise InputError(
            f"split: clip {clip} is in test but has no video, on which students are tested; add its"
            " video, move it to train or take its row out of the table"
        )
    for split in ("train", "val"):
        side = table[table["split"] == split]
        if len(side) and not with_video(side).any():
            raise InputError(
                f"split: no clip in {split} has a video, which the student needs there; give"
                f" {split} recordings with a video"
            )
    if len(alone):
        log(f"split: {len(alone)} clips have no video and teach the sensors' networks only")


def _check_teaching(table: pd.DataFrame) -> None:
    """Teachers must have recordings to learn from, none of which is in test."""
    recordings, side = recordings_of(table), teaching_split(table)
    in_val = recordings.isin(recordings[table["split"] == "val"])
    torn = table[in_val & (table["split"] == "train")]
    if len(torn):
        raise InputError(
            f"split: clip {torn['clip'].iloc[0]} is in train, and val has another view of its"
            " recording; move all views to one side"
        )
    both = recordings[table["split"] == "test"].isin(recordings[table["split"] != "test"])
    if not both.any():
        return
    log(
        f"split: {int(both.sum())} test clips are of recordings that train or val sees from another"
        " camera; no teacher learns from those"
    )
    for split in ("train", "val"):
        if not (side == split).any():
            raise InputError(
                f"split: every recording in {split} is in test as well, so that teachers, who must"
                " not see it there, have nothing to learn from; set split.held_out_share, for"
                " example to 0.2"
            )
