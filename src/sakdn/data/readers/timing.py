"""When the frames of a video are shown."""

from dataclasses import dataclass

import numpy as np

OFF_BY_FRAMES = 0.5


@dataclass(frozen=True)
class Timing:
    """When frames are shown.

    Attributes:
        frames: how many.
        rate_hz: frames a second, on average where they come unevenly; None if unknown.
        times_s: of each frame from the first [frames] where they come unevenly, else None.
    """

    frames: int
    rate_hz: float | None
    times_s: np.ndarray | None = None

    @property
    def step_s(self) -> float | None:
        """How long a frame is shown as a rule."""
        if self.times_s is not None:
            return _usual_step_s(self.times_s)
        return 1 / self.rate_hz if self.rate_hz else None

    def begin_s(self, frame: int) -> float | None:
        """When a frame is shown; None if unknown."""
        if self.times_s is not None:
            return float(self.times_s[frame])
        return frame / self.rate_hz if self.rate_hz else None

    def begins_s(self) -> np.ndarray:
        """When each frame is shown [frames]; NaN if unknown."""
        if self.times_s is not None:
            return self.times_s
        return np.arange(self.frames) / (self.rate_hz or np.nan)

    def end_s(self, frame: int) -> float | None:
        """Until when frames before `frame` are seen: the last is shown for a usual step."""
        if self.times_s is not None:
            return float(self.times_s[frame - 1] + self.step_s)
        return self.begin_s(frame)

    def starts(self, first: int = 0, last: int | None = None) -> np.ndarray | None:
        """When frames first..last-1 begin, as fractions of their time; None if evenly."""
        if self.times_s is None:
            return None
        times = self.times_s[first:last]
        return (times - times[0]) / (times[-1] - times[0] + self.step_s)

    def moments(self) -> np.ndarray:
        """Middles of frames [frames] as fractions of their time."""
        if self.times_s is None:
            return (np.arange(self.frames) + 0.5) / self.frames
        step_s = _usual_step_s(self.times_s)
        return (self.times_s + step_s / 2) / (self.times_s[-1] + step_s)

    def evenly(self, at_most: int | None) -> np.ndarray:
        """At most so many frames at equal steps of time, ascending; the first and the last too."""
        if at_most is None or at_most >= self.frames:
            return np.arange(self.frames)
        if self.times_s is None:
            return np.linspace(0, self.frames - 1, at_most).round().astype(np.int64)
        wanted = np.linspace(0, self.times_s[-1], at_most)
        right = np.searchsorted(self.times_s, wanted).clip(1, self.frames - 1)
        nearer_left = wanted - self.times_s[right - 1] < self.times_s[right] - wanted
        return np.unique(right - nearer_left)

    def of(self, frames: np.ndarray) -> "Timing":
        """Timing of these frames alone; `rate_hz` stays that of the file."""
        times = None if self.times_s is None else self.times_s[frames] - self.times_s[frames[0]]
        return Timing(len(frames), self.rate_hz, times)


def timing_of(times_s: np.ndarray, stated_hz: float | None) -> Timing:
    """Even where no frame is half a step or more from its place at the stated or the mean rate.

    Args:
        times_s: of the frames, ascending, NaN where unknown [frames].
        stated_hz: what the file says.
    """
    frames = len(times_s)
    span_s = float(times_s[-1] - times_s[0]) if frames > 1 else 0.0
    if not span_s > 0:  # NaN too
        return Timing(frames, stated_hz)
    times_s = times_s - times_s[0]
    for rate_hz in (stated_hz, (frames - 1) / span_s):
        if rate_hz and _even(times_s, rate_hz):
            return Timing(frames, rate_hz)
    return Timing(frames, stated_hz or frames / (span_s + _usual_step_s(times_s)), times_s)


def _usual_step_s(times_s: np.ndarray) -> float:
    return float(np.median(np.diff(times_s)))


def _even(times_s: np.ndarray, rate_hz: float) -> bool:
    return bool((np.abs(times_s * rate_hz - np.arange(len(times_s))) < OFF_BY_FRAMES).all())
