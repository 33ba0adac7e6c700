"""Video networks of torchvision as backbones: they see a clip as a whole."""

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from sakdn.models.pixels import HALVES, IMAGENET, KINETICS, Pixels
from sakdn.models.tapped import Layout, Tapped, clips, clips_channels_last, tokens
from sakdn.models.weights import load_pretrained
from sakdn.models.widen import widen_input
from sakdn.options.student import StudentNetwork


class Video(NamedTuple):
    """A video network.

    Attributes:
        pixels: its input.
        taps: the five tapped layers, first to last, with their channels.
        layouts: of their outputs.
        read: features [N T', f] of clips [N, channels, T, H, W]; T' is the time axis at the end.
        classifier: what comes after the features, by name.
    """

    pixels: Pixels
    taps: dict[str, int]
    layouts: list[Layout]
    read: Callable[[Any, Tensor], Tensor]
    classifier: tuple[str, ...]


def _read_resnet(net: Any, videos: Tensor) -> Tensor:
    values = net.stem(videos)
    for layer in (net.layer1, net.layer2, net.layer3, net.layer4):
        values = layer(values)  # [N, c, T', h, w]
    return _pooled(values)


def _read_s3d(net: Any, videos: Tensor) -> Tensor:
    return _pooled(net.features(videos))


def _read_mvit(net: Any, videos: Tensor) -> Tensor:
    values = net.pos_encoding(net.conv_proj(videos).flatten(2).transpose(1, 2))
    sizes = (net.pos_encoding.temporal_size, *net.pos_encoding.spatial_size)
    for block in net.blocks:
        values, sizes = block(values, sizes)  # [N, 1 + T' h w, c]
    return net.norm(values)[:, 1:].unflatten(1, sizes).mean((2, 3)).flatten(0, 1)


def _read_swin(net: Any, videos: Tensor) -> Tensor:
    values = net.norm(net.features(net.pos_drop(net.patch_embed(videos))))  # [N, T', h, w, c]
    return values.mean((2, 3)).flatten(0, 1)


def _pooled(maps: Tensor) -> Tensor:
    """Means over space [N T', c] of [N, c, T', h, w]."""
    return maps.mean((3, 4)).transpose(1, 2).flatten(0, 1)


RESNET = Video(
    KINETICS,
    {"stem": 64, "layer1": 64, "layer2": 128, "layer3": 256, "layer4": 512},
    [clips] * 5,
    _read_resnet,
    ("fc",),
)
VIDEOS = {
    "r3d_18": RESNET,
    "mc3_18": RESNET,
    "r2plus1d_18": RESNET,
    "s3d": Video(
        KINETICS,
        {
            "features.0": 64,
            "features.3": 192,
            "features.6": 480,
            "features.12": 832,
            "features.15": 1024,
        },
        [clips] * 5,
        _read_s3d,
        ("avgpool", "classifier"),
    ),
    "mvit_v2_s": Video(
        HALVES,
        {"conv_proj": 96, "blocks.0": 96, "blocks.2": 192, "blocks.13": 384, "blocks.15": 768},
        [clips] + [tokens] * 4,
        _read_mvit,
        ("head",),
    ),
    "swin3d_t": Video(
        IMAGENET,
        {
            "patch_embed": 96,
            "features.0": 96,
            "features.2": 192,
            "features.4": 384,
            "features.6": 768,
        },
        [clips_channels_last] * 5,
        _read_swin,
        ("avgpool", "head"),
    ),
}


def build_video(network: StudentNetwork) -> Tapped:
    """Builds a video network.

    Raises:
        InputError: weights that do not fit.
    """
    import torchvision

    video = VIDEOS[network.backbone]
    net: Any = torchvision.models.get_model(network.backbone, weights=None)
    if network.backbone == "mvit_v2_s":  # It interpolates its relative positions to these sizes.
        side = network.size_px // net.conv_proj.stride[1]
        net.pos_encoding.spatial_size = (side, side)
        net.pos_encoding.temporal_size = network.segments // net.conv_proj.stride[0]
    for name in video.classifier:
        delattr(net, name)
    load_pretrained(net, network)
    widen_input(net, network.in_channels)
    widths = list(video.taps.values())
    layouts = dict(zip(video.taps, video.layouts, strict=True))
    return Tapped(net, video.read, layouts, list(video.taps), widths, widths[-1], sees_clips=True)
