"""Reads one wearable signal and says what is odd about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.checking.outliers import Spread, spread_of
from sakdn.data.clips.problems import STATED_RATE_TOLERANCE, Finding, digest_of, refusal
from sakdn.data.readers.alignment import aligned
from sakdn.data.readers.parts import Part
from sakdn.data.readers.resampling import on_uniform_grid
from sakdn.data.readers.signals import Samples, read_samples
from sakdn.data.readers.time_axis import in_time_order
from sakdn.options.sensors import SignalOptions

GAP_STEPS = 10
GAP_S = 0.5
AROUND_S = 1.0
ACTIVITY_STEP_S = 0.02
PARTS = 32


@dataclass(frozen=True)
class SignalFacts:
    """What is known of a signal that was read.

    Attributes:
        findings: what is odd about it.
        digest: of its file; empty if it cannot be read.
        axes: how many it has; channels of a ready image.
        seconds: duration; None where neither time stamps nor a sampling rate tell.
        side_px: of a ready image.
        wrong_spans: what is wrong with spans that clips should be of it.
        spread: where its values lie; None if that is not known.
        activity: how far it is from its mean over a second around, at equal steps, none shorter
            than ACTIVITY_STEP_S; None if a value is missing.
        course: mean of each of PARTS equal parts [PARTS, axes]; None if a value is missing, or
            there are fewer samples.
        begin_s: when activity begins, in seconds of the video.
    """

    findings: tuple[Finding, ...]
    digest: str = ""
    axes: int | None = None
    seconds: float | None = None
    spread: Spread | None = None
    activity: np.ndarray | None = None
    course: np.ndarray | None = None
    begin_s: float = 0.0
    side_px: int | None = None
    wrong_spans: Mapping[Part, str] = field(default_factory=dict)


def check_signal(
    path: Path, options: SignalOptions, nan: Literal["error", "interpolate"]
) -> SignalFacts:
    """Reads a signal; `nan` is what the run does with values that are not finite."""
    try:
        samples = read_samples(path, options)
        digest, grid = digest_of([path]), samples.values
        seconds = len(samples.values) / options.rate_hz if options.rate_hz else None
        odd_times: list[Finding] = []
        if samples.seconds is not None:
            order, times = in_time_order(samples.seconds, samples.rows, options.rate_hz, path)
            grid = on_uniform_grid(samples.values[order], times, options.rate_hz, path)
            step_s = float(np.median(np.diff(times)))
            seconds = float(np.ptp(times)) + step_s
            odd_times = list(_odd_times(samples.seconds, times, step_s, options.rate_hz))
        grid = aligned(grid, options.offset_s, options.rate_hz or len(grid) / (seconds or 1), path)
    except InputError as error:
        return SignalFacts((refusal(path, error),))
    values = samples.values
    findings = [*_not_finite(samples, nan), *_constant(values), *odd_times]
    spread, activity = spread_of(samples), _activity(grid, seconds)
    course = _course(grid)
    return SignalFacts(tuple(findings), digest, values.shape[1], seconds, spread, activity, course)


def _course(signal: np.ndarray) -> np.ndarray | None:
    """Means of the parts of a signal [samples, axes]."""
    if len(signal) < PARTS or not np.isfinite(signal).all():
        return None
    parts = np.array_split(signal, PARTS)
    return np.stack([part.mean(axis=0) for part in parts]).astype(np.float32)


def _activity(signal: np.ndarray, seconds: float | None) -> np.ndarray | None:
    """Distance of a signal [samples, axes] from its mean over a second around, thinned."""
    if not seconds or not np.isfinite(signal).all():
        return None
    window = max(1, round(len(signal) / seconds * AROUND_S))
    before = window // 2
    sums = np.cumsum(
        np.pad(signal, ((before + 1, window - before - 1), (0, 0)), mode="edge"), axis=0
    )
    distance = np.linalg.norm(signal - (sums[window:] - sums[:-window]) / window, axis=1)
    count = min(len(distance), max(1, round(seconds / ACTIVITY_STEP_S)))
    parts = np.array_split(distance, count)
    return np.array([part.mean() for part in parts], dtype=np.float32)


def _not_finite(samples: Samples, nan: str) -> Iterator[Finding]:
    bad = ~np.isfinite(samples.values)
    if not bad.any():
        return
    row, axis = np.argwhere(bad)[0]
    found = (
        f"{int(bad.sum())} of {bad.size} values are no numbers,"
        f" first in row {samples.rows[row]}, axis {axis + 1}"
    )
    if bad.all(axis=0).any():
        yield Finding("nan", "error", f"{found}; axis {bad.all(axis=0).argmax() + 1} has none")
    elif nan == "error":
        yield Finding("nan", "error", f"{found}; correct them or set gaf.nan: interpolate")
    else:
        yield Finding("nan", "warning", f"{found}; they are interpolated")


def _constant(signal: np.ndarray) -> Iterator[Finding]:
    for axis, values in enumerate(signal.T, start=1):
        finite = values[np.isfinite(values)]
        if len(finite) and np.ptp(finite) == 0:
            yield Finding("constant_axis", "warning", f"axis {axis} is {finite[0]:g} throughout")


def _odd_times(
    stamps: np.ndarray, times: np.ndarray, step_s: float, rate_hz: float | None
) -> Iterator[Finding]:
    """Oddities of time stamps.

    Args:
        stamps: of all samples in s, in the file's order.
        times: of the samples in s as they are used, ascending.
        step_s: median step of these.
        rate_hz: sampling rate that the config says.
    """
    steps = np.diff(stamps)
    backwards = steps < 0
    if backwards.any():
        first = int(backwards.argmax())
        found = (
            f"time runs backwards {int(backwards.sum())} times, first after sample {first + 1}"
            f" by {-steps[first]:.3g} s; samples are sorted when read"
        )
        yield Finding("time_backwards", "warning", found)
    repeats = len(stamps) - len(np.unique(stamps))
    if len(times) < len(stamps):
        found = (
            f"{len(stamps) - len(times)} time stamps occur again; the first sample of each is used"
        )
        yield Finding("time_repeated", "note", found)
    elif repeats:
        found = f"{repeats} samples share their time stamps; they are spread evenly when read"
        yield Finding("time_repeated", "note", found)
    gap = float(np.diff(times).max())
    if gap > max(GAP_S, GAP_STEPS * step_s):
        at_s = times[np.diff(times).argmax()] - times[0]
        found = f"no samples for {gap:.2f} s, {at_s:.2f} s after the first; interpolated when read"
        yield Finding("time_gap", "warning", found)
    if rate_hz and abs(1 / step_s / rate_hz - 1) > STATED_RATE_TOLERANCE:
        found = f"samples come at {1 / step_s:.4g} Hz, rate_hz of the sensor is {rate_hz:g}"
        yield Finding("sampling_rate", "warning", found)
