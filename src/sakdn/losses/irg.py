"""Instance relationship graph (Liu et al. 2019)."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from sakdn.losses.outputs import logits
from sakdn.losses.relations import distances
from sakdn.losses.shapes import EPSILON


class GraphTaps(NamedTuple):
    """What a network shows to `irg`; only the logits must agree in shape between networks.

    Attributes:
        logits: [N, C].
        feature: last vector [N, d].
        early: map [N, c1, h1, w1].
        late: map [N, c2, h2, w2], further up.
    """

    logits: Tensor
    feature: Tensor
    early: Tensor
    late: Tensor


def irg(
    student: GraphTaps,
    teacher: GraphTaps,
    vertex_weight: float = 0.1,
    edge_weight: float = 5.0,
    transformation_weight: float = 5.0,
) -> Tensor:
    """Vertices, edges and layer-to-layer transformation of the instance graph.

    Returns:
        Scalar: weighted sum of the mean squared differences of logits, of the edges at three
        places (mean of three), and of how far each sample moves from early to late.
    """
    teacher = GraphTaps(*(value.detach() for value in teacher))
    vertices = logits(student.logits, teacher.logits)
    edges = [
        F.mse_loss(_edges(ours), _edges(theirs)) for ours, theirs in zip(student[1:], teacher[1:])
    ]
    moves = F.mse_loss(_moves(student), _moves(teacher))
    edge = torch.stack(edges).mean()
    return vertex_weight * vertices + edge_weight * edge + transformation_weight * moves


def _edges(features: Tensor) -> Tensor:
    """Squared distances [N, N] divided by the largest."""
    squared = distances(features).square()
    return squared / squared.max().clamp_min(EPSILON)


def _moves(taps: GraphTaps) -> Tensor:
    """Squared distance of each sample's early and late map [N], divided by the largest.

    Both are averaged to the smaller number of channels and to the late map's size.
    """
    channels = min(taps.early.shape[1], taps.late.shape[1])
    size = (channels, *taps.late.shape[2:])
    early, late = (F.adaptive_avg_pool3d(maps[:, None], size) for maps in (taps.early, taps.late))
    squared = (early - late).square().flatten(1).sum(1)
    return squared / squared.max().clamp_min(EPSILON)
