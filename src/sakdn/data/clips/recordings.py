"""Which clips show the same recording: cameras that look on share its signals."""

import numpy as np
import pandas as pd


def recordings_of(clips: pd.DataFrame) -> pd.Series:
    """Recording of each clip; the clip itself where the table has no such column."""
    return clips["recording"] if "recording" in clips else clips["clip"]


def places_of(clips: pd.DataFrame) -> np.ndarray:
    """Number of each clip's recording, 0, 1, 2, ... in the order of first appearance [clips]."""
    return pd.factorize(recordings_of(clips))[0]


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
