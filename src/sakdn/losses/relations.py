"""Losses on how the samples of a batch lie to each other.

Features [N, ...] are flattened to [N, d]; student and teacher may differ in d. In every loss
the teacher's side is detached, and comes second; a batch of one gives 0, never NaN.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from sakdn.losses.shapes import EPSILON, unit


def distances(features: Tensor) -> Tensor:
    """Euclidean distances [N, N] of features [N, ...]; the gradient at distance 0 is 0."""
    rows = features.flatten(1)
    return torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")


def sp(student: Tensor, teacher: Tensor) -> Tensor:
    """Similarity-preserving: row-normalised Gram matrices (Tung & Mori 2019).

    Args:
        student: [N, ...].
        teacher: [N, ...].

    Returns:
        Scalar, mean squared difference over the N^2 entries.
    """
    ours, theirs = (rows @ rows.T for rows in (student.flatten(1), teacher.detach().flatten(1)))
    return F.mse_loss(unit(ours), unit(theirs))


def rkd_distance(student: Tensor, teacher: Tensor) -> Tensor:
    """Relational distances, each relative to the batch mean (Park et al. 2019).

    Returns:
        Scalar, smooth-L1 mean over the N^2 pairs.
    """
    return F.smooth_l1_loss(_relative_distances(student), _relative_distances(teacher.detach()))


def rkd_angle(student: Tensor, teacher: Tensor) -> Tensor:
    """Cosines of the angles of all triples (Park et al. 2019).

    Memory grows with N^2 d and N^3.

    Returns:
        Scalar, smooth-L1 mean over the N^3 triples.
    """
    return F.smooth_l1_loss(_angle_cosines(student), _angle_cosines(teacher.detach()))


def rkd(
    student: Tensor, teacher: Tensor, distance_weight: float = 25.0, angle_weight: float = 50.0
) -> Tensor:
    """Relational knowledge distillation: weighted distance and angle terms (Park et al. 2019)."""
    distance = rkd_distance(student, teacher)
    return distance_weight * distance + angle_weight * rkd_angle(student, teacher)


def cc(student: Tensor, teacher: Tensor, gamma: float = 0.4, order: int = 2) -> Tensor:
    """Correlation congruence: Taylor series of a Gaussian kernel (Peng et al. 2019).

    Args:
        student: [N, ...].
        teacher: [N, ...].
        gamma: of the kernel exp(-gamma |x - y|^2) on unit vectors.
        order: P, last power kept.

    Returns:
        Scalar, mean squared difference over the N^2 entries.
    """
    factors = [
        math.exp(-2 * gamma) * (2 * gamma) ** p / math.factorial(p) for p in range(order + 1)
    ]
    ours, theirs = (_cosines(features) for features in (student, teacher.detach()))
    difference = sum(f * (ours.pow(p) - theirs.pow(p)) for p, f in enumerate(factors))
    return torch.as_tensor(difference).square().mean()


def hard_dark_rank(
    student: Tensor, teacher: Tensor, alpha: float = 3.0, beta: float = 3.0, length: int = 4
) -> Tensor:
    """Likelihood, under the student, of the teacher's order of neighbours (Chen et al. 2018).

    The score of a neighbour at distance d is -alpha d^beta.

    Args:
        student: [N, ...].
        teacher: [N, ...].
        alpha: scale of the score.
        beta: power of the distance, at least 1.
        length: nearest neighbours ranked; N - 1 when the batch is smaller.

    Returns:
        Scalar, mean over the batch.
    """
    others = distances(teacher.detach()).fill_diagonal_(math.inf)
    nearest = others.argsort(dim=1, stable=True)[:, : min(length, len(others) - 1)]
    scores = (-alpha * distances(student).pow(beta)).gather(1, nearest)
    from_here_on = scores.flip(1).logcumsumexp(1).flip(1)
    return (from_here_on - scores).sum(1).mean()


def _relative_distances(features: Tensor) -> Tensor:
    """Distances divided by the mean of the positive ones."""
    matrix = distances(features)
    mean = matrix.sum() / torch.count_nonzero(matrix).clamp_min(1)
    return matrix / mean.clamp_min(EPSILON)


def _angle_cosines(features: Tensor) -> Tensor:
    """[i, j, k] = cosine of the angle at sample i between samples j and k."""
    rows = features.flatten(1)
    directions = unit(rows[None] - rows[:, None])
    return directions @ directions.mT


def _cosines(features: Tensor) -> Tensor:
    """Cosine similarities [N, N]."""
    rows = unit(features.flatten(1))
    return rows @ rows.T
