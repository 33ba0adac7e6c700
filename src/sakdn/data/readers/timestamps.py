"""Time stamps of a signal: its samples in the order of time, on a uniform grid."""

from pathlib import Path

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError, shown

UNIT_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
# Recordings have gaps; a clock that was set during one gives a grid of gigabytes.
MAX_STRETCH = 20


def seconds_of(cells: "pd.Series[str]", time_format: str, path: Path) -> np.ndarray:
    """Time stamps as seconds since the first of them.

    Args:
        cells: numbers, or text as in the file; row i of the file at index i.
        time_format: `s`, `ms`, `us` or `ns` for numbers, else a format of `strptime`.
        path: the file, named in errors.

    Returns:
        float64 [samples].

    Raises:
        InputError: a cell that is not such a time stamp, or no such format.
    """
    if time_format in UNIT_S:
        numbers = pd.to_numeric(cells, errors="coerce").astype(np.float64)
        seconds = (numbers - numbers.iloc[0]) * UNIT_S[time_format]
    else:
        try:
            stamps = pd.to_datetime(cells, format=time_format, errors="coerce")
        except ValueError as error:
            raise InputError(
                f"time_format: found {time_format!r}, expected {', '.join(UNIT_S)} or a format of"
                f" strptime: {error}"
            ) from error
        seconds = (stamps - stamps.iloc[0]).dt.total_seconds()
    bad = ~np.isfinite(seconds.to_numpy())
    if bad.all() and len(bad):
        bad[1:] = False
    if bad.any():
        row = int(bad.argmax())
        raise InputError(
            f"{path}: row {cells.index[row] + 1}: found {shown(cells.iloc[row])}, expected a time"
            f" stamp of format {time_format!r}; correct it or the sensor's time_format"
        )
    return seconds.to_numpy()


def on_uniform_grid(
    signal: np.ndarray, seconds: np.ndarray, rate_hz: float | None, path: Path
) -> np.ndarray:
    """Sorts samples by time, drops repeats (the first in the file stays), and resamples.

    Args:
        signal: [samples, axes].
        seconds: time of each sample, in any order.
        rate_hz: of the grid; None for one over the median step.
        path: the file, named in errors.

    Returns:
        float64 [grid, axes] by linear interpolation, from the first time stamp to the last.

    Raises:
        InputError: fewer than two different time stamps, a span of less than one step, or gaps that
            make up nearly all of it.
    """
    times, first = np.unique(seconds, return_index=True)
    if len(times) < 2:
        raise InputError(f"{path}: found {len(times)} different time stamps, expected at least 2")
    rate = rate_hz or 1 / float(np.median(np.diff(times)))
    span = times[-1] - times[0]
    steps = span * rate + 1e-6  # A hair more, for spans such as 8.92499999.
    if not steps < MAX_STRETCH * len(signal):
        raise InputError(
            f"{path}: {len(signal)} samples span {span:.0f} s, expected at most"
            f" {MAX_STRETCH * len(signal) / rate:.0f} s at {rate:g} Hz; correct its time stamps or"
            " the sensor's time_format or rate_hz"
        )
    if steps < 1:
        raise InputError(
            f"{path}: its samples span {span:g} s, expected at least two at {rate:g} Hz; correct"
            " its time stamps or the sensor's time_format or rate_hz"
        )
    grid = times[0] + np.arange(int(steps) + 1) / rate
    return np.stack([np.interp(grid, times, axis) for axis in signal[first].T], axis=1)
