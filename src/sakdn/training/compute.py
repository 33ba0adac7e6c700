"""How training steps are computed: precision, memory layout, compilation."""

from collections.abc import Iterable

import torch
from torch import nn

from sakdn.base.cpu import cpu_has_bf16
from sakdn.base.errors import InputError
from sakdn.options.training import ComputeOptions, Precision, WantedPrecision


def chosen_precision(wanted: WantedPrecision, device: torch.device) -> Precision:
    """What `wanted` is on `device`.

    Raises:
        InputError: fp16 on a CPU.
    """
    if wanted == "auto":
        return "bf16" if has_bf16(device) else "fp32"
    if wanted == "fp16" and device.type == "cpu":
        raise InputError(
            "precision: found fp16 on a CPU, which only emulates it; expected auto, fp32 or bf16;"
            " change `precision`, or grant a GPU"
        )
    return wanted


def has_bf16(device: torch.device) -> bool:
    """Whether the hardware computes in bf16; what only emulates it is slower than in fp32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return cpu_has_bf16()


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Context in which a network computes in `precision`.

    One that was trained in fp16 on a GPU computes in fp32 on a CPU.
    """
    half = torch.float16 if precision == "fp16" else torch.bfloat16
    fits = precision == "bf16" or (precision == "fp16" and device.type != "cpu")
    return torch.autocast(device.type, half, enabled=fits)


def prepare(module: nn.Module, blocks: Iterable[nn.Module], options: ComputeOptions) -> None:
    """Lays out the weights of `module` and compiles its `blocks`, as the options say."""
    if options.channels_last:
        module.to(memory_format=torch.channels_last)
    if options.compile:
        for block in blocks:
            block.compile()
