"""Clips of signals: whole files, or spans of one, which is then read once."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from sakdn.data.readers.signals import Read, timed_signal
from sakdn.data.readers.span import Span, cut_signal
from sakdn.options.sensors import SignalOptions


class Part(NamedTuple):
    """What a clip is of a file.

    Attributes:
        span: in seconds of the clip's video; None for the whole file.
        offset_s: how long after the video a sensor was started, besides what its options say.
    """

    span: Span | None = None
    offset_s: float = 0.0


def signal_cutter(
    path: Path,
    options: SignalOptions,
    nan: Literal["error", "interpolate"] | None,
    read: Read | None = None,
) -> Callable[[Part], np.ndarray]:
    """Reads a signal as `timed_signal`, for parts of it [samples, axes] at the video's time.

    Raises:
        InputError: a file that cannot be read; when called, as `cut_signal`.
    """
    signal, rate_hz = timed_signal(path, options, nan, read)

    def cut(part: Part) -> np.ndarray:
        return cut_signal(signal, rate_hz, path, part.span, options.offset_s + part.offset_s)

    return cut
