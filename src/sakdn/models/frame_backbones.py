"""Backbones of the student by name: how each is built, and what pixels it takes."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from torch import Tensor, nn

from sakdn.models.blocks import resnet_blocks, small_blocks, small_widths
from sakdn.models.bninception import BNInception
from sakdn.models.pixels import CAFFE, IMAGENET, PLAIN, Pixels
from sakdn.models.tapped import Tapped
from sakdn.models.temporal_shift import shift_inputs
from sakdn.models.timm_backbones import build_timm, timm_pixels
from sakdn.models.video_backbones import VIDEOS, build_video
from sakdn.models.weights import load_pretrained
from sakdn.models.widen import widen_input
from sakdn.options.backbones import TIMM
from sakdn.options.student import StudentNetwork


class BlockBackbone(nn.Module):
    """Five blocks in a row; the taps are their outputs, the feature is the last one's mean.

    Attributes:
        feature_dim: length of a feature.
        tap_names: the five taps, first to last.
        tap_widths: their channels.
        sees_clips: never, frames one by one.
    """

    sees_clips = False

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


FrameBackbone = BNInception | BlockBackbone | Tapped


class Kind(NamedTuple):
    """A backbone.

    Attributes:
        build: makes it with random weights or published ones.
        pixels: its input.
    """

    build: Callable[[StudentNetwork], FrameBackbone]
    pixels: Pixels


def _small(network: StudentNetwork) -> BlockBackbone:
    names = [f"block{b}" for b in range(1, 6)]
    blocks = small_blocks(network.in_channels, network.width)
    shift_inputs(blocks[1:], network)
    return BlockBackbone(blocks, names, small_widths(network.width))


def _bninception(network: StudentNetwork) -> BNInception:
    backbone = BNInception()
    shift_inputs(backbone.shifts, network)
    load_pretrained(backbone, network)
    widen_input(backbone, network.in_channels)
    return backbone


def _resnet(network: StudentNetwork) -> BlockBackbone:
    import torchvision

    net = torchvision.models.get_model(network.backbone, weights=None)
    del net.fc
    load_pretrained(net, network)
    widen_input(net, network.in_channels)
    names = ("stem", "layer1", "layer2", "layer3", "layer4")
    blocks, widths = resnet_blocks(net)
    stages = (net.layer1, net.layer2, net.layer3, net.layer4)
    shift_inputs([block.conv1 for stage in stages for block in stage], network)
    return BlockBackbone(blocks, names, widths)


# By their names in `options.student`.
BACKBONES = {
    "small": Kind(_small, PLAIN),
    "bninception": Kind(_bninception, CAFFE),
    "resnet18": Kind(_resnet, IMAGENET),
    "resnet50": Kind(_resnet, IMAGENET),
    **{name: Kind(build_video, video.pixels) for name, video in VIDEOS.items()},
}


def kind_of(backbone: str) -> Kind:
    """The kind of a backbone, `timm/<name>` included."""
    if backbone.startswith(TIMM):
        return Kind(build_timm, timm_pixels(backbone))
    return BACKBONES[backbone]


def build_backbone(network: StudentNetwork) -> FrameBackbone:
    """Builds a backbone.

    Only `small` has a choice of width and channels; the others see a grey frame as three equal
    channels (`pixels.normalise`).

    Raises:
        InputError: weights that do not fit, or a network of timm without levels.
    """
    return kind_of(network.backbone).build(network)
