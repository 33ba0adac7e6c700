"""How the video is stored: the config's `frames`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sakdn.base.errors import InputError
from sakdn.base.options import one_of, whole_number
from sakdn.data.readers.depth import USUAL_RANGE_MM


@dataclass(frozen=True)
class FramesOptions:
    """How the video is stored (config key `frames`).

    Attributes:
        short_side_px: the shorter side of a frame becomes so many pixels, the aspect is kept.
        color: `rgb` or `grey` (luma).
        max_frames: at most so many frames a clip, evenly spaced; None for all.
        depth_range_mm: depth clips only (.mat, folders of 16-bit PNG). The nearer end becomes 255,
            the farther 1, what lies outside is clipped, and 0 (nothing measured) stays 0. The
            default makes UTD-MHAD's raw depth look as its depth videos do.
    """

    short_side_px: int = 256
    color: Literal["rgb", "grey"] = "rgb"
    max_frames: int | None = None
    depth_range_mm: Sequence[float] = USUAL_RANGE_MM

    def __post_init__(self) -> None:
        whole_number("frames.short_side_px", self.short_side_px, 1)
        one_of("frames.color", self.color, ("rgb", "grey"))
        if self.max_frames is not None:
            whole_number("frames.max_frames", self.max_frames, 1)
        near_far = list(self.depth_range_mm)
        if len(near_far) != 2 or not 0 <= near_far[0] < near_far[1]:
            raise InputError(
                f"frames.depth_range_mm: found {near_far}, expected [near, far] with near < far"
            )
