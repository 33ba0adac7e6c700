"""Five-block convolutional trunks shared by teacher streams and frame backbones."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:  # its import takes seconds, which every job would pay
    import torchvision

VGG16_WIDTHS = (64, 128, 256, 512, 512)
VGG16_CONVOLUTIONS = (2, 2, 3, 3, 3)


def vgg16_blocks(in_channels: int) -> nn.ModuleList:
    """The convolutional part of VGG16 with batch normalisation (Simonyan & Zisserman, 2015).

    Block b halves the image; [N, in_channels, H, W] -> [N, VGG16_WIDTHS[b], H/2^(b+1), W/2^(b+1)].
    """
    return _convolution_blocks(in_channels, VGG16_WIDTHS, VGG16_CONVOLUTIONS, pooled=5)


def small_blocks(in_channels: int, width: int) -> nn.ModuleList:
    """One convolution a block, for images of 32 to 96 px; the first four blocks halve the image."""
    return _convolution_blocks(in_channels, small_widths(width), (1,) * 5, pooled=4)


def small_widths(width: int) -> tuple[int, ...]:
    """Channels of the five small blocks."""
    return tuple(width * factor for factor in (1, 2, 4, 8, 8))


def resnet_blocks(net: "torchvision.models.ResNet") -> tuple[nn.ModuleList, tuple[int, ...]]:
    """Stem (with its max pooling) and the four stages of a torchvision ResNet, and their widths."""
    stem = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool)
    stages = [net.layer1, net.layer2, net.layer3, net.layer4]
    widths = (net.conv1.out_channels, *(stage[1].conv1.in_channels for stage in stages))
    return nn.ModuleList([stem, *stages]), widths


def _convolution_blocks(
    in_channels: int, widths: Sequence[int], convolutions: Sequence[int], pooled: int
) -> nn.ModuleList:
    """Blocks of [convolution 3x3, batch norm, ReLU] * n; the first `pooled` end in max pooling."""
    blocks = nn.ModuleList()
    for b, (width, count) in enumerate(zip(widths, convolutions, strict=True)):
        inputs = [in_channels] + [width] * (count - 1)
        layers: list[nn.Module] = [_convolution(channels, width) for channels in inputs]
        blocks.append(nn.Sequential(*layers, *[nn.MaxPool2d(2)] * (b < pooled)))
        in_channels = width
    return blocks


def _convolution(in_channels: int, width: int) -> nn.Sequential:
    convolution = nn.Conv2d(in_channels, width, 3, padding=1)
    return nn.Sequential(convolution, nn.BatchNorm2d(width), nn.ReLU(inplace=True))
