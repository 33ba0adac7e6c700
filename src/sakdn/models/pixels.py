"""Pixels as each frame backbone wants them."""

from typing import NamedTuple

import torch
from torch import Tensor


class Pixels(NamedTuple):
    """(pixel - mean) / std on values 0..255, after turning RGB into BGR where asked."""

    bgr: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]


IMAGENET = Pixels(
    bgr=False,
    mean=tuple(255 * m for m in (0.485, 0.456, 0.406)),
    std=tuple(255 * s for s in (0.229, 0.224, 0.225)),
)
KINETICS = Pixels(
    bgr=False,
    mean=tuple(255 * m for m in (0.43216, 0.394666, 0.37645)),
    std=tuple(255 * s for s in (0.22803, 0.22145, 0.216989)),
)
HALVES = Pixels(bgr=False, mean=(255 * 0.45,) * 3, std=(255 * 0.225,) * 3)
CAFFE = Pixels(bgr=True, mean=(104.0, 117.0, 128.0), std=(1.0, 1.0, 1.0))
PLAIN = Pixels(bgr=False, mean=(0.0,), std=(255.0,))


def normalise(frames: Tensor, pixels: Pixels) -> Tensor:
    """Turns frames into the input of a backbone.

    Args:
        frames: uint8 [..., channels, H, W], RGB or grey.
        pixels: of the backbone. Those made for colour get a grey frame three times.

    Returns:
        float32 [..., channels, H, W].
    """
    if frames.shape[-3] < len(pixels.mean):
        frames = frames.expand(*frames.shape[:-3], len(pixels.mean), *frames.shape[-2:])
    if pixels.bgr:
        frames = frames.flip(-3)
    mean, std = (
        torch.tensor(v, device=frames.device)[:, None, None] for v in (pixels.mean, pixels.std)
    )
    # In place on the copy: half the time of the plain formula, the same values.
    return frames.to(torch.float32, copy=True).sub_(mean).div_(std)
