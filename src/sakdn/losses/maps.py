"""Losses on feature maps [N, c, h, w].

In every loss the teacher's side is detached, and comes second. `resize` brings maps of
another height and width to the student's.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from sakdn.losses.shapes import require_same_shape, unit

NORM_OFFSET = 1e-6
SAME_SIZE = "bring the teacher's maps to the student's height and width with `resize`"


def resize(maps: Tensor, height_width: Sequence[int]) -> Tensor:
    """Bilinear interpolation, averaging where it shrinks: [N, c, h, w] -> [N, c, *height_width]."""
    return F.interpolate(maps, height_width, mode="bilinear", antialias=True)


def hint(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean squared difference of maps of the same shape (Romero et al. 2015); a scalar."""
    require_same_shape("hint", student, teacher, "use fitnet for other channels, `resize` for size")
    return F.mse_loss(student, teacher.detach())


def fitnet(student: Tensor, teacher: Tensor, connector: Callable[[Tensor], Tensor]) -> Tensor:
    """`hint` after a learnt regressor of the student's map (Romero et al. 2015).

    Args:
        student: [N, c_s, h, w].
        teacher: [N, c_t, h, w].
        connector: maps c_s to c_t channels, see `connectors.fitnet_connector`.
    """
    return hint(connector(student), teacher)


def at(student: Tensor, teacher: Tensor, power: float = 2.0) -> Tensor:
    """Attention transfer: where the energy lies (Zagoruyko & Komodakis 2017).

    The map sum_c |x_c|^power is divided by its spatial L2 norm (+ 1e-6). Channels may differ.

    Args:
        student: [N, c_s, h, w].
        teacher: [N, c_t, h, w].
        power: p, at least 1 (below, the gradient at zero activations is infinite).

    Returns:
        Scalar, mean over batch and positions.
    """
    ours, theirs = (maps.abs().pow(power).sum(1) for maps in (student, teacher.detach()))
    require_same_shape("at", ours, theirs, SAME_SIZE)
    return F.mse_loss(_soft_unit(ours), _soft_unit(theirs))


def attention_transfer(student: Tensor, teacher: Tensor) -> Tensor:
    """`at` in its authors' released form: channel mean of squares, plain L2 normalisation."""
    ours, theirs = (maps.pow(2).mean(1) for maps in (student, teacher.detach()))
    require_same_shape("attention_transfer", ours, theirs, SAME_SIZE)
    return F.mse_loss(unit(ours, dims=2), unit(theirs, dims=2))


def ofd(student: Tensor, teacher: Tensor, connector: Callable[[Tensor], Tensor]) -> Tensor:
    """Overhaul of feature distillation: margin-ReLU, partial L2 (Heo et al. 2019).

    The teacher's negative values are raised to the channel's mean negative value, and where the
    student is below an inactive teacher nothing is asked of it.

    Args:
        student: [N, c_s, h, w], before ReLU.
        teacher: [N, c_t, h, w], before ReLU.
        connector: 1x1 convolution and batch normalisation, see `connectors.ofd_connector`.

    Returns:
        Scalar, mean over all entries.
    """
    student, teacher = connector(student), teacher.detach()
    require_same_shape("ofd", student, teacher, SAME_SIZE)
    negatives = (teacher < 0).sum((0, 2, 3), keepdim=True).clamp_min(1)
    margin = teacher.clamp_max(0).sum((0, 2, 3), keepdim=True) / negatives
    target = teacher.maximum(margin)
    counts = (student > target) | (target > 0)
    return ((student - target).square() * counts).mean()


def afd(student: Tensor, teacher: Tensor, attention: Callable[[Tensor], Tensor]) -> Tensor:
    """Attentive feature distillation: channels weighted by need (Wang et al. 2020).

    Args:
        student: [N, c, h, w].
        teacher: [N, c, h, w].
        attention: gives the teacher's channel weights [N, c, 1, 1], see
            `connectors.ChannelAttention`; its parameters get a gradient.

    Returns:
        Scalar: mean over the batch of the weighted spatial mean of squared differences of the
        maps, each channel divided by its spatial norm.
    """
    teacher = teacher.detach()
    require_same_shape("afd", student, teacher, SAME_SIZE)
    difference = _soft_unit(student) - _soft_unit(teacher)
    per_channel = difference.square().mean((2, 3), keepdim=True)
    return (attention(teacher) * per_channel).sum((1, 2, 3)).mean()


def _soft_unit(maps: Tensor) -> Tensor:
    """Divides each map [..., h, w] by its L2 norm + 1e-6, as AT's and AFD's releases do."""
    return maps / (torch.linalg.vector_norm(maps, dim=(-2, -1), keepdim=True) + NORM_OFFSET)
