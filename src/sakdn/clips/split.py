"""Which side of the split a clip is on: train, val (which chooses) or test.

`val` is cut from the training side and never touches test:
* the subjects of `val_subjects`, or the trials of `val_trials`, where given;
* else, with at least 4 training subjects, the last one in five of them (4 to 7 subjects give one,
  8 to 12 two, ...), so that val asks what test asks, people never seen;
* else one in five of each action's recordings, the last trials first and the subjects in turn, so
  that every action and every subject is in it. It then flatters: it knows the people.
All views of a recording are on one side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from sakdn.checks import one_of
from sakdn.clips.natural import natural_key
from sakdn.errors import InputError
from sakdn.progress import log

PROTOCOLS = {"cross_subject": "subject", "subject_specific": "trial", "column": "split"}
WHOLE_SUBJECTS_FROM = 4
VAL_SHARE = 1 / 5
Names = Sequence[int | str] | None


@dataclass(frozen=True)
class SplitOptions:
    """The config's `split`: a protocol and the subjects or trials of each side.

    Protocol `column` takes the table's own column `split` (and cuts val only if it has none).
    """

    protocol: Literal["cross_subject", "subject_specific", "column"]
    train_subjects: Names = None
    test_subjects: Names = None
    val_subjects: Names = None
    train_trials: Names = None
    test_trials: Names = None
    val_trials: Names = None

    def __post_init__(self) -> None:
        one_of("split.protocol", self.protocol, PROTOCOLS)
        if self.val_subjects and self.val_trials:
            raise InputError("split: found val_subjects and val_trials; keep one of them")


def with_split(table: pd.DataFrame, options: SplitOptions) -> pd.DataFrame:
    """Fills the column `split` and leaves out clips that are on neither side.

    Args:
        table: clips table without split, or with it for protocol `column`.
        options: protocol and lists.

    Returns:
        The clips in use, same order, index 0..n-1.

    Raises:
        InputError: a listed subject or trial without clips, one on both sides, no test clips, or
            an action without training clips.
    """
    column = PROTOCOLS[options.protocol]
    if column not in table:
        raise InputError(f"split.protocol {options.protocol}: the clips have no column {column}")
    names = table.groupby("action")["action_name"].first()
    if options.protocol != "column":
        table = table.assign(split=_sides(table, column, options))
        unused = int((table["split"] == "").sum())
        if unused:
            log(f"split: {unused} clips are of no listed {column} and are left out")
        table = table[table["split"] != ""].reset_index(drop=True)
    table.loc[_val(table, options), "split"] = "val"
    _check_sides(table, names)
    return table


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
    given = options.val_subjects or options.val_trials
    if (table["split"] == "val").any():
        if given:
            raise InputError("split: column split has val clips already; remove split.val_*")
        return table.index[:0]
    if options.val_subjects:
        return train.index[_in_list(train, "subject", given, "split.val_subjects")]
    if options.val_trials:
        if "trial" not in train:
            raise InputError("split.val_trials: the clips have no column trial; remove it")
        return train.index[_in_list(train, "trial", given, "split.val_trials")]
    subjects = sorted(train["subject"].unique(), key=natural_key)
    if options.protocol != "subject_specific" and len(subjects) >= WHOLE_SUBJECTS_FROM:
        last = subjects[-max(1, round(len(subjects) * VAL_SHARE)) :]
        return train.index[train["subject"].isin(last)]
    return _stratified(train)


def _stratified(train: pd.DataFrame) -> pd.Index:
    """One in five recordings of each action; last trials first, subjects in turn."""
    keys = [key for key in ("trial", "scene", "session") if key in train] or ["clip"]
    times = train[keys].apply("_".join, axis=1)
    rank = {name: place for place, name in enumerate(sorted(times.unique(), key=natural_key))}
    people = sorted(train["subject"].unique(), key=natural_key)
    person = train["subject"].map(people.index)
    turn = (person - train["action"]) % len(people)
    ordered = train.assign(time=-times.map(rank), turn=turn)
    recordings = ordered.drop_duplicates(["action", "time", "turn"])
    recordings = recordings.sort_values(["action", "time", "turn"])
    groups = recordings.groupby("action")["clip"]
    wanted = (groups.transform("size") * VAL_SHARE).round().clip(lower=1)
    wanted[groups.transform("size") == 1] = 0
    chosen = recordings[groups.cumcount() < wanted]
    keyed = pd.MultiIndex.from_frame(ordered[["action", "time", "turn"]])
    return train.index[keyed.isin(pd.MultiIndex.from_frame(chosen[["action", "time", "turn"]]))]


def _check_sides(table: pd.DataFrame, names: pd.Series) -> None:
    for split in ("train", "val", "test"):
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
