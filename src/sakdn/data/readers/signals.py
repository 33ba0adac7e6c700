"""Reads one wearable signal from a .mat, .npy, .csv or .txt file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError
from sakdn.data.readers.alignment import aligned
from sakdn.data.readers.columns import Columns
from sakdn.data.readers.compressed import format_of
from sakdn.data.readers.matfile import MAX_VALUES, load_array
from sakdn.data.readers.plain_file import check_plain
from sakdn.data.readers.resampling import on_uniform_grid, usual_rate_hz
from sakdn.data.readers.text_table import read_text_table
from sakdn.data.readers.time_axis import in_time_order
from sakdn.data.readers.timestamps import seconds_of
from sakdn.options.sensors import SignalOptions

# What no sensor measures; squares of more would not be finite.
LARGEST = 1e100


@dataclass(frozen=True)
class Samples:
    """Samples of a signal, in the file's order.

    Attributes:
        values: float64 [samples, axes], in the file's units; a missing one is NaN.
        rows: where in the file each is: its line, or its row in a matrix, from 1 [samples].
        seconds: time of each since the first; None where they are equally spaced [samples].
    """

    values: np.ndarray
    rows: np.ndarray
    seconds: np.ndarray | None


Read = Callable[[Path, SignalOptions], Samples]
"""`read_samples`, or what stands for it."""


def read_signal(path: Path | str, options: SignalOptions, read: Read | None = None) -> np.ndarray:
    """Reads a signal; a missing value is NaN.

    With time stamps the samples are brought into the order of time, repeats are dropped and the
    rest is resampled to a uniform rate. `read` stands for `read_samples`.

    Returns:
        float64 [samples, axes], in the file's units.

    Raises:
        InputError: as `read_samples`, or time stamps that make no grid.
    """
    signal, rate_hz = timed_signal(path, options, None, read)
    return aligned(signal, options.offset_s, rate_hz, Path(path))


def finite_signal(
    path: Path | str, options: SignalOptions, nan: Literal["error", "interpolate"]
) -> np.ndarray:
    """Reads a signal without NaN: `read_signal`, but missing values are dealt with (`repaired`).

    Raises:
        InputError: as `read_signal` and `repaired`.
    """
    signal, rate_hz = timed_signal(path, options, nan)
    return aligned(signal, options.offset_s, rate_hz, Path(path))


def timed_signal(
    path: Path | str,
    options: SignalOptions,
    nan: Literal["error", "interpolate"] | None,
    read: Read | None = None,
) -> tuple[np.ndarray, float | None]:
    """Reads a signal on its own clock, and how many samples it has a second; None if unknown.

    Args:
        path: its file.
        options: where it is in the file.
        nan: as for `finite_signal`; None to leave missing values NaN.
        read: what reads its samples; None for `read_samples`.
    """
    path = Path(path)
    samples = (read or read_samples)(path, options)
    values, rows, seconds = samples.values, samples.rows, samples.seconds
    if seconds is None:
        return values if nan is None else repaired(values, path, nan, rows), options.rate_hz
    order, times = in_time_order(seconds, rows, options.rate_hz, path)
    values = values[order]
    if nan is not None:
        values = repaired(values, path, nan, rows[order], times)
    rate_hz = options.rate_hz or usual_rate_hz(times)
    return on_uniform_grid(values, times, options.rate_hz, path), rate_hz


def read_samples(path: Path | str, options: SignalOptions) -> Samples:
    """Reads the samples of a signal.

    Text (.csv, .txt, also packed) is cut at its own separator; words above the samples are taken
    for a header where that is certain.

    Raises:
        InputError: missing, truncated or damaged file, missing variable or column, text where
            numbers should be, fewer than 2 samples, wrong number of dimensions, or a file of which
            it is not certain what it says.
    """
    path = Path(path)
    kind = format_of(path)
    if kind in (".csv", ".txt"):
        return _of_text(path, options)
    if kind == ".mat":
        return _of_matrix(path, load_array(path, options.variable, 2), options)
    if kind == ".npy":
        return _of_matrix(path, _read_npy(path), options)
    raise InputError(
        f"{path}: found a {path.suffix or 'nameless'} file, expected a signal in"
        " .mat, .npy, .csv or .txt"
    )


def repaired(
    signal: np.ndarray,
    path: Path | str,
    nan: Literal["error", "interpolate"],
    rows: np.ndarray | None = None,
    times: np.ndarray | None = None,
) -> np.ndarray:
    """Deals with values that are not finite, or as good as infinite.

    Args:
        signal: [samples, axes].
        path: its file, named in the error.
        nan: `error`, or `interpolate` linearly in time on each axis (held at the ends).
        rows: of the samples in the file [samples]; None for 1, 2, 3, ...
        times: of the samples, ascending [samples]; None where they are equally spaced.

    Returns:
        Finite float64 [samples, axes].

    Raises:
        InputError: a value that is not finite and `error`, or an axis without any finite value.
    """
    bad = ~(np.abs(signal) < LARGEST)
    if not bad.any():
        return signal
    sample, axis = np.argwhere(bad)[0]
    row = sample + 1 if rows is None else rows[sample]
    where = f"{path}: row {row}, axis {axis + 1}: found {signal[sample, axis]}"
    if nan == "error":
        raise InputError(f"{where}, expected a number; correct it or set gaf.nan: interpolate")
    if bad.all(axis=0).any():
        raise InputError(
            f"{where}, and no number on one of the axes; there is nothing to interpolate"
        )
    time = np.arange(len(signal)) if times is None else times
    axes = [np.interp(time, time[ok], values[ok]) for values, ok in zip(signal.T, ~bad.T)]
    return np.stack(axes, axis=1)


def _of_text(path: Path, options: SignalOptions) -> Samples:
    table = read_text_table(path, options)
    if table.rate_hz and options.rate_hz and table.rate_hz != options.rate_hz:
        raise InputError(
            f"{path}: row 2 says {table.rate_hz:g} samples a second, rate_hz of the sensor is"
            f" {options.rate_hz:g}; set it to {table.rate_hz:g}"
        )
    samples = _samples(path, table.values, table.lines, table.times, options)
    if not table.names or options.columns is None:
        _refuse_lying(path, len(table.values), table.width)
    return samples


def _of_matrix(path: Path, matrix: np.ndarray, options: SignalOptions) -> Samples:
    if matrix.dtype.kind == "c":
        raise InputError(
            f"{path}: found {matrix.dtype} numbers, expected real ones; store their real part or"
            " their magnitude"
        )
    if matrix.ndim != 2 or matrix.dtype.kind not in "buif":
        raise InputError(
            f"{path}: found {matrix.dtype} of shape {matrix.shape}, expected numbers, one row a"
            " sample"
        )
    _refuse_lying(path, *matrix.shape)
    axes, time = Columns(options.columns, options.time_column).positions(
        path, matrix.shape[1], None
    )
    times = None if time is None else pd.Series(matrix[:, time])
    values = np.asarray(matrix[:, axes], dtype=np.float64)
    return _samples(path, values, np.arange(1, len(matrix) + 1), times, options)


def _samples(
    path: Path,
    values: np.ndarray,
    rows: np.ndarray,
    times: "pd.Series[str] | None",
    options: SignalOptions,
) -> Samples:
    if len(values) < 2:
        raise InputError(f"{path}: found {len(values)} samples, expected at least 2")
    if times is None:
        return Samples(values, rows, None)
    return Samples(values, rows, seconds_of(times, rows, options.time_format, path))


def _refuse_lying(path: Path, rows: int, width: int) -> None:
    """Raises for a table that has a column a sample."""
    if rows < width:
        raise InputError(
            f"{path}: found {rows} rows and {width} columns, expected one row a sample;"
            " transpose it"
        )


def _read_npy(path: Path) -> np.ndarray:
    try:
        check_plain(path)
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Exception as error:  # The parser raises of every kind on a damaged header.
        raise InputError(f"{path}: truncated or not a .npy file of numbers: {error}") from error
    if array.size > MAX_VALUES[2]:
        raise InputError(
            f"{path}: found shape {array.shape}, expected at most {MAX_VALUES[2]}"
            " values; cut the recording into clips"
        )
    return array[:, None] if array.ndim == 1 else array
