"""Gramian angular fields (Wang and Oates 2015) through pyts.

pyts' difference field is the textbook one, sin(phi_i - phi_j) with phi = arccos; the released
MATLAB code uses arcsin, which gives the transpose. The summation fields agree.
"""

import os
from typing import Literal

import numpy as np
from PIL import Image

from sakdn.base.errors import InputError

os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # Compiling takes 38 s a process and gains little.

from pyts.approximation import PiecewiseAggregateApproximation
from pyts.image import GramianAngularField

MAX_FIELD_PX = 4096


def gramian_field(
    signal: np.ndarray,
    field: Literal["summation", "difference"],
    image_size: int | None = None,
    sample_range: tuple[float, float] | None = (-1, 1),
) -> np.ndarray:
    """Gramian angular field of each axis.

    Args:
        signal: [L, axes], L >= 2, finite.
        field: `summation` cos(phi_i + phi_j) or `difference` sin(phi_i - phi_j).
        image_size: S; the signal is brought to S samples by `resample`. None for S = L.
        sample_range: range to which each axis is scaled (after resampling) before arccos; a
            constant axis becomes 0. None where the values are within -1..1 already.

    Returns:
        float64 [axes, S, S] in -1..1.

    Raises:
        InputError: values that are not finite, or a field too large for memory.
    """
    if not np.isfinite(signal).all():
        raise InputError(
            "signal: found NaN or infinity, expected numbers; set gaf.nan: interpolate"
        )
    if image_size is not None:
        signal = resample(signal, image_size)
    if len(signal) > MAX_FIELD_PX:
        found = f"signal: found {len(signal)} samples, expected at most {MAX_FIELD_PX}"
        raise InputError(f"{found} for a field of full size; set gaf.resize: paa")
    axes = signal.T
    if sample_range is None:
        return GramianAngularField(sample_range=None, method=field).transform(axes)
    moves = np.ptp(axes, axis=1) > 0
    of_zeros = -1.0 if field == "summation" else 0.0
    result = np.full((len(axes), len(signal), len(signal)), of_zeros)
    if moves.any():
        gaf = GramianAngularField(sample_range=sample_range, method=field)
        result[moves] = gaf.transform(axes[moves])
    return result


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


def grey(fields: np.ndarray) -> np.ndarray:
    """Scales each field to the full grey range; a constant one becomes mid-grey.

    Args:
        fields: [n, S, S].

    Returns:
        uint8 [n, S, S], round(255 (v - min) / (max - min)).
    """
    low = fields.min(axis=(1, 2), keepdims=True)
    spread = fields.max(axis=(1, 2), keepdims=True) - low
    scaled = np.divide(fields - low, spread, out=np.full(fields.shape, 0.5), where=spread > 0)
    return np.rint(255 * scaled).astype(np.uint8)


def grey_fixed(fields: np.ndarray) -> np.ndarray:
    """Grey of fields [n, S, S] on one scale for all: -1 is 0, 1 is 255."""
    return np.rint(127.5 * (np.clip(fields, -1, 1) + 1)).astype(np.uint8)


def resize_images(images: np.ndarray, size_px: int) -> np.ndarray:
    """Resizes uint8 [n, L, L] to [n, size_px, size_px], bilinear with antialiasing (PIL)."""
    resized = [
        Image.fromarray(image).resize((size_px, size_px), Image.Resampling.BILINEAR)
        for image in images
    ]
    return np.stack([np.asarray(image) for image in resized])
