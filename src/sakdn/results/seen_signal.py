"""The signal of a clip, to be shown."""

from pathlib import Path

import numpy as np
import pandas as pd

from sakdn.data.clips.parts import parts_of
from sakdn.data.readers.parts import signal_cutter
from sakdn.options.sensors import SignalOptions


def seen_signal(
    root: Path, sensor: str, source: SignalOptions, about: "pd.Series[str]"
) -> np.ndarray:
    """The signal of a clip [samples, axes], with NaN where the file has no value.

    Args:
        root: data root.
        sensor: its name.
        source: where it is in the file.
        about: the clip's row of the clips table, which names the file and what part of it is meant.
    """
    (part,) = parts_of(about.to_frame().T, sensor)
    return signal_cutter(root / about[sensor], source, None)(part)
