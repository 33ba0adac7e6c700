"""From the signal of a clip to its images."""

from collections.abc import Sequence

import numpy as np

from sakdn.data.clips.windows import cut
from sakdn.options.sensors import ImageOptions
from sakdn.teachers.gaf.field import check_finite, each_field, grey, resample, resize_image
from sakdn.teachers.gaf.ranges import Ranges


def clip_images(
    signal: np.ndarray,
    windows: Sequence[tuple[float, float]],
    options: ImageOptions,
    ranges: Ranges | None,
) -> np.ndarray:
    """Images of a clip, one a window.

    Args:
        signal: finite [L, axes].
        windows: (start, end) fractions.
        options: field, scaling, size.
        ranges: (low, high) of each axis for scaling `dataset`, None for `clip`.

    Returns:
        uint8 [windows, channels, S, S] with axes x fields channels: all axes of the first field,
        then of the second.
    """
    if ranges is not None:
        signal = _scaled(signal, ranges)
    return np.stack([_image(signal[cut(window, len(signal))], options) for window in windows])


def _scaled(signal: np.ndarray, ranges: Ranges) -> np.ndarray:
    """Fixed scaling to -1..1, clipped; an axis whose range is empty becomes 0."""
    low, high = np.array(ranges).T
    spread = np.where(high > low, high - low, 1)
    scaled = np.clip((2 * signal - high - low) / spread, -1, 1)
    return np.where(high > low, scaled, 0)


def _image(signal: np.ndarray, options: ImageOptions) -> np.ndarray:
    size = options.image_size_px
    by_clip = options.scaling == "clip"
    if options.resize == "paa" or len(signal) < size:
        check_finite(signal)
        signal = resample(signal, size)
    fields = each_field(signal, options.fields, (-1, 1) if by_clip else None)
    return np.stack([resize_image(grey(field, not by_clip), size) for field in fields])
