"""Options of the images of signals (config key `gaf`)."""

from typing import Annotated, Literal

from pydantic import Field

from sakdn.base.options import Options

ImagePx = Annotated[int, Field(ge=32)]  # A teacher halves it five times.


class WindowOptions(Options):
    """Cuts of each clip beside the whole; video and signal are cut alike."""

    count: int = Field(1, ge=1, description="Windows a clip; the first is the whole clip.")
    min_fraction: float = Field(
        0.5, gt=0, le=1, description="Shortest window as a share of the clip."
    )
    seed: int = Field(0, ge=0, description="Of the cuts.")


class GafOptions(Options):
    """How a signal becomes an image.

    A summation field forgets the sign of the signal. With scaling `clip` each axis of each image
    is brought to its own range, and each channel to the full grey range; with `dataset` values
    outside the range are clipped, and -1..1 becomes 0..255 in every image, so amplitude is kept.
    """

    field: Literal["summation", "difference", "both"] = Field(
        "both",
        description="Gramian angular field: summation (the paper), difference, or both as"
        " channels.",
    )
    scaling: Literal["clip", "dataset"] = Field(
        "dataset",
        description="clip (each clip to its own range; the paper) or dataset (one range an axis,"
        " from train; a few wild values do not set it).",
    )
    image_size_px: ImagePx = Field(64, description="Side of the square image.")
    resize: Literal["paa", "image"] = Field(
        "paa",
        description="paa (average the signal, then the field) or image (the field, then resize; the"
        " paper).",
    )
    nan: Literal["error", "interpolate"] = Field(
        "error", description="What to do with NaN in a signal."
    )
    windows: WindowOptions = WindowOptions()

    @property
    def fields(self) -> list[Literal["summation", "difference"]]:
        """The fields to make, in channel order."""
        return ["summation", "difference"] if self.field == "both" else [self.field]
