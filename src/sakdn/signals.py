"""Reads one wearable signal from a .mat, .npy, .csv or .txt file."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from sakdn.errors import InputError
from sakdn.matfile import load_array


@dataclass(frozen=True)
class SignalOptions:
    """Where in a file a sensor's signal is.

    Attributes:
        variable: variable of a .mat file; None for its only matrix.
        columns: the axes: columns counted from 0, or names of a text file's header; None for all.
        rate_hz: sampling rate. Windows are fractions of a clip, so that no stage needs it yet.
    """

    variable: str | None = None
    columns: Sequence[int | str] | None = None
    rate_hz: float | None = None


def read_signal(path: Path | str, options: SignalOptions) -> np.ndarray:
    """Reads a signal; a missing value is NaN.

    A .csv has commas, a .txt blanks, tabs, commas or semicolons; a first line of words is taken
    for a header.

    Returns:
        float64 [samples, axes], in the file's units.

    Raises:
        InputError: missing, truncated or damaged file, missing variable or column, text where
            numbers should be, fewer than 2 samples, wrong number of dimensions.
    """
    path = Path(path)
    if path.suffix == ".mat":
        matrix = load_array(path, options.variable, 2)
    elif path.suffix == ".npy":
        matrix = _read_npy(path)
    elif path.suffix in (".csv", ".txt"):
        return _checked(path, _read_text(path, options.columns))
    else:
        raise InputError(
            f"{path}: found a {path.suffix or 'nameless'} file, expected a signal in"
            " .mat, .npy, .csv or .txt"
        )
    return _checked(path, _columns(path, matrix, options.columns))


def repaired(
    signal: np.ndarray, path: Path | str, nan: Literal["error", "interpolate"]
) -> np.ndarray:
    """Deals with values that are not finite.

    Args:
        signal: [samples, axes].
        path: its file, named in the error.
        nan: `error`, or `interpolate` linearly in time on each axis (held at the ends).

    Returns:
        Finite float64 [samples, axes].

    Raises:
        InputError: a value that is not finite and `error`, or an axis without any finite value.
    """
    bad = ~np.isfinite(signal)
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


def _checked(path: Path, signal: np.ndarray) -> np.ndarray:
    if len(signal) < 2:
        raise InputError(f"{path}: found {len(signal)} samples, expected at least 2")
    return signal


def _read_npy(path: Path) -> np.ndarray:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, EOFError) as error:
        raise InputError(f"{path}: truncated or not a .npy file of numbers: {error}") from error
    return array[:, None] if array.ndim == 1 else array


def _columns(path: Path, matrix: np.ndarray, columns: Sequence[int | str] | None) -> np.ndarray:
    """Columns of a matrix [samples, axes] as float64."""
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
    chosen = _positions(path, width, columns)
    return np.asarray(matrix[:, chosen], dtype=np.float64)


def _positions(path: Path, width: int, columns: Sequence[Any] | None) -> list[int]:
    chosen = list(range(width)) if columns is None else list(columns)
    for column in chosen:
        if type(column) is not int or not 0 <= column < width:
            raise InputError(
                f"{path}: no column {column!r}: found {width} columns, counted from 0; correct the"
                " sensor's columns"
            )
    return chosen


def _read_text(path: Path, columns: Sequence[int | str] | None) -> np.ndarray:
    frame = _cells(path)
    names = [str(name).strip() for name in frame.iloc[0]]
    if columns is not None and any(isinstance(column, str) for column in columns):
        absent = [column for column in columns if column not in names]
        if absent:
            raise InputError(
                f"{path}: no column {absent[0]!r}; the header has {', '.join(names)}; correct the"
                " sensor's columns"
            )
        columns = [names.index(str(column)) for column in columns]
        frame = frame.iloc[1:]
    frame = frame[_positions(path, frame.shape[1], columns)]
    numbers = frame.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    words = np.isnan(numbers) & frame.notna().to_numpy()
    if len(words) and words[0].all():
        frame, numbers, words = frame.iloc[1:], numbers[1:], words[1:]
    if words.any():
        row, column = np.argwhere(words)[0]
        cell = frame.iloc[row, column]
        line = frame.index[row] + 1
        raise InputError(f"{path}: row {line}: found {cell!r}, expected a number; correct it")
    return numbers


def _cells(path: Path) -> pd.DataFrame:
    """Cells of a text file, row i at index i."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".txt":
            text = re.sub("[,;]", " ", text)
        separator = "," if path.suffix == ".csv" else r"\s+"
        return pd.read_csv(
            io.StringIO(text), header=None, dtype=str, sep=separator, skipinitialspace=True
        )
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise InputError(f"{path}: not a table of numbers: {str(error).strip()}") from error
