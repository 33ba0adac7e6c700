"""Options of the teachers (config key `teacher`)."""

from typing import Literal

from pydantic import Field

from sakdn.options.training import TrainingOptions
from sakdn.options.weights import StartOptions

TeacherBackbone = Literal["small", "vgg16_bn", "resnet18", "resnet50"]


class StreamOptions(StartOptions):
    """Architecture of a teacher stream."""

    backbone: TeacherBackbone = Field(
        "small", description="Network of five blocks; vgg16_bn is the paper's."
    )
    width: int = Field(16, ge=2, description="Channels of the first block of the small backbone.")


class TeachingOptions(TrainingOptions):
    """Training and loss of a teacher (the paper's stage 1)."""

    semantic_weight: float = Field(
        1.0, ge=0, description="Weight of the regression onto the class vector."
    )
    semantic_loss: Literal["mse", "l1"] = Field("mse", description="Loss of that regression.")


class TeacherOptions(StreamOptions, TeachingOptions):
    """The network of one sensor."""
