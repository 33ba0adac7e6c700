"""How a teacher's training steps are computed: precision, memory layout, compilation."""

from collections.abc import Iterable

import torch
from torch import nn

from sakdn.options.training import ComputeOptions, Precision


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Context in which a network computes in `precision`."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")


def prepare(module: nn.Module, blocks: Iterable[nn.Module], options: ComputeOptions) -> None:
    """Lays out the weights of `module` and compiles its `blocks`, as the options say."""
    if options.channels_last:
        module.to(memory_format=torch.channels_last)
    if options.compile:
        for block in blocks:
            block.compile()
