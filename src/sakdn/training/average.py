"""Averaged weights: an exponential moving average that follows the weights that are trained."""

from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import nn

from sakdn.training.state import Tensors


def begin_average(module: nn.Module, saved: Tensors) -> Tensors:
    """The average on the module's devices: `saved` of an interrupted run, or its first weights."""
    weights = module.state_dict()
    return {
        name: saved.get(name, value).detach().to(value.device, copy=True)
        for name, value in weights.items()
    }


@torch.no_grad()
def follow(average: Tensors, module: nn.Module, decay: float, updates: int) -> None:
    """Moves `average` towards the weights, statistics of batch norms included.

    Args:
        average: changed in place.
        module: whose weights it follows.
        decay: share that stays; less in the first updates, so that the random first weights fade.
        updates: before this one.
    """
    step = 1 - min(decay, (1 + updates) / (10 + updates))
    for name, value in module.state_dict().items():
        if value.is_floating_point():
            average[name].lerp_(value, step)
        else:
            average[name].copy_(value)


@contextmanager
def showing(average: Tensors, module: nn.Module) -> Generator[None, None, None]:
    """Has `module` hold the average, if there is one, and then again what it held before."""
    if not average:
        yield
        return
    own = {name: value.clone() for name, value in module.state_dict().items()}
    module.load_state_dict(average)
    try:
        yield
    finally:
        module.load_state_dict(own)
