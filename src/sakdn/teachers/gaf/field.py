"""Gramian angular fields (Wang and Oates 2015), the values those of pyts to the bit.

pyts' difference field is the textbook one, sin(phi_i - phi_j) with phi = arccos; the released
MATLAB code uses arcsin, which gives the transpose. The summation fields agree.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
from PIL import Image

from sakdn.base.errors import InputError

os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # Compiling takes 38 s a process and gains little.

from pyts.approximation import PiecewiseAggregateApproximation

Field = Literal["summation", "difference"]
MAX_FIELD_PX = 4096
ROWS = 64


def gramian_field(
    signal: np.ndarray,
    field: Field,
    image_size: int | None = None,
    sample_range: tuple[float, float] | None = (-1, 1),
) -> np.ndarray:
    """Gramian angular field of each axis.

    Args:
        signal: [L, axes], L >= 2, finite.
        field: `summation` cos(phi_i + phi_j) or `difference` sin(phi_i - phi_j).
        image_size: S; the signal is brought to S samples by `resample`. None for S = L.
        sample_range: as for `each_field`.

    Returns:
        float64 [axes, S, S] in -1..1.

    Raises:
        InputError: as `each_field`.
    """
    check_finite(signal)
    if image_size is not None:
        signal = resample(signal, image_size)
    return np.stack([one.copy() for one in each_field(signal, [field], sample_range)])


def each_field(
    signal: np.ndarray,
    fields: Sequence[Field],
    sample_range: tuple[float, float] | None = (-1, 1),
) -> Iterator[np.ndarray]:
    """Fields of a signal [L, axes], all axes of the first kind, then of the second.

    New arrays of this size cost more than what is computed in them; all fields are in one.

    Args:
        signal: [L, axes], L >= 2, finite.
        fields: kinds, see `gramian_field`.
        sample_range: range to which each axis is scaled before arccos; a constant axis becomes 0.
            None where the values are within -1..1 already.

    Yields:
        float64 [L, L] in -1..1, the caller's to change until it asks for the next.

    Raises:
        InputError: values that are not finite, or a field too large for memory.
    """
    check_finite(signal)
    if len(signal) > MAX_FIELD_PX:
        found = f"signal: found {len(signal)} samples, expected at most {MAX_FIELD_PX}"
        raise InputError(f"{found} for a field of full size; set gaf.resize: paa")
    cosines = np.ascontiguousarray(
        signal.T if sample_range is None else _scaled(signal.T, *sample_range)
    )
    sines = np.sqrt(np.clip(1 - cosines**2, 0, 1))
    room, second = np.empty((len(signal), len(signal))), np.empty((ROWS, len(signal)))
    for field in fields:
        left, right = (cosines, sines) if field == "summation" else (sines, cosines)
        for here, there, cosine, sine in zip(left, right, cosines, sines):
            for part, this, that in zip(
                _parts(room), _parts(here[:, None]), _parts(there[:, None])
            ):
                np.dot(this, cosine[None], out=part)  # As `multiply`, in half of its time.
                product = np.dot(that, sine[None], out=second[: len(part)])
                np.subtract(part, product, out=part)
            yield room


def check_finite(signal: np.ndarray) -> None:
    """Raises InputError for values that are not finite."""
    if not np.isfinite(signal).all():
        raise InputError(
            "signal: found NaN or infinity, expected numbers; set gaf.nan: interpolate"
        )


def _scaled(axes: np.ndarray, low: float, high: float) -> np.ndarray:
    """Each axis [axes, L] over the whole range; a constant one is 0."""
    least, spread = axes.min(axis=1, keepdims=True), np.ptp(axes, axis=1, keepdims=True)
    moves = spread > 0
    scale = (high - low) / np.where(moves, spread, 1)
    return np.where(moves, axes * scale + (low - least * scale), 0.0)


def resample(signal: np.ndarray, size: int) -> np.ndarray:
    """Brings a signal [L, axes] to [size, axes].

    A longer one by piecewise aggregate approximation, a shorter one by linear interpolation.
    """
    length = len(signal)
    if length >= size:
        paa = PiecewiseAggregateApproximation(window_size=None, output_size=size, overlapping=False)
        return paa.transform(signal.T).T
    at = np.linspace(0, length - 1, size)
    return np.stack([np.interp(at, np.arange(length), axis) for axis in signal.T], axis=1)


def grey(fields: np.ndarray, fixed: bool = False) -> np.ndarray:
    """Grey levels of fields.

    Args:
        fields: float64 [..., S, S], overwritten.
        fixed: on one scale for all, -1 is 0 and 1 is 255; else each over the whole grey range,
            round(255 (v - min) / (max - min)), a constant field mid-grey.

    Returns:
        uint8 [..., S, S].
    """
    for field in fields.reshape(-1, *fields.shape[-2:]):
        _to_levels(field, fixed)
    return fields.astype(np.uint8)


def _to_levels(field: np.ndarray, fixed: bool) -> None:
    """Makes a field [S, S] whole numbers 0..255, in place."""
    parts = list(_parts(field))
    low = -1 if fixed else min(part.min() for part in parts)
    spread = 2 if fixed else max(part.max() for part in parts) - low
    if not spread:
        field[:] = 128
        return
    for part in parts:
        if fixed:
            np.clip(part, -1, 1, out=part)
        part -= low
        part /= spread
        part *= 255
        np.rint(part, out=part)


def _parts(field: np.ndarray) -> Iterator[np.ndarray]:
    """Rows of an array, as many at a time as stay near the processor from step to step."""
    return (field[start : start + ROWS] for start in range(0, len(field), ROWS))


def resize_image(image: np.ndarray, size_px: int) -> np.ndarray:
    """Resizes uint8 [L, L] to [size_px, size_px], bilinear with antialiasing (PIL)."""
    side = (size_px, size_px)
    return np.asarray(Image.fromarray(image).resize(side, Image.Resampling.BILINEAR))
