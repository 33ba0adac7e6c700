"""Which clips show the same recording: cameras that look on share its signals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError
from sakdn.options.columns import UNLABELLED


def recordings_of(clips: pd.DataFrame) -> pd.Series:
    """Recording of each clip; the clip itself where the table has no such column."""
    return clips["recording"] if "recording" in clips else clips["clip"]


def places_of(clips: pd.DataFrame) -> np.ndarray:
    """Number of each clip's recording, 0, 1, 2, ... in the order of first appearance [clips]."""
    return pd.factorize(recordings_of(clips))[0]


def with_video(clips: pd.DataFrame) -> np.ndarray:
    """Whether each clip has a video; the others are signals alone, which only teachers see."""
    return (clips["video"] != "").to_numpy()


def with_label(clips: pd.DataFrame) -> np.ndarray:
    """Whether it is known what each clip shows; others are told of by teachers alone."""
    return (clips["action"] != UNLABELLED).to_numpy()


def in_use(clips: pd.DataFrame) -> np.ndarray:
    """Whether each clip serves on its side: without a label none can choose or be tested on."""
    return with_label(clips) | (clips["split"] == "train").to_numpy()


def teaching_split(clips: pd.DataFrame) -> pd.Series:
    """Side of the split of each clip for whatever learns from signals.

    A wearable has no view, so that the signals of a training clip may be those of a test clip that
    another camera took. Whoever learns from signals must not see them. Nor need it see a recording
    once a camera.

    Args:
        clips: clips table.

    Returns:
        As `split`, but empty for training and val clips whose recording is also in test, and for
        all training and val clips of a recording but the first.
    """
    recordings, split = recordings_of(clips), clips["split"]
    learns = split != "test"
    tested = recordings.isin(recordings[~learns])
    again = pd.DataFrame({"recording": recordings, "learns": learns}).duplicated()
    return split.mask(learns & (tested | again), "")


def to_tell(clips: pd.DataFrame) -> np.ndarray:
    """Whether a student can be told of each clip: a training view of its recording has a video."""
    recordings = recordings_of(clips)
    seen = recordings[with_video(clips) & (clips["split"] == "train")]
    return recordings.isin(seen).to_numpy()


def teaching_rows(clips: pd.DataFrame, present: np.ndarray, who: str) -> dict[str, np.ndarray]:
    """Rows by side of the split for a network that learns from signals.

    Where some training clips have no label, those that have one come again, so that an epoch has as
    many steps as all would give: the epochs of a config serve every share of labels.

    Args:
        clips: clips table.
        present: whether each clip has the signals [n].
        who: what learns, for messages.

    Raises:
        InputError: nothing to learn or to choose from.
    """
    split = teaching_split(clips)
    rows = learning_rows(split, present & with_label(clips), who)
    steady = len(split_rows(split, present)["train"])
    return rows | {"train": np.resize(rows["train"], steady)}


def learning_rows(split: Sequence[str], keep: np.ndarray, who: str) -> dict[str, np.ndarray]:
    """`split_rows` for a network that trains on `train` and is chosen on `val`.

    Raises:
        InputError: one of the two is empty, so that nothing could be learnt or chosen.
    """
    rows = split_rows(split, keep)
    for side in ("train", "val"):
        if not len(rows[side]):
            raise InputError(
                f"{who}: no {side} clip has the sensor and a label; give {side} recordings"
                " that have both, or remove the sensor from the config"
            )
    return rows


def split_rows(split: Sequence[str], keep: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Rows of the clips table by side of the split; only those with `keep`, if given."""
    sides = np.asarray(split)
    kept = np.ones(len(sides), bool) if keep is None else keep
    return {side: np.flatnonzero((sides == side) & kept) for side in ("train", "val", "test")}
