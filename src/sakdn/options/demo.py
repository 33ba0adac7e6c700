"""Options of the demo recordings (config key `data.demo`)."""

from typing import Annotated

from pydantic import Field, model_validator

from sakdn.base.options import Options, refuse

Count = Annotated[int, Field(ge=1, le=999)]


class DemoOptions(Options):
    """Source demo only. Size and seed of the made recordings."""

    actions: int = Field(10, ge=2, le=10, description="Number of classes, the first ones.")
    subjects: Count = Field(6, description="Number of people.")
    trials: Count = Field(4, description="Repetitions of each action by each person.")
    seed: int = Field(7, ge=0, le=2**32 - 1, description="Of everything that is drawn.")
    width_px: int = Field(160, ge=32, le=1920, description="Width of the videos, even.")
    height_px: int = Field(120, ge=32, le=1080, description="Height of the videos, even.")
    fps: int = Field(15, ge=5, le=60, description="Frames a second.")

    @model_validator(mode="after")
    def _check_even(self) -> "DemoOptions":
        for key in ("width_px", "height_px"):
            size_px = getattr(self, key)
            if size_px % 2:
                refuse(
                    key,
                    f"found {size_px}, expected an even number (H.264 stores colour at half size);"
                    " add one",
                )
        return self
