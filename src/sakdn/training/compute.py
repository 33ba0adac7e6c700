"""How a teacher's training steps are computed: precision, memory layout, compilation."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True)
class ComputeOptions:
    """How training steps are computed; what is computed stays the same but for rounding.

    Attributes:
        precision: of the forward and backward pass; `bf16` pays on GPUs since Ampere and on CPUs
            with AVX512-BF16 or AMX. Weights and everything after training stay in fp32.
        channels_last: memory layout of the convolutions; faster on CPUs and on GPUs with bf16.
        compile: `torch.compile` of each block.
    """

    precision: Precision = "fp32"
    channels_last: bool = True
    compile: bool = False


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
