"""Frames cut and resized to a network's input; values stay uint8 (`models.pixels` normalises)."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from sakdn.base.errors import InputError


def eval_pixels(frames: Tensor, short_side_px: int, size_px: int) -> Tensor:
    """Resizes the shorter side to `short_side_px` and cuts out the centre.

    Args:
        frames: uint8 [T, channels, H, W], channels 1 or 3, on the CPU.
        short_side_px: 256 in the paper; frames stored at that size are not resized again.
        size_px: side of the centre crop, at most `short_side_px`; 224 in the paper.

    Returns:
        uint8 [T, channels, size_px, size_px].

    Raises:
        InputError: a centre crop larger than the frame.
    """
    if size_px > short_side_px:
        raise InputError(
            f"eval_pixels: found a centre crop of {size_px} px in a shorter side of "
            f"{short_side_px} px; expected at most that"
        )
    height, width = frames.shape[-2:]
    shorter = min(height, width)
    if shorter != short_side_px:
        size = (int(height * short_side_px / shorter), int(width * short_side_px / shorter))
        frames = torch.stack([_resize_as_pillow(frame, size) for frame in frames])
    height, width = frames.shape[-2:]
    return frames[(..., *centre(height, width, size_px))]


def centre(height: int, width: int, size_px: int) -> tuple[slice, slice]:
    """Rows and columns of the square in the middle."""
    top, left = (round((side - size_px) / 2) for side in (height, width))
    return slice(top, top + size_px), slice(left, left + size_px)


def train_pixels(part: Tensor, size_px: int, flip: bool = False) -> Tensor:
    """Resizes the part that was cut out of frames and, where asked, mirrors it.

    On a GPU values may differ by a grey level from those of the CPU, which has a kernel for uint8.

    Args:
        part: uint8 [T, channels, h, w].
        size_px: side of the network's input.
        flip: left becomes right; see `flips` for when that is allowed.

    Returns:
        uint8 [T, channels, size_px, size_px].
    """
    if part.shape[-2:] != (size_px, size_px):
        size = (size_px, size_px)
        values = part if part.device.type == "cpu" else part.float()
        resized = F.interpolate(values, size, mode="bilinear", antialias=True)
        part = resized if resized.dtype == torch.uint8 else resized.round_().to(torch.uint8)
    return part.flip(-1) if flip else part


def _resize_as_pillow(frame: Tensor, height_width: tuple[int, int]) -> Tensor:
    """Bilinear, with Pillow itself: PyTorch's kernel is off by one grey level here and there."""
    pixels = np.ascontiguousarray(frame.permute(1, 2, 0).numpy())
    image = Image.fromarray(pixels.squeeze(2) if len(frame) == 1 else pixels)
    resized = np.array(image.resize(height_width[::-1], Image.Resampling.BILINEAR))
    return torch.from_numpy(resized.reshape(*height_width, -1)).permute(2, 0, 1)
