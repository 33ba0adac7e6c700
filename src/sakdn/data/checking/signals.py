"""Reads one wearable signal and says what is odd about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.checking.outliers import Spread, spread_of
from sakdn.data.clips.problems import STATED_RATE_TOLERANCE, Finding, digest_of, refusal
from sakdn.data.readers.resampling import on_uniform_grid
from sakdn.data.readers.signals import Samples, SignalOptions, read_samples
from sakdn.data.readers.span import Span
from sakdn.data.readers.time_axis import in_time_order

GAP_STEPS = 10
GAP_S = 0.5


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
    """

    findings: tuple[Finding, ...]
    digest: str = ""
    axes: int | None = None
    seconds: float | None = None
    spread: Spread | None = None
    side_px: int | None = None
    wrong_spans: Mapping[Span, str] = field(default_factory=dict)


def check_signal(
    path: Path, options: SignalOptions, nan: Literal["error", "interpolate"]
) -> SignalFacts:
    """Reads a signal; `nan` is what the run does with values that are not finite."""
    try:
        samples = read_samples(path, options)
        digest = digest_of([path])
        seconds = len(samples.values) / options.rate_hz if options.rate_hz else None
        odd_times: list[Finding] = []
        if samples.seconds is not None:
            order, times = in_time_order(samples.seconds, samples.rows, options.rate_hz, path)
            on_uniform_grid(samples.values[order], times, options.rate_hz, path)
            step_s = float(np.median(np.diff(times)))
            seconds = float(np.ptp(times)) + step_s
            dropped = len(samples.values) - len(order)
            odd_times = list(_odd_times(samples, times, step_s, dropped, options.rate_hz))
    except InputError as error:
        return SignalFacts((refusal(path, error),))
    values = samples.values
    findings = [*_not_finite(samples, nan), *_constant(values), *odd_times]
    spread = spread_of(samples)
    return SignalFacts(tuple(findings), digest, values.shape[1], seconds, spread)


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
    samples: Samples, times: np.ndarray, step_s: float, dropped: int, rate_hz: float | None
) -> Iterator[Finding]:
    """Oddities of time stamps.

    Args:
        samples: in the file's order, with their stamps.
        times: of the samples in s as they are used, ascending.
        step_s: median step of these.
        dropped: samples that are not used, since their stamps occur twice.
        rate_hz: sampling rate that the config says.
    """
    steps = np.diff(samples.seconds)
    backwards = steps < 0
    if backwards.any():
        first = int(backwards.argmax())
        found = (
            f"time runs backwards {int(backwards.sum())} times, first after sample {first + 1}"
            f" by {-steps[first]:.3g} s; samples are sorted when read"
        )
        yield Finding("time_backwards", "warning", found)
    repeats = len(samples.seconds) - len(np.unique(samples.seconds))
    if dropped:
        found = f"{dropped} time stamps occur again; the first sample of each is used"
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
