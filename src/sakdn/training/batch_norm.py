"""Statistics of batch normalisation that fit the weights as they are now."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

Batch = TypeVar("Batch")


@torch.no_grad()
def recompute_statistics(
    module: nn.Module, run: Callable[[Batch], object], batches: Iterable[Batch]
) -> None:
    """Replaces the running means and variances by those over `batches`, each counted alike.

    Running statistics follow the weights of many steps ago, and while these change fast a network
    in eval mode says something else than the one that was trained. All but the norms is in eval
    mode meanwhile, without dropout and chance, as when the network is used; norms that are frozen
    stay as they are. The module ends in eval mode.

    Args:
        module: the network.
        run: runs it on a batch.
        batches: at least one.
    """
    module.train()
    norms = [m for m in module.modules() if isinstance(m, _BatchNorm) and m.training]
    module.eval()
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    try:
        for batch in batches:
            run(batch)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        module.eval()
