"""The samples of a batch as a graph, and what student and teacher make of it."""

import torch
from torch import Tensor

from sakdn.losses.shapes import EPSILON, full, unit


def graph(nodes: Tensor, present: Tensor | None = None) -> Tensor:
    """Symmetrically normalised affinity of a batch, the graph of SAKDN's GSDM.

    W_ij = exp(-mean over d of (z_i - z_j)^2 / 2), S = D^-1/2 W D^-1/2 with D the row sums.

    Args:
        nodes: z, logits or semantic vectors [..., N, d].
        present: samples that take part [..., N] bool; None = all. The others get zero rows and
            columns.

    Returns:
        S [..., N, N].
    """
    squared = (nodes[..., :, None, :] - nodes[..., None, :, :]).square().mean(-1)
    affinity = torch.exp(-squared / 2)
    if present is not None:
        affinity = affinity * pairs(present)
    root = affinity.sum(-1).clamp_min(EPSILON).rsqrt()
    return root[..., :, None] * affinity * root[..., None, :]


def smooth(graph: Tensor, vectors: Tensor) -> Tensor:
    """Mixes each sample's vector [..., N, d] with those of the samples that are like it."""
    return graph @ vectors


def pairs(present: Tensor) -> Tensor:
    """Pairs of samples [..., N, N] bool of which both are present [..., N]."""
    return present[..., :, None] & present[..., None, :]


def similarity(vectors: Tensor) -> Tensor:
    """Cosines [..., N, N] of the samples' vectors [..., N, d]; a zero vector is like none."""
    rows = unit(vectors)
    return rows @ rows.mT


def relation_loss(
    student_semantic: Tensor,
    student_logits: Tensor,
    teacher_semantic: Tensor,
    teacher_logits: Tensor,
    present: Tensor | None = None,
) -> Tensor:
    """Do student and teachers agree on which samples are alike?

    Each side's semantic vectors are smoothed over its own graph (of its logits); the loss is the
    mean squared difference of the two similarity matrices, over the pairs a sensor has.

    Args:
        student_semantic: [N, d_s].
        student_logits: [N, C].
        teacher_semantic: [N, S, d_t], finite also where a sensor is absent.
        teacher_logits: [N, S, C].
        present: [N, S] bool; None = all.

    Returns:
        Scalar.
    """
    if present is None:
        present = torch.ones(
            teacher_logits.shape[:2], dtype=torch.bool, device=student_logits.device
        )
    taking_part = present.T  # [S, N]
    ours = _relations(student_semantic, student_logits, taking_part)
    semantic, logits = (x.detach().transpose(0, 1) for x in (teacher_semantic, teacher_logits))
    theirs = _relations(semantic, logits, taking_part)
    counted = pairs(taking_part)
    return ((ours - theirs).square() * counted).sum() / counted.sum().clamp_min(1)


def _relations(semantic: Tensor, logits: Tensor, present: Tensor) -> Tensor:
    """Similarity [S, N, N] of semantic vectors [(S,) N, d] smoothed over the graph of logits."""
    return similarity(smooth(graph(full(logits), present), full(semantic)))
