"""Which frames of a clip are seen, and which part of them.

Random numbers come from a `Draw`, so that a caller decides on generator and seed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sakdn.base.errors import InputError
from sakdn.options.student import Input

Draw = Callable[[int, int], NDArray[np.integer]]
"""`draw(high, count)` gives `count` integers in 0..high-1."""

CROP_SCALES = (1, 0.875, 0.75, 0.66)
MAX_SCALE_STEP = 1
SNAP_PX = 2
MOMENTS = 2**16  # Of which one is drawn in a part of the time.

# Where a crop may lie, in quarters of the free width and height: corners, centre, middles of the
# edges, quarter points.
ANCHORS = (
    *((0, 0), (4, 0), (0, 4), (4, 4)),
    (2, 2),
    *((0, 2), (4, 2), (2, 4), (2, 0)),
    *((1, 1), (3, 1), (1, 3), (3, 3)),
)


class Crop(NamedTuple):
    """A part of a frame, in pixels from the upper left corner."""

    width: int
    height: int
    x: int
    y: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Its rows and columns."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


def drawn_by(rng: np.random.Generator) -> Draw:
    """A `Draw` from a NumPy generator."""
    return lambda high, count: rng.integers(high, size=count)


Starts = NDArray[np.floating] | None
"""When frames that come unevenly begin, as fractions of the clip; None where they come evenly."""


def eval_indices(frames: int, segments: int, starts: Starts = None) -> NDArray[np.int64]:
    """The frame shown in the middle of each of `segments` equal parts of the time.

    Where frames come evenly: floor((i + 1/2) frames / segments). A clip with fewer frames than
    segments repeats them in order. (The released code takes frame 0 every time when there are no
    more frames than segments.)

    Returns:
        Frame numbers [segments] from 0, ascending.

    Raises:
        InputError: no frames.
    """
    _check(frames, segments)
    if starts is not None:
        return _shown_at(starts, (np.arange(segments) + 0.5) / segments)
    part = frames / segments
    return np.floor(part / 2 + part * np.arange(segments)).astype(np.int64)


def train_indices(
    frames: int, segments: int, draw: Draw, starts: Starts = None
) -> NDArray[np.int64]:
    """One random frame in each of `segments` parts of floor(frames / segments) frames (TSN).

    Where frames come unevenly, the one shown at a random moment of each part of the time. A clip
    with fewer frames than segments gives `eval_indices` (the released code: frame 0 every time).

    Returns:
        Frame numbers [segments] from 0, ascending.

    Raises:
        InputError: no frames.
    """
    _check(frames, segments)
    part = frames // segments
    if part == 0:
        return eval_indices(frames, segments, starts)
    if starts is not None:
        moments = np.arange(segments) + draw(MOMENTS, segments) / MOMENTS
        return _shown_at(starts, moments / segments)
    return np.arange(segments) * part + draw(part, segments)


def with_previous(indices: NDArray[np.int64], seen: Input) -> NDArray[np.int64]:
    """Frames to read for the frames `indices` [T] to be seen.

    Returns:
        [T], or where differences are seen [2 T]: the frame before each, then each. Nothing is
        before the first frame: its difference is that to itself.
    """
    if seen == "frames":
        return indices
    return np.concatenate([(indices - 1).clip(0), indices])


def _shown_at(starts: NDArray[np.floating], moments: NDArray[np.floating]) -> NDArray[np.int64]:
    """The frame that is shown at each moment; all are fractions of the clip."""
    return (np.searchsorted(starts, moments, side="right") - 1).clip(0)


def crop_sizes(width_px: int, height_px: int, size_px: int) -> list[tuple[int, int]]:
    """Widths and heights that a multi-scale crop chooses from.

    Each is a scale of the shorter side; the two scales differ by at most one step. A side within
    2 pixels of `size_px` becomes `size_px`, which saves resizing.
    """
    sides = [int(min(width_px, height_px) * scale) for scale in CROP_SCALES]
    sides = [size_px if abs(side - size_px) <= SNAP_PX else side for side in sides]
    return [
        (width, height)
        for row, height in enumerate(sides)
        for column, width in enumerate(sides)
        if abs(row - column) <= MAX_SCALE_STEP
    ]


def crop_offsets(
    width_px: int, height_px: int, crop_width_px: int, crop_height_px: int
) -> list[tuple[int, int]]:
    """The 13 upper left corners (x, y) at which a crop may lie."""
    step_x, step_y = (width_px - crop_width_px) // 4, (height_px - crop_height_px) // 4
    return [(x * step_x, y * step_y) for x, y in ANCHORS]


def draw_crop(width_px: int, height_px: int, size_px: int, draw: Draw) -> Crop:
    """Draws a crop for all frames of a clip, to be resized to `size_px` squared.

    Args:
        width_px: of the frames.
        height_px: of the frames.
        size_px: side of the network's input.
        draw: called for the size, then for the place.
    """
    sizes = crop_sizes(width_px, height_px, size_px)
    width, height = sizes[int(draw(len(sizes), 1)[0])]
    offsets = crop_offsets(width_px, height_px, width, height)
    return Crop(width, height, *offsets[int(draw(len(offsets), 1)[0])])


def _check(frames: int, segments: int) -> None:
    if frames < 1 or segments < 1:
        raise InputError(
            f"frame sampling: found {frames} frames and {segments} segments; expected at least 1"
        )
