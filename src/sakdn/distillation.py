"""What each method adds to a student's cross-entropy."""

from dataclasses import dataclass

import torch

from sakdn.knowledge_store import Taught
from sakdn.losses import gsdm as gsdm_loss
from sakdn.losses.ablation import class_score
from sakdn.losses.outputs import soft_target
from sakdn.models.student import StudentOutput


@dataclass(frozen=True)
class MethodOptions:
    """A method of distillation and its weights.

    Attributes:
        loss: `none`, `soft_target` or `sakdn`.
        teacher: whose knowledge: `fusion`, `average` or a sensor.
        weight: of the loss of a single-loss method.
        temperature: of soft targets.
        soft_target_weight: of soft targets within `sakdn`.
        gsdm_weight: of the saliency maps within `sakdn`.
        relation_weight: of the relations between clips within `sakdn`.
        semantic_weight: of the regression onto the teachers' semantic vectors within `sakdn`.
    """

    loss: str
    teacher: str = "fusion"
    weight: float = 1.0
    temperature: float = 4.0
    soft_target_weight: float = 1.0
    gsdm_weight: float = 1.0
    relation_weight: float = 1.0
    semantic_weight: float = 1.0


def distillation_losses(
    method: MethodOptions, output: StudentOutput, taught: Taught, labels: torch.Tensor
) -> dict[str, torch.Tensor]:
    """Named, weighted losses of `method`.

    Args:
        method: loss and weights.
        output: of the student, N clips.
        taught: what the teachers say of the same N clips and windows.
        labels: [N].
    """
    if method.loss == "soft_target":
        return {"soft_target": method.weight * joint_soft_target(method, output, taught)}
    return sakdn_losses(method, output, taught, labels)


def sakdn_losses(
    method: MethodOptions, output: StudentOutput, taught: Taught, labels: torch.Tensor
) -> dict[str, torch.Tensor]:
    """SAKDN: soft targets, GSDM (maps and relations) and semantic vectors (paper, eq. 17)."""
    student = gsdm_loss.Student(
        output.frame_taps, class_score(output.logits, labels), output.semantic, output.logits
    )
    teacher = gsdm_loss.Teacher(taught.saliencies, taught.semantic, taught.logits, taught.present)
    terms = gsdm_loss.gsdm(student, teacher)
    return {
        "soft_target": method.soft_target_weight * joint_soft_target(method, output, taught),
        "gsdm": method.gsdm_weight * terms["maps"],
        "relation": method.relation_weight * terms["relation"],
        "semantic": method.semantic_weight * terms["semantic"],
    }


def joint_soft_target(method: MethodOptions, output: StudentOutput, taught: Taught) -> torch.Tensor:
    """Soft targets of the teachers' joint prediction, on the clips that they know."""
    known = taught.known()
    if not known.any():
        return output.logits.sum() * 0
    return soft_target(output.logits[known], taught.mean_logits()[known], method.temperature)
