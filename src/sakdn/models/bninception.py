"""BN-Inception (Ioffe & Szegedy, 2015), named as the published ImageNet weights name it."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sakdn.base.errors import InputError
from sakdn.models.frozen import mean_3x3, with_frozen_norm


class Widths(NamedTuple):
    """Channels of the branches of an inception block; 0: no such branch, the block halves."""

    one: int
    three_reduce: int
    three: int
    double_reduce: int
    double: int
    projection: int


BLOCKS = {
    "3a": Widths(64, 64, 64, 64, 96, 32),
    "3b": Widths(64, 64, 96, 64, 96, 64),
    "3c": Widths(0, 128, 160, 64, 96, 0),
    "4a": Widths(224, 64, 96, 96, 128, 128),
    "4b": Widths(192, 96, 128, 96, 128, 128),
    "4c": Widths(160, 128, 160, 128, 160, 128),
    "4d": Widths(96, 128, 192, 160, 192, 128),
    "4e": Widths(0, 128, 192, 192, 256, 0),
    "5a": Widths(352, 192, 320, 160, 224, 128),
    "5b": Widths(352, 192, 320, 192, 224, 128),
}
MAX_POOLED = "5b"
STRIDE = 32


class BNInception(nn.Module):
    """Frames to 1024-d features and eleven taps.

    A tap is the post-ReLU output of one branch: the pooling projection, or the second 3x3 of the
    double branch in the halving blocks 3c and 4e; `conv2` is a whole layer.

    Attributes:
        feature_dim: length of a feature.
        tap_names: the five taps distilled onto, first to last.
        tap_widths: their channels.
        shifts: where what the 3x3 convolutions of a block see may be shifted over time.
    """

    feature_dim = 1024
    tap_names = ("conv2", "3c", "4c", "5a", "5b")
    tap_widths = (192, 96, 128, 128, 128)
    sees_clips = False

    def __init__(self) -> None:
        super().__init__()
        self._add("conv1_7x7_s2", 3, 64, 7, stride=2)
        self._add("conv2_3x3_reduce", 64, 64, 1)
        self._add("conv2_3x3", 64, 192, 3)
        inputs = 192
        for block, widths in BLOCKS.items():
            inputs = self._add_block(f"inception_{block}_", inputs, widths)
        self.shifts = nn.ModuleList(nn.Identity() for _ in BLOCKS)

    def forward(self, frames: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Computes features and taps.

        Args:
            frames: [N, 3, H, W], as `pixels.normalise` makes them.

        Returns:
            Features [N, 1024]; maps [N, c, h, w] by name: conv2, 3a .. 5b.

        Raises:
            InputError: H or W is no multiple of 32.
        """
        height, width = frames.shape[-2:]
        if height % STRIDE or width % STRIDE:
            raise InputError(
                f"frames of {width} x {height} px: `bninception` needs multiples of {STRIDE};"
                " change the size of the frames"
            )
        x = self._unit("conv1_7x7_s2", frames)  # [N, 64, H/2, W/2]
        x = F.max_pool2d(x, 3, 2, ceil_mode=True)  # [N, 64, H/4, W/4]
        x = self._unit("conv2_3x3", self._unit("conv2_3x3_reduce", x))  # [N, 192, H/4, W/4]
        taps = {"conv2": x}
        x = F.max_pool2d(x, 3, 2, ceil_mode=True)  # [N, 192, H/8, W/8]
        for block, shift in zip(BLOCKS, self.shifts, strict=True):
            x, taps[block] = self._inception(block, x, shift(x))
        return x.mean((2, 3)), taps  # [N, 1024]

    def _inception(self, block: str, x: Tensor, shifted: Tensor) -> tuple[Tensor, Tensor]:
        """One block: its output [N, c, h, w] and its tap; 3x3 see `shifted`, the others `x`."""
        name = f"inception_{block}_"
        three = self._unit(f"{name}3x3", self._unit(f"{name}3x3_reduce", shifted))
        double = self._unit(f"{name}double_3x3_reduce", shifted)
        double = self._unit(f"{name}double_3x3_1", double)
        double = self._unit(f"{name}double_3x3_2", double)
        if not BLOCKS[block].one:
            pooled = F.max_pool2d(x, 3, 2, ceil_mode=True)
            return torch.cat([three, double, pooled], 1), double
        pooled = F.max_pool2d(x, 3, 1, 1) if block == MAX_POOLED else mean_3x3(x)
        projection = self._unit(f"{name}pool_proj", pooled)
        one = self._unit(f"{name}1x1", x)
        return torch.cat([one, three, double, projection], 1), projection

    def _unit(self, name: str, x: Tensor) -> Tensor:
        convolution, norm = getattr(self, name), getattr(self, f"{name}_bn")
        if norm.training or norm.weight.requires_grad:
            return F.relu(norm(convolution(x)), inplace=True)
        return F.relu(with_frozen_norm(convolution, norm, x), inplace=True)

    def _add(self, name: str, inputs: int, width: int, kernel: int, stride: int = 1) -> None:
        self.add_module(name, nn.Conv2d(inputs, width, kernel, stride, kernel // 2))
        self.add_module(f"{name}_bn", nn.BatchNorm2d(width))

    def _add_block(self, name: str, inputs: int, widths: Widths) -> int:
        """Adds the layers of a block; returns its output channels."""
        stride = 1 if widths.one else 2
        if widths.one:
            self._add(f"{name}1x1", inputs, widths.one, 1)
        self._add(f"{name}3x3_reduce", inputs, widths.three_reduce, 1)
        self._add(f"{name}3x3", widths.three_reduce, widths.three, 3, stride)
        self._add(f"{name}double_3x3_reduce", inputs, widths.double_reduce, 1)
        self._add(f"{name}double_3x3_1", widths.double_reduce, widths.double, 3)
        self._add(f"{name}double_3x3_2", widths.double, widths.double, 3, stride)
        if widths.projection:
            self._add(f"{name}pool_proj", inputs, widths.projection, 1)
        passed = widths.projection or inputs
        return widths.one + widths.three + widths.double + passed
