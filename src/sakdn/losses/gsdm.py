"""GSDM: what the sensors' networks look at and how they relate clips, taught to the video's.

Corrected against the released code (which sends no gradient to the student): saliency from
ablation weights per channel, maps interpolated and normalised one by one, rows paired by clip,
every division guarded.

Cost. The student's ablation weights need the gradient of its score at the taps. It is taken
with one backward pass to the first tap that computes no weight gradients and stops there, about
one forward pass of work, and keeps the graph for the step's own backward pass. The weights are
then constants: the loss's gradient enters the student through the maps only. Letting it enter
through the weights too would need a second-order pass of about the cost of the whole step.

Under mixed precision, call it outside autocast; maps and vectors may be in half precision.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from sakdn.base.errors import InputError
from sakdn.losses.ablation import SALIENCY_FLOOR, ablation_weights, saliency
from sakdn.losses.graph import relation_loss
from sakdn.losses.maps import resize
from sakdn.losses.shapes import full, masked_mean, require_same_shape, unit
from sakdn.losses.temporal import student_curve, teacher_curve, temporal_loss


class StudentFeatures(NamedTuple):
    """What the student computed for N clips of T segments.

    Attributes:
        taps: feature maps, each [N T, c, h, w] (clip by clip), the tensors the network went on
            with; T = 1 for a network without segments.
        score: [N], see `ablation.class_score`.
        semantic: [N, d].
        logits: [N, C].
        weights: of each tap's channels [N T, c]; None for the ablation weights of `score`.
    """

    taps: Sequence[Tensor]
    score: Tensor
    semantic: Tensor
    logits: Tensor
    weights: Sequence[Tensor] | None = None


class TeacherFeatures(NamedTuple):
    """What the frozen teachers of S sensors know of the same N clips, row by row.

    Attributes:
        saliencies: one [N, S, h, w] a student tap.
        semantic: [N, S, d].
        logits: [N, S, C].
        present: [N, S] bool; None = every clip has every sensor. Values of absent sensors are
            ignored, NaN included.
        trust: how sure the class is that the saliencies are of [N], 0..1; None = 1. Weighs `gsdm`
            and `temporal`.
    """

    saliencies: Sequence[Tensor]
    semantic: Tensor
    logits: Tensor
    present: Tensor | None = None
    trust: Tensor | None = None


def gsdm(
    student: StudentFeatures,
    teacher: TeacherFeatures,
    terms: Collection[str] = ("gsdm", "relation", "semantic"),
) -> dict[str, Tensor]:
    """The terms of GSDM, unweighted.

    Args:
        student: its maps and answers, with graph.
        teacher: of the same clips in the same order.
        terms: which to compute, of `maps`, `temporal` (saliency over time, `losses.temporal`),
            `relation` and `semantic`. Without the first two the ablation pass is saved.

    Returns:
        A scalar a term; `maps` and `temporal` are means over the taps.

    Raises:
        InputError: numbers of maps or rows that do not fit, or a tap off the score's way.
    """
    _check(student, teacher)
    teacher = _without_absent(teacher)
    losses = _saliency_terms(student, teacher, terms)
    if "relation" in terms:
        losses["relation"] = relation_loss(student.semantic, student.logits, *teacher[1:4])
    if "semantic" in terms:
        losses["semantic"] = semantic_loss(student.semantic, teacher.semantic, teacher.present)
    return losses


def _saliency_terms(
    student: StudentFeatures, teacher: TeacherFeatures, terms: Collection[str]
) -> dict[str, Tensor]:
    """Those of `maps` and `temporal` that are asked for."""
    losses: dict[str, list[Tensor]] = {term: [] for term in ("gsdm", "temporal") if term in terms}
    if not losses:
        return {}
    clips = len(student.score)
    weights = student.weights or ablation_weights(student.taps, student.score)
    for tap, weight, theirs in zip(student.taps, weights, teacher.saliencies):
        maps, share = (values.unflatten(0, (clips, -1)) for values in (tap, weight))
        if "gsdm" in losses:
            ours = saliency(maps.mean(1), share.sum(1))
            losses["gsdm"].append(map_loss(ours, theirs, teacher.present, teacher.trust))
        if "temporal" in losses:
            curve = teacher_curve(theirs, maps.shape[1])
            ours = student_curve(maps, share)
            loss = temporal_loss(ours, curve, teacher.present, teacher.trust)
            losses["temporal"].append(loss)
    return {term: torch.stack(values).mean() for term, values in losses.items()}


def map_loss(
    student: Tensor, teacher: Tensor, present: Tensor | None = None, trust: Tensor | None = None
) -> Tensor:
    """1 - cosine of the saliency maps: half the squared distance of the two unit maps.

    (The squared distance is summed over the map, not averaged, so that large and small taps
    count alike. A map without saliency gives the constant 1/2.)

    Args:
        student: unit saliency [N, h, w].
        teacher: saliency [N, S, h', w'], brought to the student's size by interpolation.
        present: [N, S] bool; None = all.
        trust: in the teacher's saliency [N], 0..1; None = 1.

    Returns:
        Scalar in [0, 1].
    """
    theirs = unit(resize(full(teacher.detach()), student.shape[-2:]), dims=2, floor=SALIENCY_FLOOR)
    distances = (student[:, None] - theirs).square().sum((-2, -1)) / 2  # [N, S]
    return masked_mean(distances, present, trust)


def semantic_loss(student: Tensor, teacher: Tensor, present: Tensor | None = None) -> Tensor:
    """Mean squared difference of semantic vectors: student [N, d], each sensor [N, S, d]."""
    require_same_shape("semantic", student, teacher[:, 0], "give both the same class vectors")
    return masked_mean((full(student)[:, None] - full(teacher.detach())).square().mean(-1), present)


def _check(student: StudentFeatures, teacher: TeacherFeatures) -> None:
    """Refuses what would pair wrong rows or maps."""
    if len(student.taps) != len(teacher.saliencies):
        raise InputError(
            f"gsdm: {len(student.taps)} student taps and {len(teacher.saliencies)} teacher maps; "
            "expected as many; pair each student tap with one teacher map"
        )
    clips = len(student.score)
    rows = {len(values) for values in (student.semantic, *teacher.saliencies, *teacher[1:3])}
    if rows != {clips} or any(len(values) % clips for values in student.taps):
        raise InputError(
            f"gsdm: {clips} scores, but {[len(values) for values in student.taps]} rows of taps "
            f"and {sorted(rows)} rows of vectors and teacher maps; expected the same clips"
        )


def _without_absent(teacher: TeacherFeatures) -> TeacherFeatures:
    """Zeros in place of what absent sensors hold."""
    if teacher.present is None:
        return teacher
    absent = ~teacher.present
    return TeacherFeatures(
        [maps.masked_fill(absent[..., None, None], 0) for maps in teacher.saliencies],
        teacher.semantic.masked_fill(absent[..., None], 0),
        teacher.logits.masked_fill(absent[..., None], 0),
        teacher.present,
        teacher.trust,
    )
