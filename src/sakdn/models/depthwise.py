"""Depthwise convolutions in full precision: a CPU's are several times slower in half precision.

Going back through the seven kinds of EfficientNet-Lite0, 64 frames of 112 px, took 0.80 CPU s in
bfloat16 and 0.19 in fp32 (AVX512-BF16, PyTorch 2.14); all else is faster in bfloat16.
"""

from typing import Any, cast

import torch
from torch import Tensor, nn


def depthwise_in_full_precision(network: nn.Module) -> None:
    """Makes depthwise convolutions compute in fp32 on CPUs, also under autocast."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and 1 < module.groups == module.in_channels:
            module.__class__ = _in_full_precision(type(module))


def _in_full_precision(kind: type[nn.Conv2d]) -> type[nn.Conv2d]:
    """A convolution of the same kind, timm's with padding of its own among them."""
    base: Any = kind

    class InFullPrecision(base):
        def forward(self, maps: Tensor) -> Tensor:
            if maps.device.type != "cpu" or not torch.is_autocast_enabled("cpu"):
                return cast(Tensor, super().forward(maps))
            with torch.autocast("cpu", enabled=False):
                return cast(Tensor, super().forward(maps.float()))

    InFullPrecision.__name__ = kind.__name__
    return cast(type[nn.Conv2d], InFullPrecision)
