"""The signal of a clip, to be shown."""

from pathlib import Path

import numpy as np
import pandas as pd

from sakdn.data.clips.spans import span_of
from sakdn.data.readers.signals import SignalOptions, timed_signal
from sakdn.data.readers.span import cut_signal


def seen_signal(path: Path, source: SignalOptions, about: "pd.Series[str]") -> np.ndarray:
    """The signal of a clip [samples, axes], with NaN where the file has no value.

    Args:
        path: file of the signal.
        source: where it is in the file.
        about: the clip's row of the clips table, which says what part of the file it is.
    """
    signal, rate_hz = timed_signal(path, source, None)
    return cut_signal(signal, rate_hz, path, span_of(about))
