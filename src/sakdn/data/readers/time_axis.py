"""The order of samples in time, and what to make of stamps that several of them share."""

from pathlib import Path

import numpy as np

from sakdn.base.errors import InputError

# How far a sample may come too late and still be sorted in: seconds, or median steps.
MAX_LATE_S, MAX_LATE_STEPS = 1.0, 10
MAX_INSIDE = 2
# Up to this share of single repeats the first sample of each stamp stays.
MAX_REPEATS = 0.2
GAP = 1.5
COUNT_TOLERANCE = 0.2


def in_time_order(
    seconds: np.ndarray, rows: np.ndarray, rate_hz: float | None, path: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Which samples to take in which order, and when each was taken.

    Samples that come a little late are sorted in. Of a stamp that occurs again now and then the
    first sample stays. Stamps that stand still for many samples, as those of whole seconds and of
    batches do, are spread evenly up to the next one where the count fits the rate.

    Args:
        seconds: time of each sample, in the file's order.
        rows: where in the file each is, from 1.
        rate_hz: sampling rate; None to go by the stamps alone.
        path: the file, named in errors.

    Returns:
        Indices of samples, and their strictly ascending times [kept].

    Raises:
        InputError: fewer than two different stamps, a clock that jumps back into what was recorded
            already, or more or fewer samples of one stamp than there was time for.
    """
    if len(np.unique(seconds)) < 2:
        raise InputError(f"{path}: found 1 different time stamps, expected at least 2")
    _refuse_jumps(seconds, rows, path)
    order = np.argsort(seconds, kind="stable")
    times = seconds[order]
    first = np.flatnonzero(np.diff(times, prepend=-np.inf) > 0)
    counts = np.diff(first, append=len(times))
    if counts.max() <= 2 and len(times) - len(first) <= MAX_REPEATS * len(times):
        return order[first], times[first]
    return order, _spread(times[first], counts, rows[order[first]], rate_hz, path)


def _refuse_jumps(seconds: np.ndarray, rows: np.ndarray, path: Path) -> None:
    steps = np.diff(seconds)
    if not (steps < 0).any():
        return
    latest = np.maximum.accumulate(seconds)
    usual = float(np.median(np.diff(np.unique(seconds))))
    late = seconds < latest
    far = (steps < 0) & (-steps > max(MAX_LATE_S, MAX_LATE_STEPS * usual))
    places = [*np.flatnonzero(far)[:1] + 1, *_interleaved(seconds, late)]
    if places:
        place = int(min(places))
        raise InputError(
            f"{path}: row {rows[place]}: the clock jumps back by"
            f" {seconds[place - 1] - seconds[place]:.3g} s into what was recorded before; cut the"
            " file there, or correct its time stamps"
        )


def _interleaved(seconds: np.ndarray, late: np.ndarray) -> list[int]:
    """The first run of late samples that has earlier ones between its own, if any."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], late, [False]]).astype(int)))
    for start, end in edges.reshape(-1, 2):
        run = seconds[start:end]
        inside = (seconds[:start] >= run.min()) & (seconds[:start] <= run.max())
        if len(run) > MAX_INSIDE and inside.sum() > MAX_INSIDE:
            return [int(start)]
    return []


def _spread(
    stamps: np.ndarray, counts: np.ndarray, rows: np.ndarray, rate_hz: float | None, path: Path
) -> np.ndarray:
    """Times of samples that share stamps.

    Args:
        stamps: different times, ascending [n].
        counts: how many samples have each [n].
        rows: of the first sample of each [n].
        rate_hz: sampling rate, if it is known.
        path: the file.

    Returns:
        Ascending times of all samples.
    """
    steps = np.diff(stamps)
    usual_s = float(np.median(steps))
    near = steps <= GAP * usual_s
    inner = near & (np.arange(len(steps)) > 0) if near[1:].any() else near
    rate = _middle(counts[:-1][inner] / steps[inner], counts[:-1][inner])
    if not near[1:].any():
        rate = max(counts) / usual_s if rate_hz is None else rate_hz
    spans = np.append(np.where(near, steps, usual_s), usual_s)
    long = counts[:-1] > GAP * rate * usual_s  # The clock stood still: these reach to the next.
    spans[:-1] = np.where(long, steps, spans[:-1])
    fits = _near(counts, rate * spans) | (_near(counts, rate * usual_s) & (spans > usual_s / GAP))
    fits[[0, -1]] |= counts[[0, -1]] < rate * spans[[0, -1]]
    if not fits.all():
        place = int((~fits).argmax())
        raise InputError(
            f"{path}: row {rows[place]}: {counts[place]} samples share a time stamp, at"
            f" {rate:.4g} Hz it has room for {rate * spans[place]:.0f}; correct its time stamps, or"
            " remove the sensor's time_column if the samples are equally spaced"
        )
    widths = np.where(counts < rate * spans, 1 / rate, spans / counts)
    widths[1:-1] = (spans / counts)[1:-1]
    starts = stamps.copy()
    starts[0] += spans[0] - counts[0] * widths[0]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(starts, counts) + within * np.repeat(widths, counts)


def _near(counts: np.ndarray, expected: np.ndarray | float) -> np.ndarray:
    return np.abs(counts - expected) <= np.maximum(1, COUNT_TOLERANCE * expected)


def _middle(values: np.ndarray, weights: np.ndarray) -> float:
    """Weighted median."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) >= weights.sum() / 2
    return float(values[order][reached.argmax()])
