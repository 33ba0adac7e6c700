"""Options of the gaf stage."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sakdn.base.errors import InputError
from sakdn.base.options import one_of, parse_options, whole_number
from sakdn.data.clips.windows import WindowOptions
from sakdn.data.readers.signals import SignalOptions


@dataclass(frozen=True)
class GafOptions:
    """How a signal becomes an image.

    Attributes:
        signal: where in the file the sensor is.
        images: the files are ready images, which are resized and nothing else.
        field: `summation` (the paper), `difference` or `both` (channels of the one, then of the
            other). A summation field forgets the sign of the signal.
        scaling: `clip` (each axis of each image to its own range, and each channel to the full
            grey range; the paper) or `dataset` (one range an axis, from the training clips less
            wild values; values outside are clipped, and -1..1 becomes 0..255 in every image, so
            that amplitude is kept).
        image_size_px: side of the image.
        resize: `paa` (averages the signal to the image's size, then the field) or `image` (the
            field of the whole signal, then antialiased bilinear resize; the paper).
        nan: `error` or `interpolate`.
        windows: cuts of each clip.
    """

    signal: SignalOptions = dataclasses.field(default_factory=SignalOptions)
    images: bool = False
    field: Literal["summation", "difference", "both"] = "both"
    scaling: Literal["clip", "dataset"] = "dataset"
    image_size_px: int = 64
    resize: Literal["paa", "image"] = "paa"
    nan: Literal["error", "interpolate"] = "error"
    windows: WindowOptions = dataclasses.field(default_factory=WindowOptions)

    def __post_init__(self) -> None:
        one_of("gaf.field", self.field, ("summation", "difference", "both"))
        one_of("gaf.scaling", self.scaling, ("clip", "dataset"))
        one_of("gaf.resize", self.resize, ("paa", "image"))
        one_of("gaf.nan", self.nan, ("error", "interpolate"))
        whole_number("gaf.image_size_px", self.image_size_px, 2)
        if self.images and self.windows.count > 1:
            raise InputError(
                f"gaf.windows.count: found {self.windows.count}, expected 1: ready images cannot be"
                " cut; set it to 1 or give the signals"
            )

    @property
    def fields(self) -> list[Literal["summation", "difference"]]:
        """The fields to make, in channel order."""
        return ["summation", "difference"] if self.field == "both" else [self.field]


def gaf_options(values: Mapping[str, Any]) -> GafOptions:
    """Parses the stage's options.

    Raises:
        InputError: an unknown key or a wrong value.
    """
    nested = {
        "signal": parse_options(SignalOptions, values.get("signal", {}), "sensors"),
        "windows": parse_options(WindowOptions, values.get("windows", {}), "gaf.windows"),
    }
    return parse_options(GafOptions, {**values, **nested}, "gaf")
