"""A clip that is a span of a long recording: in seconds of its video and of its signals."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.readers.alignment import aligned

SLACK_S = 0.1  # A rounded end may lie so far behind the file's.
HAIR_S = 1e-6


@dataclass(frozen=True)
class Span:
    """From `start_s` until before `end_s`, in seconds from the first frame of the video."""

    start_s: float
    end_s: float

    def check(self, path: Path | str, seconds: float | None, offset_s: float = 0.0) -> None:
        """Checks that a file that lasts so many seconds holds the span.

        Args:
            path: the file, named in errors.
            seconds: how long it lasts; None if unknown.
            offset_s: when it was started, in seconds after the video.

        Raises:
            InputError: it does not, or how long it lasts is not known.
        """
        if seconds is None:
            raise InputError(
                f"{path}: has neither a rate nor time stamps, so that start_s and end_s cannot be"
                " found in it; set the sensor's rate_hz, or cut the file and empty both cells"
            )
        if self.start_s < offset_s - SLACK_S or self.end_s > offset_s + seconds + SLACK_S:
            found, remedy = f"lasts {seconds:.2f} s", ""
            if offset_s:
                found = f"is of {offset_s:.2f} to {offset_s + seconds:.2f} s of the video"
                remedy = ", or the sensor's offset_s"
            raise InputError(
                f"{path}: {found}, but a clip is of {self.start_s:g} to {self.end_s:g} s; correct"
                f" its start_s and end_s{remedy}"
            )

    def inside(self, times_s: np.ndarray) -> np.ndarray:
        """Which of these ascending times lie in the span: their indices."""
        first, last = np.searchsorted(times_s, [self.start_s - HAIR_S, self.end_s - HAIR_S])
        return np.arange(first, last)


def cut_signal(
    signal: np.ndarray,
    rate_hz: float | None,
    path: Path | str,
    span: Span | None,
    offset_s: float = 0.0,
) -> np.ndarray:
    """The samples of a span, or of the whole file at the video's time.

    Args:
        signal: of the whole file, equally spaced from the recording's start [samples, axes].
        rate_hz: of the samples; None if unknown.
        path: the file, named in errors.
        span: in seconds of the video; None for the whole file.
        offset_s: how long after the video the sensor was started.

    Raises:
        InputError: the file does not hold the span, or its rate is unknown, or the span has fewer
            than two samples.
    """
    if span is None:
        return aligned(signal, offset_s, rate_hz, Path(path))
    span.check(path, len(signal) / rate_hz if rate_hz else None, offset_s)
    part = signal[span.inside(np.arange(len(signal)) / (rate_hz or 1) + offset_s)]
    if len(part) < 2:
        raise InputError(
            f"{path}: found {len(part)} samples from {span.start_s:g} to {span.end_s:g} s, expected"
            " at least 2; correct start_s and end_s"
        )
    return part
