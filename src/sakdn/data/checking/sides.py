"""What is odd about the sides of the split: classes, and files that are on two of them."""

from collections.abc import Iterator

import pandas as pd

from sakdn.data.clips.problems import Finding, Problem
from sakdn.data.clips.recordings import recordings_of, with_label, with_video
from sakdn.data.clips.table import SPLITS

IMBALANCE = 5


def odd_classes(clips: pd.DataFrame) -> Iterator[Problem]:
    """Classes that a side has none of, or few of against its largest."""
    clips = clips[with_label(clips)]
    names = clips.groupby("action")["action_name"].first()
    for split in SPLITS:
        counts = clips.loc[clips["split"] == split, "action"].value_counts()
        counts = counts.reindex(names.index, fill_value=0)
        absent = names[counts == 0]
        if len(absent):
            found = f"{split} has no clips of {', '.join(map(repr, absent))}"
            yield Problem("", "", Finding("label_gap", "warning", found))
        seen = clips.loc[(clips["split"] == split) & with_video(clips), "action"]
        unseen = names[(counts > 0) & ~names.index.isin(seen)]
        if len(unseen):
            found = f"{split} has no videos of {', '.join(map(repr, unseen))}, only signals"
            yield Problem("", "", Finding("label_gap", "warning", found))
        there = counts[counts > 0]
        if len(there) and there.max() >= IMBALANCE * there.min():
            found = (
                f"{split} has {there.max()} clips of {names[there.idxmax()]!r} but"
                f" {there.min()} of {names[there.idxmin()]!r}"
            )
            yield Problem("", "", Finding("imbalance", "warning", found))


def same_videos(clips: pd.DataFrame, digests: pd.Series) -> Iterator[Problem]:
    """Videos of one content in several clips; an error in a clip that learns from a test clip's.

    Args:
        clips: clips table, with `split` empty where a clip is on no side.
        digests: of the video of each clip; empty for none.
    """
    yield from _same(clips.assign(file=clips["video"], digest=digests), clips["clip"])


def same_signals(clips: pd.DataFrame, sensor: str, digests: pd.Series) -> Iterator[Problem]:
    """Signals of one content in several recordings; args as for `same_videos`.

    Views share the signals of their recording, and none of a recording in test teaches.
    """
    recordings = recordings_of(clips)
    tested = recordings.isin(recordings[clips["split"] == "test"])
    sides = clips["split"].mask(tested, "test")
    yield from _same(clips.assign(file=clips[sensor], digest=digests, split=sides), recordings)


def _same(rows: pd.DataFrame, owner: pd.Series) -> Iterator[Problem]:
    """Problems of rows (clip, file, split, digest) whose digest has several owners."""
    rows = rows.assign(owner=owner)[rows["digest"] != ""]
    owners = rows.groupby("digest")["owner"].transform("nunique")
    for _, group in rows[owners > 1].groupby("digest", sort=False):
        tests = group[group["split"] == "test"]
        first = (group if tests.empty else tests).iloc[0]
        for row in group[group["owner"] != first["owner"]].itertuples():
            leaks = not tests.empty and row.split in ("train", "val")
            found = f"is the same as {first['file']} of clip {first['clip']}"
            if leaks:
                found = f"{found}, which is in test, and would flatter the result"
            finding = Finding("same_file", "error" if leaks else "warning", found)
            yield Problem(row.clip, row.file, finding)
