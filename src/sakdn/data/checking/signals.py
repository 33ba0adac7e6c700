"""Reads one wearable signal and says what is odd about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.clips.problems import STATED_RATE_TOLERANCE, Finding, digest_of, refusal
from sakdn.data.readers.signals import read_samples
from sakdn.data.readers.timestamps import on_uniform_grid
from sakdn.options.sensors import SignalOptions

GAP_STEPS = 10
GAP_S = 0.5


@dataclass(frozen=True)
class SignalFacts:
    """What is known of a signal that was read.

    Attributes:
        findings: what is odd about it.
        digest: of its file; empty if it cannot be read.
        axes: how many it has.
        seconds: duration; None where neither time stamps nor a sampling rate tell.
    """

    findings: tuple[Finding, ...]
    digest: str = ""
    axes: int | None = None
    seconds: float | None = None


def check_signal(
    path: Path, options: SignalOptions, nan: Literal["error", "interpolate"]
) -> SignalFacts:
    """Reads a signal; `nan` is what the run does with values that are not finite."""
    try:
        signal, times = read_samples(path, options)
        digest = digest_of([path])
        if times is not None:
            on_uniform_grid(signal, times, options.rate_hz, path)
    except InputError as error:
        return SignalFacts((refusal(path, error),))
    findings = [*_not_finite(signal, nan), *_constant(signal)]
    seconds = len(signal) / options.rate_hz if options.rate_hz else None
    if times is not None:
        step_s = float(np.median(np.diff(np.unique(times))))
        seconds = float(np.ptp(times)) + step_s
        findings += _odd_times(times, step_s, options.rate_hz)
    return SignalFacts(tuple(findings), digest, signal.shape[1], seconds)


def _not_finite(signal: np.ndarray, nan: str) -> Iterator[Finding]:
    bad = ~np.isfinite(signal)
    if not bad.any():
        return
    row, axis = np.argwhere(bad)[0]
    found = (
        f"{int(bad.sum())} of {bad.size} values are no numbers,"
        f" first in row {row + 1}, axis {axis + 1}"
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


def _odd_times(times: np.ndarray, step_s: float, rate_hz: float | None) -> Iterator[Finding]:
    """Oddities of time stamps in s, in the file's order, with median step `step_s`."""
    steps = np.diff(times)
    backwards = steps < 0
    if backwards.any():
        first = int(backwards.argmax())
        found = (
            f"time runs backwards {int(backwards.sum())} times, first after sample {first + 1}"
            f" by {-steps[first]:.3g} s; samples are sorted when read"
        )
        yield Finding("time_backwards", "warning", found)
    ordered = np.sort(times)
    repeats = int((np.diff(ordered) == 0).sum())
    if repeats:
        found = f"{repeats} time stamps occur again; the first sample of each is used"
        yield Finding("time_repeated", "note", found)
    gap = float(np.diff(ordered).max())
    if gap > max(GAP_S, GAP_STEPS * step_s):
        at_s = ordered[np.diff(ordered).argmax()] - ordered[0]
        found = f"no samples for {gap:.2f} s, {at_s:.2f} s after the first; interpolated when read"
        yield Finding("time_gap", "warning", found)
    if rate_hz and abs(1 / step_s / rate_hz - 1) > STATED_RATE_TOLERANCE:
        found = f"samples come at {1 / step_s:.4g} Hz, rate_hz of the sensor is {rate_hz:g}"
        yield Finding("sampling_rate", "warning", found)
