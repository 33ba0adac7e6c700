"""Teacher streams: one network a sensor, on its Gramian angular field images."""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn

from sakdn.models.blocks import (
    VGG16_WIDTHS,
    resnet_blocks,
    small_blocks,
    small_widths,
    vgg16_blocks,
)
from sakdn.options.teacher import StreamOptions


class TeacherOutput(NamedTuple):
    """What one stream computes.

    Attributes:
        taps: outputs of the five blocks, [N, c, h, w] each (out1..out5).
        embedding: [N, d] (out6).
        semantic: [N, d], trained towards the class vector (out7).
        logits: [N, C] (out8).
    """

    taps: list[Tensor]
    embedding: Tensor
    semantic: Tensor
    logits: Tensor


class TeacherStream(nn.Module):
    """Five blocks, then embedding, semantic layer and classifier (SAKDN).

    Args:
        blocks: the five blocks.
        widths: channels after each block.
        map_px: side of the last block's maps.
        pool: side of the average-pooling window in front of the embedding.
        semantic_dim: length d of the class vectors.
        n_classes: number of classes C.

    Attributes:
        fused_widths: widths after the stages `blocks`, `embed` and `semantic`, all of which a
            fused teacher gates.
    """

    def __init__(
        self,
        blocks: nn.ModuleList,
        widths: Sequence[int],
        map_px: int,
        pool: int,
        semantic_dim: int,
        n_classes: int,
    ) -> None:
        super().__init__()
        self.fused_widths = (*widths, semantic_dim, semantic_dim)
        self.blocks = blocks
        self.embed = nn.Sequential(
            nn.AvgPool2d(pool),
            nn.Flatten(),
            nn.Linear(widths[-1] * (map_px // pool) ** 2, semantic_dim),
            nn.BatchNorm1d(semantic_dim),
            nn.ReLU(),
        )
        self.semantic = nn.Linear(semantic_dim, semantic_dim)
        self.classifier = nn.Linear(semantic_dim, n_classes)

    @property
    def stages(self) -> list[nn.Module]:
        """The seven stages in front of the classifier, in order."""
        return [*self.blocks, self.embed, self.semantic]

    def forward(self, images: Tensor) -> TeacherOutput:
        """Runs the stream on images [N, channels, H, W] in 0..1."""
        outputs = []
        for stage in self.stages:
            images = stage(images)  # five maps [N, c, h, w], then twice [N, d]
            outputs.append(images)
        return stream_output(outputs, self.classifier(images))


def stream_output(stages: Sequence[Tensor], logits: Tensor) -> TeacherOutput:
    """Names the outputs of the seven stages and the classifier."""
    return TeacherOutput(list(stages[:5]), stages[5], stages[6], logits)


def build_stream(
    options: StreamOptions,
    in_channels: int,
    semantic_dim: int,
    n_classes: int,
    image_size_px: int,
) -> TeacherStream:
    """Builds a stream with random weights.

    Args:
        options: architecture.
        in_channels: channels of an image: axes of the sensor, twice that for both fields.
        semantic_dim: length of the class vectors.
        n_classes: number of classes.
        image_size_px: side of the square images, at least 32.
    """
    name = options.backbone
    parts: tuple[nn.ModuleList, tuple[int, ...], int, int]
    if name == "vgg16_bn":
        parts = (vgg16_blocks(in_channels), VGG16_WIDTHS, image_size_px // 32, 1)
    elif name == "small":
        map_px = image_size_px // 16
        widths = small_widths(options.width)
        parts = (small_blocks(in_channels, options.width), widths, map_px, max(1, map_px // 3))
    else:
        map_px = -(-image_size_px // 32)
        parts = (*_resnet_blocks(name, in_channels), map_px, map_px)
    return TeacherStream(*parts, semantic_dim, n_classes)


def _resnet_blocks(name: str, in_channels: int) -> tuple[nn.ModuleList, tuple[int, ...]]:
    import torchvision

    net = torchvision.models.get_model(name, weights=None)
    if in_channels != 3:
        net.conv1 = nn.Conv2d(in_channels, 64, 7, stride=2, padding=3, bias=False)
    return resnet_blocks(net)
