"""What a network starts from: names of published weights, and where their files lie."""

import re
from pathlib import Path

from pydantic import Field, model_validator

from sakdn.base.options import Described, Options, refuse
from sakdn.options.backbones import TIMM, torchvision_weights

FOLDER = "data/weights"

CAFFE = "IMAGENET1K_CAFFE"
NAME = re.compile(r"pretrained|[A-Z][A-Z0-9_]*")
ENDINGS = (".safetensors", ".pth", ".pt")


class StartOptions(Options):
    """What a network starts from; its class names the `backbone`."""

    weights: str | None = Field(
        None,
        max_length=4096,
        pattern=r"^[^{}]*$",
        description="What the backbone starts from: none (or null), a file (.safetensors, .pth; no"
        " braces in the path), or a name, which is downloaded into data/weights: torchvision's"
        " (IMAGENET1K_V1, KINETICS400_V1, DEFAULT), IMAGENET1K_CAFFE for bninception, pretrained"
        " for timm's.",
    )

    @model_validator(mode="after")
    def _weights_of_this_backbone(self) -> "StartOptions":
        backbone = getattr(self, "backbone", None)
        if backbone and weights_file(backbone, self.weights):
            _check(backbone, str(self.weights))
        return self


class WeightsAbout(Described):
    """The weights that a network started from.

    Attributes:
        name: as the config names them.
        file: that was read.
        sha256: its digest.
        source: address or package that it was made from; None for a file of the user's own.
    """

    name: str = Field(max_length=10_000)
    file: str = Field(max_length=10_000)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    source: str | None = Field(None, max_length=10_000)


def weights_file(backbone: str, weights: str | None) -> str | None:
    """Path of the weights that a config names; None for none."""
    if not weights or weights == "none":
        return None
    return f"{FOLDER}/{backbone}/{weights}.safetensors" if is_name(weights) else weights


def is_name(weights: str | None) -> bool:
    """Whether a config names published weights, not a file."""
    return bool(weights and NAME.fullmatch(weights))


def _check(backbone: str, weights: str) -> None:
    """Refuses what is no file and no name that networks of this kind have."""
    if backbone == "small":
        refuse("weights", f"found {weights!r}, but `small` has none; set `none`")
    if not is_name(weights):
        if Path(weights).suffix not in ENDINGS:
            refuse(
                "weights",
                f"found {weights!r}, expected none, {_names(backbone)} or a file"
                f" ({', '.join(ENDINGS)})",
            )
    elif not _may_be_called(backbone, weights):
        refuse("weights", f"found {weights!r}, expected for {backbone} {_names(backbone)}")


def _may_be_called(backbone: str, name: str) -> bool:
    if backbone.startswith(TIMM):
        return name == "pretrained"
    if backbone == "bninception":
        return name == CAFFE
    known = torchvision_weights(backbone)
    return name in known if known else name not in ("pretrained", CAFFE)


def _names(backbone: str) -> str:
    if backbone.startswith(TIMM):
        return "pretrained"
    if backbone == "bninception":
        return CAFFE
    return " or ".join(torchvision_weights(backbone)) or "a name of torchvision (DEFAULT)"
