"""What a reader must know of the clips before believing a number."""

import pandas as pd

from sakdn.data.clips.recordings import (
    in_use,
    recordings_of,
    teaching_split,
    with_label,
    with_video,
)
from sakdn.data.clips.spans import spans_of
from sakdn.data.clips.table import class_names, sensors_of
from sakdn.options.columns import FOLD


def data_notes(clips: pd.DataFrame) -> list[str]:
    """Sentences on shared recordings, what clips lack, and classes without test clips."""
    found = (_folds, _labels, _views, _spans, _overlap, _signals_alone, _missing, _untested)
    return [sentence for about in found for sentence in about(clips)]


def setting(clips: pd.DataFrame) -> list[str]:
    """Few labels, in a sentence for the summary; nothing where all training clips have theirs."""
    train = clips[clips["split"] == "train"]
    known, seen = with_label(train), with_video(train)
    if known.all():
        return []
    first = " in the first fold" if FOLD in clips else ""
    words = f"Few labels: {known.sum()} of {len(train)} training clips{first} have one"
    videos = f"{words}, {(known & seen).sum()} of {seen.sum()} training videos."
    if not guesses_alone(clips):
        return [f"{videos} The student alone sees these only, others all of them."]
    return [
        f"{videos} The student alone has nothing to learn from and guesses: a difference to it is"
        " one to guessing."
    ]


def guesses_alone(clips: pd.DataFrame) -> bool:
    """Whether no training video has a label, so that a student alone can learn nothing."""
    return not ((clips["split"] == "train") & with_label(clips) & with_video(clips)).any()


def _labels(clips: pd.DataFrame) -> list[str]:
    idle = clips[~in_use(clips)]
    told = " Teachers learn from those with a label and tell the students of the others too."
    unused = f"{len(idle)} val or test clips have no label and are not used."
    return [sentence + told for sentence in setting(clips)] + [unused] * bool(len(idle))


def _folds(clips: pd.DataFrame) -> list[str]:
    if FOLD not in clips:
        return []
    return [
        f"Cross-validation in {clips[FOLD].nunique()} folds: every person is tested once, by"
        " networks that never saw that person. Accuracies are over the clips of all folds that"
        " were run; the counts of train, val and test, the sample and the explanations are those"
        " of the first."
    ]


def _views(clips: pd.DataFrame) -> list[str]:
    recordings = recordings_of(clips).nunique()
    if recordings == len(clips):
        return []
    return [
        f"The {len(clips)} clips are views of {recordings} recordings. The views of a recording"
        " share its signals, which teachers see once."
    ]


def _spans(clips: pd.DataFrame) -> list[str]:
    parts = clips[[span is not None for span in spans_of(clips)]]
    if parts.empty:
        return []
    files = parts["video"].where(parts["video"] != "", parts["clip"])
    tested = files.isin(files[parts["split"] == "test"]) & (parts["split"] != "test")
    both = (
        f" {files[tested].nunique()} of them are in test as well as in train or val, which flatters"
        " the result: what is near in time resembles each other."
    )
    return [
        f"{len(parts)} clips are spans of {files.nunique()} longer recordings."
        + both * bool(tested.any())
    ]


def _overlap(clips: pd.DataFrame) -> list[str]:
    recordings, tests = recordings_of(clips), clips["split"] == "test"
    learns = recordings[~tests]
    shared = learns.isin(recordings[tests])
    if not shared.any():
        return []
    taught = recordings[teaching_split(clips) == "train"].nunique()
    return [
        f"Test is not of other recordings: {learns[shared].nunique()} of its"
        f" {recordings[tests].nunique()} recordings are in train or val as well, seen by other"
        f" cameras ({int(shared.sum())} clips). A wearable has no view, so these were kept from"
        f" the teachers and from what they tell the students: teachers learned from {taught}"
        " other recordings, and the students saw the video of the shared ones with its label only."
    ]


def _signals_alone(clips: pd.DataFrame) -> list[str]:
    counts = clips.loc[~with_video(clips), "split"].value_counts()
    if counts.empty:
        return []
    sides = " and ".join(f"{count} in {split}" for split, count in counts.items())
    return [
        f"Clips without a video: {counts.sum()} of {len(clips)} ({sides}). They teach the sensors'"
        " networks; the students neither see them nor are told of them."
    ]


def _missing(clips: pd.DataFrame) -> list[str]:
    counts = {name: int((clips[name] == "").sum()) for name in sensors_of(clips)}
    lacking = [f"{name} {count}" for name, count in counts.items() if count]
    if not lacking:
        return []
    return [
        f"Clips without a sensor: {', '.join(lacking)} of {len(clips)}. Teachers use the sensors"
        " that are there and are tested on the clips that have theirs."
    ]


def _untested(clips: pd.DataFrame) -> list[str]:
    tested = set(clips.loc[clips["split"] == "test", "action"])
    names = [name for label, name in enumerate(class_names(clips)) if label not in tested]
    return [f"Classes without test clips: {', '.join(names)}."] if names else []
