"""Where a network looks: Grad-CAM, and the ablation maps that SAKDN distils."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from sakdn.base.errors import InputError
from sakdn.losses.ablation import ablation_weights, weighted_map

# The deepest block whose maps have at least this side shows where without being too coarse.
SMALLEST_SIDE = 6


def grad_cam(maps: Tensor, score: Tensor) -> Tensor:
    """Grad-CAM (Selvaraju et al. 2017): channels weighted by their mean gradient.

    Args:
        maps: [N k, c, h, w], the tensor that the network went on with.
        score: [N]; its graph is kept.

    Returns:
        relu(sum_c mean_hw(d score / d map_c) map_c), [N k, h, w], detached.
    """
    (gradient,) = torch.autograd.grad(score.sum(), maps, retain_graph=True)
    return weighted_map(maps.detach(), gradient.mean((-2, -1)))


def ablation_map(maps: Tensor, score: Tensor) -> Tensor:
    """The same with ablation weights (`losses.ablation`): what each channel is worth."""
    (weights,) = ablation_weights([maps], score)
    return weighted_map(maps.detach(), weights)


def chosen_layer(taps: Sequence[Tensor], layer: int | None) -> int:
    """Index of the tap to show.

    Args:
        taps: the five taps, first to last.
        layer: 1 to 5; None for the deepest with maps of at least `SMALLEST_SIDE`.

    Raises:
        InputError: no such layer.
    """
    if layer is None:
        fine = [k for k, tap in enumerate(taps) if min(tap.shape[-2:]) >= SMALLEST_SIDE]
        return max(fine, default=0)
    if not 1 <= layer <= len(taps):
        raise InputError(f"explain.layer: found {layer}, expected 1 to {len(taps)}")
    return layer - 1


def enlarged(maps: Tensor, side: int) -> Tensor:
    """Maps [k, h, w] at `side` px, on one scale 0..1 for all of them; zeros stay zeros."""
    large = F.interpolate(maps[:, None], (side, side), mode="bilinear", align_corners=False)[:, 0]
    return large / large.max().clamp_min(torch.finfo(large.dtype).tiny)
