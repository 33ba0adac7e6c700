"""A signal on a uniform grid of time."""

from pathlib import Path

import numpy as np

from sakdn.base.errors import InputError

# Recordings have gaps; a clock that was set during one gives a grid of gigabytes.
MAX_STRETCH = 20
MAX_FINE_SAMPLES = 2**21
# A rate that is lowered by more than this share needs the filter.
LOWERED = 1.05
# A rate that is no multiple of the new one is first made so many times finer, linearly.
WHOLE, FINER = 0.02, 4
# The filter: half its length in samples of the grid, its edge as a share of half the rate.
HALF_LENGTH, EDGE, KAISER_BETA = 16, 0.9, 5.0


def on_uniform_grid(
    signal: np.ndarray, times: np.ndarray, rate_hz: float | None, path: Path
) -> np.ndarray:
    """Resamples to a uniform rate, each axis over the samples that it has.

    Between samples linearly; where the rate is lowered through a low-pass filter without delay,
    that what is faster than half the new rate does not come back as something slow.

    Args:
        signal: [samples, axes]; NaN where an axis has no sample.
        times: strictly ascending, in s [samples].
        rate_hz: of the grid; None for one over the median step.
        path: the file, named in errors.

    Returns:
        float64 [grid, axes] from the first time to the last; NaN where the nearest sample is.

    Raises:
        InputError: a span of less than one step, or gaps that make up nearly all of it.
    """
    usual_hz = usual_rate_hz(times)
    rate = rate_hz or usual_hz
    steps, factor = _plan(path, len(signal), times[-1] - times[0], usual_hz, rate)
    grid = times[0] + np.arange(steps + 1) / rate
    fine = grid if factor == 1 else times[0] + np.arange(steps * factor + 1) / (rate * factor)
    missing = np.isnan(signal)
    values = np.stack([_over_own(fine, times, *axis) for axis in zip(signal.T, missing.T)], axis=1)
    if factor > 1:
        values = _lowered(values, factor)
    if missing.any():
        values[missing[_nearest(times, grid)]] = np.nan
    return values


def usual_rate_hz(times: np.ndarray) -> float:
    """Samples a second, by the median step of their strictly ascending times in s."""
    return 1 / float(np.median(np.diff(times)))


def _plan(
    path: Path, samples: int, span_s: float, usual_hz: float, rate_hz: float
) -> tuple[int, int]:
    """Steps of the grid, and how many times finer the signal is filtered if its rate is lowered."""
    steps = span_s * rate_hz + 1e-6  # A hair more, for spans such as 8.92499999.
    if steps < 1:
        raise InputError(
            f"{path}: its samples span {span_s:g} s, expected at least two at {rate_hz:g} Hz;"
            " correct its time stamps or the sensor's time_format or rate_hz"
        )
    ratio = usual_hz / rate_hz
    whole = abs(ratio - np.rint(ratio)) < WHOLE
    factor = 1 if ratio < LOWERED else np.rint(ratio) if whole else FINER * np.ceil(ratio)
    fine = 0 if factor == 1 else steps * factor
    if steps < MAX_STRETCH * samples and fine < max(MAX_STRETCH * samples, MAX_FINE_SAMPLES):
        return int(steps), int(factor)
    rate_hz = max(rate_hz, usual_hz)
    raise InputError(
        f"{path}: {samples} samples span {span_s:.0f} s, expected at most"
        f" {MAX_STRETCH * samples / rate_hz:.0f} s at {rate_hz:g} Hz; correct its time stamps or"
        " the sensor's time_format or rate_hz"
    )


def _over_own(
    fine: np.ndarray, times: np.ndarray, axis: np.ndarray, missing: np.ndarray
) -> np.ndarray:
    """An axis at times `fine`, between the samples that it has."""
    if not missing.any():
        return np.interp(fine, times, axis)
    there = ~missing
    return np.interp(fine, times[there], axis[there]) if there.any() else np.zeros(len(fine))


def _nearest(times: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Index of the sample that is nearest to each point of the grid."""
    after = np.searchsorted(times, grid).clip(1, len(times) - 1)
    return after - (grid - times[after - 1] <= times[after] - grid)


def _lowered(values: np.ndarray, factor: int) -> np.ndarray:
    """Every `factor`-th of the samples [n, axes], less what is faster than half their rate."""
    from scipy.signal import firwin, resample_poly

    taps = firwin(2 * HALF_LENGTH * factor + 1, EDGE / factor, window=("kaiser", KAISER_BETA))
    return resample_poly(values, 1, factor, axis=0, window=taps, padtype="line")
