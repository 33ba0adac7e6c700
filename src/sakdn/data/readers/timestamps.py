"""Time stamps as they are written in files, as seconds."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError, shown
from sakdn.data.readers.fixed_stamps import fixed_stamps

UNIT_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
ISO = "iso8601"
FORMATS = f"{', '.join(UNIT_S)}, {ISO}"
OFFSET = r"(?:Z|[+-]\d\d(?::?\d\d)?)\s*$"
DATE = ("%d", "%j", "%D", "%x", "%c", "%u", "%w", "%a", "%A", "%s")
DAY_S = 86400.0
COUNTER = 2.0**32
# What may lie between two samples on both sides of midnight, or of a counter's end.
MAX_TURN_S = 60.0


def seconds_of(
    cells: "pd.Series[str]", rows: np.ndarray, time_format: str, path: Path
) -> np.ndarray:
    """Time stamps as seconds since the first of them.

    Stamps with different offsets from UTC are one time. A clock without date goes on over midnight,
    a counter of 32 bits over its end.

    Args:
        cells: numbers, or text as in the file.
        rows: where in the file each is, from 1.
        time_format: `s`, `ms`, `us` or `ns` for numbers, `iso8601`, else a format of `strptime`.
        path: the file, named in errors.

    Returns:
        float64 [samples].

    Raises:
        InputError: a cell that is not such a time stamp, or no such format.
    """
    if time_format in UNIT_S:
        numbers = pd.to_numeric(cells, errors="coerce").astype(np.float64)
        seconds = (numbers - numbers.iloc[0]).to_numpy() * UNIT_S[time_format]
        turn_s = COUNTER * UNIT_S[time_format]
    else:
        seconds = _of_words(cells, rows, time_format, path)
        dated = time_format == ISO or any(part in time_format for part in DATE)
        turn_s = np.inf if dated else DAY_S
    bad = ~np.isfinite(seconds)
    if bad.all() and len(bad):
        bad[1:] = False
    if bad.any():
        place = int(bad.argmax())
        raise InputError(
            f"{path}: row {rows[place]}: found {shown(cells.iloc[place])}, expected a time"
            f" stamp of format {time_format!r}; correct it or the sensor's time_format"
        )
    return _unwrapped(seconds, turn_s)


def _of_words(
    cells: "pd.Series[str]", rows: np.ndarray, time_format: str, path: Path
) -> np.ndarray:
    written = cells.to_numpy()  # Series cost several times what is done with them.
    if time_format == ISO or not pd.api.types.is_numeric_dtype(cells):
        written = np.array([str(cell).strip("\"' ") for cell in written], dtype=object)
    if time_format == ISO:
        _refuse_mixed(pd.Series(written, dtype="str"), rows, path)
    fixed = fixed_stamps(written.tolist(), time_format) if written.dtype == object else None
    stamps = _parsed(written, time_format, path) if fixed is None else pd.DatetimeIndex(fixed)
    return (stamps - stamps[0]).total_seconds().to_numpy()


def _parsed(written: np.ndarray, time_format: str, path: Path) -> pd.DatetimeIndex:
    """Time stamps as pandas reads them, NaT where it cannot."""
    iso = time_format == ISO
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pandas': formats that it finds odd.
            return pd.to_datetime(
                written,
                format="ISO8601" if iso else time_format,
                errors="coerce",
                utc=iso or "%z" in time_format,
            )
    except ValueError as error:
        raise InputError(
            f"{path}: time_format: found {time_format!r}, expected {FORMATS} or a format of"
            f" strptime: {error}"
        ) from error


def _refuse_mixed(cells: "pd.Series[str]", rows: np.ndarray, path: Path) -> None:
    """Raises where some stamps have an offset from UTC and some have none."""
    has = cells.str.contains(OFFSET, regex=True, na=False).to_numpy() & (cells.str.len() > 10)
    if has.any() and not has.all():
        place = int((has != has[0]).argmax())
        raise InputError(
            f"{path}: row {rows[place]}: found {shown(cells.iloc[place])}, and"
            f" {shown(cells.iloc[0])} before it: only one of them has an offset from UTC;"
            " correct it"
        )


def _unwrapped(seconds: np.ndarray, turn_s: float) -> np.ndarray:
    """Adds a turn wherever the clock began again from zero, which one step of a turn tells."""
    steps = np.diff(seconds)
    turns = (steps < -turn_s / 2) & (np.abs(steps + turn_s) < MAX_TURN_S)
    if not turns.any():
        return seconds
    return seconds + np.concatenate([[0.0], np.cumsum(turns) * turn_s])
