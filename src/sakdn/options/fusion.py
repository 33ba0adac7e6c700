"""Options of the fused teachers (config key `fusion`)."""

from typing import Literal

from pydantic import Field

from sakdn.base.options import Options
from sakdn.options.teacher import TeachingOptions


class SpamfmOptions(Options):
    """What joins the teachers."""

    reduction: int | None = Field(
        None,
        ge=1,
        description="Reduction of the gates; null for twice the number of sensors (the paper).",
    )
    inference: Literal["self", "bank"] = Field(
        "self",
        description="What a clip is compared with at test: itself (self) or fixed training clips"
        " (bank); never the rest of its batch.",
    )
    bank_clips_per_class: int = Field(1, ge=1, description="Training clips a class in the bank.")


class FusionOptions(SpamfmOptions, TeachingOptions):
    """SPAMFM joins the teachers and all are trained on together."""
