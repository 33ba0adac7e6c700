"""What a machine could do at best, for the benchmark: products and copies at its own rates."""

import time
from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from sakdn.options.training import Precision

SIDE = 2048  # Large enough that a product of such matrices is bound by arithmetic.
COPIED_BYTES = 256 * 2**20  # Larger than caches.
REPEATS = 5
TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Step(NamedTuple):
    """A training step: how long it takes, and how long its multiplications alone would."""

    step_s: float
    floor_s: float


def timed(work: Callable[[], object], device: torch.device) -> float:
    """Seconds of one call, the device idle before and after."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    start = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def rate(work: Callable[[], object], count: int, repeats: int = 3) -> float:
    """Items a second: the best of `repeats` runs of `work`, which handles `count` items."""
    return count / min(timed(work, torch.device("cpu")) for _ in range(repeats))


@lru_cache
def gemm_flop_per_s(device: torch.device, precision: Precision) -> float:
    """Floating point operations a second in products of large matrices, the best of several."""
    left, right = (torch.rand(SIDE, SIDE, device=device, dtype=TYPES[precision]) for _ in range(2))
    best_s = min(timed(lambda: left @ right, device) for _ in range(REPEATS))
    return 2 * SIDE**3 / best_s


@lru_cache
def copied_bytes_per_s() -> float:
    """Bytes a second that a core copies in memory, the best of several."""
    source = np.ones(COPIED_BYTES, np.uint8)
    target = np.empty_like(source)
    cpu = torch.device("cpu")
    return COPIED_BYTES / min(timed(lambda: np.copyto(target, source), cpu) for _ in range(REPEATS))


def flop(step: Callable[[], object]) -> int:
    """Floating point operations of a step's products and convolutions, forward and backward."""
    # What is compiled is counted as if it were not: the counter sees single operations alone.
    counter = FlopCounterMode(display=False, custom_mapping=CORRECTED)
    with torch.compiler.set_stance("force_eager"), counter:
        step()
    return counter.get_total_flops()


def _flop_of_backward_convolution(
    gradient: torch.Size, _: torch.Size, weight: torch.Size, *rest: Any, **__: Any
) -> int:
    """As many as forward for each gradient that is wanted; `rest` ends with which these are."""
    return sum(rest[-1][:2]) * 2 * gradient[0] * prod(gradient[2:]) * prod(weight)


# PyTorch counts backward convolutions in groups, as depthwise ones are, as if there were no groups.
CORRECTED = {torch.ops.aten.convolution_backward: _flop_of_backward_convolution}


def floor_s(flops: int, device: torch.device, precision: Precision) -> float:
    """Seconds of so many operations at the rate of large matrices."""
    return flops / gemm_flop_per_s(device, precision)
