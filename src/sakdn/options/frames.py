"""Options of stored frames (config key `frames`)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sakdn.base.options import Options, Several, refuse

RAW_LIMIT_GB = 32  # Fits the memory that a workstation has left for its disk's cache.
SidePx = Annotated[int, Field(ge=1, le=4096)]


class FramesOptions(Options):
    """How the video is stored."""

    short_side_px: SidePx = Field(
        256, description="The shorter side of a stored frame; the aspect is kept."
    )
    color: Literal["rgb", "grey"] = Field("rgb", description="grey takes a third of the space.")
    max_frames: int | None = Field(
        None,
        ge=1,
        description="Keep at most so many frames a clip, evenly spaced; null for all.",
    )
    store: Literal["raw", "jpeg", "auto"] = Field(
        "auto",
        description="raw, or jpeg, which takes a tenth of the space, 41 to 46 dB from the frames at"
        f" quality 95, and is decoded in training; auto: jpeg where raw takes over {RAW_LIMIT_GB}"
        " GB, judged by some of the videos.",
    )
    jpeg_quality: int = Field(
        95, ge=1, le=100, description="Of jpeg; colour has half the resolution (4:2:0)."
    )
    # The default makes UTD-MHAD's raw depth look as its depth videos do.
    depth_range_mm: Annotated[Several[float], Field(min_length=2, max_length=2)] = Field(
        (1750.0, 4450.0),
        description="Depth clips only (.mat, folders of 16-bit PNG). Millimetres that become 255"
        " and 1; what lies outside is clipped, and 0 (nothing measured) stays background.",
    )

    @model_validator(mode="after")
    def _check_range(self) -> "FramesOptions":
        near, far = self.depth_range_mm
        if not 0 <= near < far:
            refuse("depth_range_mm", f"found {[near, far]}, expected [near, far] with near < far")
        return self
