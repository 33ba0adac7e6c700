"""Whether a signal and its video move at the same moments, and by how much they are apart."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from sakdn.data.checking.signals import SignalFacts
from sakdn.data.checking.videos import VideoFacts
from sakdn.data.clips.offsets import offsets_of
from sakdn.data.clips.problems import Finding, Problem
from sakdn.data.clips.spans import spans_of
from sakdn.data.readers.span import Span

STEP_S = 0.04
# Shorter clips are alike by chance: of the demo's, 2.5 s long and in step, one in 70 looked apart.
MIN_S = 3.0
MAX_LAG_S, MAX_LAG_SHARE = 1.5, 0.3
SMOOTH_S = 0.2
# Of correlated motion: less says nothing. A lag must also explain clearly more than none does.
GOOD, BETTER = 0.8, 0.1
TOLERATED_S = 0.3


def odd_lags(
    clips: pd.DataFrame,
    sensor: str,
    videos: Mapping[str, VideoFacts],
    signals: Mapping[str, SignalFacts],
) -> Iterator[Problem]:
    """Clips whose signal moves clearly before or after the video."""
    offsets, spans = offsets_of(clips, sensor), spans_of(clips)
    for row, path, offset_s, span in zip(clips.itertuples(), clips[sensor], offsets, spans):
        video, signal = videos.get(row.video), signals.get(path)
        pair = _paired(video, signal, span, offset_s) if video and signal else None
        if pair is None:
            continue
        lag_s, good, none = lag_of(*pair)
        lag_s -= 0.0 if span else offset_s
        if good > GOOD and good - none > BETTER and abs(lag_s) > TOLERATED_S:
            when = "later" if lag_s < 0 else "earlier"
            found = (
                f"signal moves about {abs(lag_s):.1f} s {when} than the video (correlation"
                f" {good:.2f}); if others do so too add {lag_s:+.1f} to sensors.{sensor}.offset_s,"
                f" else to {sensor}_offset_s of the clip"
            )
            yield Problem(row.clip, path, Finding("lag", "warning", found))


def _paired(
    video: VideoFacts, signal: SignalFacts, span: Span | None, offset_s: float
) -> tuple[np.ndarray, np.ndarray, float] | None:
    """Motion and activity over the same time, and how long that is in s; None if not known.

    A clip's video and signal are paired whole with whole, so that both are brought to the length
    of the video first, or to that of the signal where the video's is unknown (images). A span is
    cut out of both, with its sensor's offset.
    """
    if video.motion is None or signal.activity is None or not signal.seconds:
        return None
    if span is None:
        return video.motion, signal.activity, video.seconds or signal.seconds
    if video.timing is None or video.timing.rate_hz is None:
        return None
    frames = span.inside(video.timing.begins_s())[:-1]
    motion = video.motion[frames[frames < len(video.motion)]]
    step_s = signal.seconds / len(signal.activity)
    times_s = signal.begin_s + offset_s + step_s * np.arange(len(signal.activity))
    return motion, signal.activity[span.inside(times_s)], span.end_s - span.start_s


def lag_of(motion: np.ndarray, activity: np.ndarray, seconds: float) -> tuple[float, float, float]:
    """How long after the signal the video moves, where they are most alike.

    Args:
        motion: of the video from frame to frame [n].
        activity: of the signal, over the same time [m].
        seconds: how long that is.

    Returns:
        Lag in s, the correlation there, and that without any lag; zeros for a clip too short.
    """
    count = int(seconds / STEP_S)
    most = int(min(MAX_LAG_S, MAX_LAG_SHARE * seconds) / STEP_S)
    if seconds < MIN_S or len(motion) < 2 or len(activity) < 2:
        return 0.0, 0.0, 0.0
    first, second = (_curve(values, count) for values in (motion, activity))
    lags = np.arange(-most, most + 1)
    alike = np.array([_alike(first, second, lag) for lag in lags.tolist()])
    best = int(alike.argmax())
    return float(lags[best] * STEP_S), float(alike[best]), float(alike[most])


def _curve(values: np.ndarray, count: int) -> np.ndarray:
    """Values at `count` equal steps, smooth, and on a scale where bursts do not hide the rest."""
    at = (np.arange(count) + 0.5) / count * len(values) - 0.5
    curve = np.interp(at, np.arange(len(values)), np.sqrt(values))
    window = np.hanning(round(SMOOTH_S / STEP_S) + 2)[1:-1]
    half = len(window) // 2
    return np.convolve(np.pad(curve, half, mode="edge"), window / window.sum(), "valid")


def _alike(first: np.ndarray, second: np.ndarray, lag: int) -> float:
    """Correlation of where both are, with `second` moved to `lag` steps later."""
    count = min(len(first), len(second))
    one = first[max(0, lag) : count + min(0, lag)]
    two = second[max(0, -lag) : count - max(0, lag)]
    one, two = one - one.mean(), two - two.mean()
    size = float(np.sqrt((one**2).sum() * (two**2).sum()))
    return float((one * two).sum()) / size if size > 0 else 0.0
