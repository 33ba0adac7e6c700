"""Reads one wearable signal from a .mat, .npy, .csv or .txt file."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from sakdn.base.errors import MAX_SHOWN, InputError, shown
from sakdn.data.readers.matfile import MAX_VALUES, load_array
from sakdn.data.readers.plain_file import check_plain, read_text
from sakdn.data.readers.timestamps import on_uniform_grid, seconds_of
from sakdn.options.sensors import SignalOptions

# What no sensor measures; squares of more would not be finite.
LARGEST = 1e100


def read_signal(path: Path | str, options: SignalOptions) -> np.ndarray:
    """Reads a signal; a missing value is NaN.

    With time stamps the samples are sorted by time, repeats are dropped and the rest is resampled
    to a uniform rate.

    Returns:
        float64 [samples, axes], in the file's units.

    Raises:
        InputError: as `read_samples`, or time stamps that make no grid.
    """
    signal, seconds = read_samples(path, options)
    if seconds is None:
        return signal
    return on_uniform_grid(signal, seconds, options.rate_hz, Path(path))


def read_samples(path: Path | str, options: SignalOptions) -> tuple[np.ndarray, np.ndarray | None]:
    """Reads the samples of a signal in the file's order; a missing value is NaN.

    A .csv has commas, a .txt blanks, tabs, commas or semicolons; a first line of words is taken
    for a header.

    Returns:
        float64 [samples, axes], in the file's units, and the time of each in seconds [samples];
        None for the times where samples are equally spaced.

    Raises:
        InputError: missing, truncated or damaged file, missing variable or column, text where
            numbers should be, fewer than 2 samples, wrong number of dimensions.
    """
    path = Path(path)
    if path.suffix == ".mat":
        signal, times = _of_matrix(path, load_array(path, options.variable, 2), options)
    elif path.suffix == ".npy":
        signal, times = _of_matrix(path, _read_npy(path), options)
    elif path.suffix in (".csv", ".txt"):
        signal, times = _of_text(path, _cells(path), options)
    else:
        raise InputError(
            f"{path}: found a {path.suffix or 'nameless'} file, expected a signal in"
            " .mat, .npy, .csv or .txt"
        )
    if len(signal) < 2:
        raise InputError(f"{path}: found {len(signal)} samples, expected at least 2")
    return signal, None if times is None else seconds_of(times, options.time_format, path)


def repaired(
    signal: np.ndarray, path: Path | str, nan: Literal["error", "interpolate"]
) -> np.ndarray:
    """Deals with values that are not finite, or as good as infinite.

    Args:
        signal: [samples, axes].
        path: its file, named in the error.
        nan: `error`, or `interpolate` linearly in time on each axis (held at the ends).

    Returns:
        Finite float64 [samples, axes].

    Raises:
        InputError: a value that is not finite and `error`, or an axis without any finite value.
    """
    bad = ~(np.abs(signal) < LARGEST)
    if not bad.any():
        return signal
    row, axis = np.argwhere(bad)[0]
    where = f"{path}: row {row + 1}, axis {axis + 1}: found {signal[row, axis]}"
    if nan == "error":
        raise InputError(f"{where}, expected a number; correct it or set gaf.nan: interpolate")
    if bad.all(axis=0).any():
        raise InputError(
            f"{where}, and no number on one of the axes; there is nothing to interpolate"
        )
    time = np.arange(len(signal))
    axes = [np.interp(time, time[ok], values[ok]) for values, ok in zip(signal.T, ~bad.T)]
    return np.stack(axes, axis=1)


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


def _of_matrix(
    path: Path, matrix: np.ndarray, options: SignalOptions
) -> tuple[np.ndarray, pd.Series | None]:
    """Axes of a matrix [samples, columns] as float64, and its time stamps if it has any."""
    if matrix.ndim != 2 or matrix.dtype.kind not in "buif":
        raise InputError(
            f"{path}: found {matrix.dtype} of shape {matrix.shape}, expected numbers, one row a"
            " sample"
        )
    rows, width = matrix.shape
    if rows < width:
        raise InputError(
            f"{path}: found {rows} rows and {width} columns, expected one row a sample;"
            " transpose it"
        )
    axes, time = _positions(path, width, options.columns, options.time_column)
    times = None if time is None else pd.Series(matrix[:, time])
    return np.asarray(matrix[:, axes], dtype=np.float64), times


def _positions(
    path: Path, width: int, columns: Sequence[int | str] | None, time: int | str | None
) -> tuple[list[int], int | None]:
    """Positions of the axes and of the time stamps."""
    stamps = [] if time is None else [time]
    axes = [place for place in range(width) if place != time] if columns is None else list(columns)
    if not axes:
        raise InputError(
            f"{path}: found {width} columns, expected time stamps and at least one axis"
        )
    for column in (*axes, *stamps):
        if type(column) is not int or not 0 <= column < width:
            raise InputError(
                f"{path}: no column {shown(column)}: found {width} columns, counted from 0; correct"
                " the sensor's columns"
            )
    return axes, time


def _of_text(
    path: Path, frame: pd.DataFrame, options: SignalOptions
) -> tuple[np.ndarray, pd.Series | None]:
    """Axes of a text file's cells as float64, and its time stamps if it has any."""
    columns, time = options.columns, options.time_column
    if any(isinstance(column, str) for column in [*(columns or ()), time]):
        header = [str(name).strip() for name in frame.iloc[0]]
        columns = columns and [_place(path, header, column) for column in columns]
        time = None if time is None else _place(path, header, time)
        frame = frame.iloc[1:]
    axes, time = _positions(path, frame.shape[1], columns, time)
    numbers, rows = _numbers(path, frame[axes])
    return numbers, None if time is None else frame.loc[rows, time]


def _place(path: Path, header: list[str], column: int | str) -> int:
    """Position of a column that is named by the header, or by its position."""
    times = header.count(column) if isinstance(column, str) else 1
    if times != 1:
        found = f"{times} columns" if times else "no column"
        raise InputError(
            f"{path}: {found} {shown(column)}; the header has {', '.join(header)[:MAX_SHOWN]};"
            " correct it or the sensor's columns"
        )
    return header.index(column) if isinstance(column, str) else column


def _numbers(path: Path, frame: pd.DataFrame) -> tuple[np.ndarray, pd.Index]:
    """Numbers of cells less a header, and the rows that they are in; an empty cell is NaN."""
    numbers = frame.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    words = np.isnan(numbers) & frame.notna().to_numpy()
    if len(words) and words[0].all():
        frame, numbers, words = frame.iloc[1:], numbers[1:], words[1:]
    if words.any():
        row, column = np.argwhere(words)[0]
        cell = frame.iloc[row, column]
        line = frame.index[row] + 1
        raise InputError(f"{path}: row {line}: found {shown(cell)}, expected a number; correct it")
    return numbers, frame.index


def _cells(path: Path) -> pd.DataFrame:
    """Cells of a text file, row i at index i."""
    try:
        text = read_text(path)
        if path.suffix == ".txt":
            text = re.sub("[,;]", " ", text)
        separator = "," if path.suffix == ".csv" else r"\s+"
        return pd.read_csv(
            io.StringIO(text), header=None, dtype=str, sep=separator, skipinitialspace=True
        )
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise InputError(
            f"{path}: not a table of numbers: {str(error).strip()[:MAX_SHOWN]}"
        ) from error
