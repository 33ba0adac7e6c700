"""When, not where: both axes of a Gramian field are time, and so are a clip's segments.

A place in a Gramian field has no counterpart in a video frame, but a moment has. The teacher's
saliency, summed over one axis of the field (the mean of both choices), says when the signal
mattered; the student's evidence, summed over each segment's frame, says when the video did.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from sakdn.losses.ablation import weighted_map
from sakdn.losses.shapes import EPSILON, full, masked_mean, unit

# A curve that varies by less than this share of its mean is flat: its shape is noise.
FLAT_SHARE = 0.05


def teacher_curve(saliency: Tensor, segments: int) -> Tensor:
    """Saliency over time [..., segments] of maps [..., h, w] whose two axes are both time."""
    square = F.interpolate(
        full(saliency).flatten(0, -3)[:, None],
        (segments, segments),
        mode="bilinear",
        antialias=True,
    )[:, 0]
    curve = (square.sum(-1) + square.sum(-2)) / 2
    return curve.unflatten(0, saliency.shape[:-2])


def student_curve(maps: Tensor, weights: Tensor) -> Tensor:
    """Evidence over time [N, T] of segment maps [N, T, c, h, w] with weights [N, T, c]."""
    shares = F.normalize(weights.flatten(1), p=1, dim=1).view_as(weights)
    return weighted_map(maps, shares).sum((-2, -1))


def temporal_loss(
    student: Tensor, teacher: Tensor, present: Tensor | None = None, trust: Tensor | None = None
) -> Tensor:
    """1 - correlation of saliency over time, halved for a flat curve on either side.

    Args:
        student: [N, T], see `student_curve`.
        teacher: [N, S, T], see `teacher_curve`.
        present: [N, S] bool; None = all.
        trust: in the teacher's saliency [N], 0..1; None = 1.

    Returns:
        Scalar in [0, 2]. A flat teacher curve asks nothing: the gradient is zero.
    """
    difference = _shape(student)[:, None] - _shape(teacher.detach())
    return masked_mean(difference.square().sum(-1) / 2, present, trust)


def _shape(curve: Tensor) -> Tensor:
    """Deviations from the mean as a share of it, of unit norm; (nearly) zero when flat."""
    mean = curve.mean(-1, keepdim=True)
    deviations = curve / mean.clamp_min(EPSILON) - 1
    deviations = torch.where(mean > EPSILON, deviations, torch.zeros_like(deviations))
    return unit(deviations, floor=FLAT_SHARE)
