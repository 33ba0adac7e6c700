"""Frame backbones of the student: BN-Inception, ResNets, and a small network for the CPU."""

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.models.blocks import RESNET_WIDTHS, RESNETS, resnet_blocks, small_blocks, small_widths
from sakdn.models.bninception import BNInception
from sakdn.models.weights import load_imagenet


class BlockBackbone(nn.Module):
    """Five blocks in a row; the taps are their outputs, the feature is the last one's mean.

    Attributes:
        feature_dim: length of a feature.
        tap_names: the five taps, first to last.
        tap_widths: their channels.
    """

    def __init__(self, blocks: nn.ModuleList, names: Sequence[str], widths: Sequence[int]) -> None:
        super().__init__()
        self.blocks = blocks
        self.tap_names, self.tap_widths = tuple(names), tuple(widths)
        self.feature_dim = widths[-1]

    def forward(self, frames: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Computes features [N, feature_dim] and maps by name from frames [N, channels, H, W]."""
        taps = {}
        for name, block in zip(self.tap_names, self.blocks, strict=True):
            frames = block(frames)
            taps[name] = frames  # [N, c, h, w]
        return frames.mean((2, 3)), taps


FrameBackbone = BNInception | BlockBackbone


def build_backbone(
    name: str,
    in_channels: int = 3,
    width: int = 16,
    weights: str | Path | None = None,
) -> FrameBackbone:
    """Builds a frame backbone.

    Args:
        name: `bninception`, `resnet18`, `resnet50` or `small`.
        in_channels: channels of a frame, 1 or 3; only `small` has a choice, the others see a grey
            frame as three equal channels (`pixels.normalise`).
        width: channels of the first block of `small`.
        weights: file of ImageNet weights; None or `none` for random ones.

    Raises:
        InputError: unknown name, or weights that do not fit.
    """
    if name == "small":
        if weights not in (None, "none"):
            raise InputError(f"student.weights: found {weights}, but `small` has none; set `none`")
        names = [f"block{b}" for b in range(1, 6)]
        return BlockBackbone(small_blocks(in_channels, width), names, small_widths(width))
    if name == "bninception":
        backbone = BNInception()
        load_imagenet(backbone, weights)
        return backbone
    if name not in RESNETS:
        known = ", ".join(("bninception", *RESNETS, "small"))
        raise InputError(f"student.backbone: found {name!r}, expected one of {known}")
    import torchvision

    net = torchvision.models.get_model(name, weights=None)
    del net.fc
    load_imagenet(net, weights)
    names = ["stem", "layer1", "layer2", "layer3", "layer4"]
    return BlockBackbone(resnet_blocks(net), names, RESNET_WIDTHS[name])
