"""What is odd about a file among the others, and about the files of one clip together."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from sakdn.data.checking.outliers import far_values
from sakdn.data.checking.signals import SignalFacts
from sakdn.data.checking.videos import VideoFacts
from sakdn.data.clips.problems import Finding, Problem
from sakdn.data.clips.spans import spans_of

RATE_SPREAD = 0.05
RATIO_TOLERANCE = 1.5


def odd_rates(videos: Mapping[str, VideoFacts]) -> Iterator[tuple[str, Finding]]:
    """Videos whose frame rate is not that of most: path and finding."""
    rates = {path: facts.rate_hz for path, facts in videos.items() if facts.rate_hz}
    if not rates:
        return
    usual = float(pd.Series(rates).round(2).mode().iloc[0])
    for path, rate in rates.items():
        if abs(rate / usual - 1) > RATE_SPREAD:
            found = f"found {rate:.4g} frames a second, most videos have {usual:.4g}"
            yield path, Finding("frame_rate", "warning", found)


def odd_axes(signals: Mapping[str, SignalFacts]) -> Iterator[tuple[str, Finding]]:
    """Signals of a sensor that have another number of axes than most: path and finding."""
    axes = {path: facts.axes for path, facts in signals.items() if facts.axes}
    if not axes:
        return
    usual = int(pd.Series(axes).mode().iloc[0])
    for path, number in axes.items():
        if number != usual:
            what, remedy = "axes", "name its columns"
            if signals[path].side_px:
                what, remedy = "channels", "make its image as the others"
            found = f"found {number} {what}, most files of the sensor have {usual}; {remedy}"
            yield path, Finding("axes", "error", found)


def odd_sides(images: Mapping[str, SignalFacts]) -> Iterator[tuple[str, Finding]]:
    """Ready images of a sensor that are of another size than most: path and finding."""
    sides = {path: facts.side_px for path, facts in images.items() if facts.side_px}
    if not sides:
        return
    usual = int(pd.Series(sides).mode().iloc[0])
    for path, side in sides.items():
        if side != usual:
            found = f"has a side of {side} px, most images of the sensor {usual}; it is resized"
            yield path, Finding("image_size", "warning", found)


def odd_values(signals: Mapping[str, SignalFacts]) -> Iterator[tuple[str, Finding]]:
    """Signals of a sensor with values far from the usual ones: path and finding."""
    known = {path: facts for path, facts in signals.items() if facts.spread is not None}
    if not known:
        return
    usual = int(pd.Series([facts.axes for facts in known.values()]).mode().iloc[0])
    yield from far_values(
        {
            path: facts.spread
            for path, facts in known.items()
            if facts.spread and facts.axes == usual
        }
    )


def odd_durations(
    clips: pd.DataFrame,
    sensor: str,
    videos: Mapping[str, VideoFacts],
    signals: Mapping[str, SignalFacts],
) -> Iterator[Problem]:
    """Clips whose video and signal do not last as long as each other, but spans, which do.

    Camera and sensor are seldom started and stopped together, so that a clip is compared with how
    the two usually relate in the data set; how they usually do is one finding of its own.
    """
    rows = [
        (row.clip, path, facts.seconds, video.seconds)
        for row, path, span in zip(clips.itertuples(), clips[sensor], spans_of(clips))
        if span is None
        if (facts := signals.get(path)) and facts.seconds
        if (video := videos.get(row.video)) and video.seconds
    ]
    if not rows:
        return
    ratios = np.array([of_signal / of_video for *_, of_signal, of_video in rows])
    usual = float(np.median(ratios))
    if _far(usual):
        found = (
            f"signals of {sensor} last {usual:.2f} times as long as the videos (median of"
            f" {len(rows)} clips); correct sensors.{sensor}.rate_hz or cut the recordings alike"
        )
        yield Problem("", "", Finding("duration", "warning", found))
    for (clip, path, of_signal, of_video), ratio in zip(rows, ratios):
        if _far(ratio / usual):
            found = f"signal lasts {of_signal:.1f} s, video {of_video:.1f} s"
            if _far(usual):
                found += f", usually {usual:.2f} times as long"
            yield Problem(clip, path, Finding("duration", "warning", found))


def _far(ratio: float) -> bool:
    return not 1 / RATIO_TOLERANCE <= ratio <= RATIO_TOLERANCE
