"""Depth maps as grey pictures."""

from collections.abc import Sequence

import numpy as np

USUAL_RANGE_MM = (1750.0, 4450.0)


def grey_of_depth(depth_mm: np.ndarray, range_mm: Sequence[float]) -> np.ndarray:
    """Depth of any shape to uint8: the nearer end becomes 255, the farther 1, unmeasured 0 stays.

    What lies outside the range is clipped.
    """
    near, far = range_mm
    depth = depth_mm.astype(np.float32)
    bright = np.clip(1 + 254 * (far - depth) / (far - near), 1, 255)
    return np.where(depth > 0, bright, 0).round().astype(np.uint8)
