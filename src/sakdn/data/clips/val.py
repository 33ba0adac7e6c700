"""Which training clips become val, the side that chooses.

`val` is cut from the training side and never touches test:
* the clips of `val_subjects`, `val_trials`, `val_scenes` or `val_sessions`, where given;
* else, where test asks for people never seen and there are at least 4 training subjects, the last
  one in five of them (4 to 7 subjects give one, 8 to 12 two, ...), so that val asks the same;
* else one in five of each action's recordings, the last trials and sessions first and the subjects
  in turn, so that every action and every subject is in it. It then flatters: it knows the people.
All views of a recording are on one side, as are all spans of a long one where that is possible, and
none of a recording that is in test too is taken.
Only clips with a video and a label are counted, for they choose the student too.
"""

import pandas as pd

from sakdn.data.clips.neighbours import neighbours_of, whole_neighbours
from sakdn.data.clips.recordings import recordings_of, with_label, with_video
from sakdn.data.readers.natural import natural_key

WHOLE_SUBJECTS_FROM = 4
SHARE = 1 / 5


def val_rows(table: pd.DataFrame, unseen_people: bool) -> pd.Index:
    """Rows of the training side that become val.

    Args:
        table: clips table with `split`.
        unseen_people: whether test asks for people never seen.
    """
    train = table[table["split"] == "train"]
    seen = train[with_video(train) & with_label(train)]
    subjects = sorted(seen["subject"].unique(), key=natural_key)
    if unseen_people and len(subjects) >= WHOLE_SUBJECTS_FROM:
        last = subjects[-max(1, round(len(subjects) * SHARE)) :]
        return train.index[train["subject"].isin(last)]
    tested = recordings_of(table)[table["split"] == "test"]
    fresh = seen[~recordings_of(seen).isin(tested)]
    if fresh.empty:
        return fresh.index
    return whole_neighbours(_stratified(fresh), train, neighbours_of(table))


def _stratified(train: pd.DataFrame) -> pd.Index:
    """One in five recordings of each action; last times first, subjects in turn."""
    keys = [key for key in ("trial", "session", "scene") if key in train]
    times = train[keys].apply("_".join, axis=1) if keys else recordings_of(train)
    rank = {name: place for place, name in enumerate(sorted(times.unique(), key=natural_key))}
    people = sorted(train["subject"].unique(), key=natural_key)
    person = train["subject"].map(people.index)
    turn = (person - train["action"]) % len(people)
    ordered = train.assign(time=-times.map(rank), turn=turn)
    recordings = ordered.drop_duplicates(["action", "time", "turn"])
    recordings = recordings.sort_values(["action", "time", "turn"])
    groups = recordings.groupby("action")["clip"]
    wanted = (groups.transform("size") * SHARE).round().clip(lower=1)
    wanted[groups.transform("size") == 1] = 0
    chosen = recordings[groups.cumcount() < wanted]
    keyed = pd.MultiIndex.from_frame(ordered[["action", "time", "turn"]])
    return train.index[keyed.isin(pd.MultiIndex.from_frame(chosen[["action", "time", "turn"]]))]
