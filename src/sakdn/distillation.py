"""What each method adds to a student's cross-entropy."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from sakdn.checks import one_of
from sakdn.comparison_losses import COMPARED, comparison_loss
from sakdn.knowledge_store import Taught
from sakdn.losses import gsdm as gsdm_loss
from sakdn.losses.ablation import class_score
from sakdn.models.student import StudentOutput


@dataclass(frozen=True)
class MethodOptions:
    """A method of distillation and its weights; a term of weight 0 is not computed.

    Attributes:
        loss: `none`, `sakdn` or one of `comparison_losses.COMPARED`.
        teacher: whose knowledge: `fusion`, `average` or a sensor.
        weight: of the loss of a single-loss method; None for that of `COMPARED`.
        temperature: of soft targets.
        soft_target_weight: of soft targets within `sakdn`.
        gsdm_weight: of the saliency maps within `sakdn`.
        gsdm_form: weights of a map's channels within `sakdn`: each channel's own (`channel`) or
            the released code's one a clip (`released`).
        temporal_weight: of saliency over time within `sakdn`.
        relation_weight: of the relations between clips within `sakdn`.
        semantic_weight: of the regression onto the teachers' semantic vectors within `sakdn`.
    """

    loss: str
    teacher: str = "fusion"
    weight: float | None = None
    temperature: float = 4.0
    soft_target_weight: float = 1.0
    gsdm_weight: float = 1.0
    gsdm_form: Literal["channel", "released"] = "channel"
    temporal_weight: float = 0.0
    relation_weight: float = 1.0
    semantic_weight: float = 1.0

    def __post_init__(self) -> None:
        one_of("methods.loss", self.loss, ("none", "sakdn", *COMPARED))
        if self.weight is None and self.loss in COMPARED:
            object.__setattr__(self, "weight", COMPARED[self.loss].weight)

    def terms(self) -> dict[str, float]:
        """Weights above 0 of the terms of `sakdn`."""
        weights = {
            "soft_target": self.soft_target_weight,
            "maps": self.gsdm_weight,
            "temporal": self.temporal_weight,
            "relation": self.relation_weight,
            "semantic": self.semantic_weight,
        }
        return {term: weight for term, weight in weights.items() if weight > 0}

    def needs(self) -> tuple[str, ...]:
        """What of the teachers' knowledge is read, fields of `Taught`."""
        if self.loss in COMPARED:
            return COMPARED[self.loss].needs
        if self.loss == "none":
            return ()
        form = "released" if self.gsdm_form == "released" else "saliency"
        maps = (form,) if {"maps", "temporal"} & set(self.terms()) else ()
        return ("logits", "semantic", *maps)


def distillation_losses(
    method: MethodOptions,
    output: StudentOutput,
    taught: Taught,
    labels: Tensor,
    connectors: nn.ModuleList | None = None,
    scalar: Tensor | None = None,
) -> dict[str, Tensor]:
    """Named, weighted losses of `method`; clips that no teacher knows add nothing.

    Args:
        method: loss and weights.
        output: of the student, N clips.
        taught: what the teachers say of the same N clips and windows.
        labels: [N].
        connectors: of `comparison_losses.build_connectors`; None where the loss has none.
        scalar: the student's weights of the released form [N].
    """
    if method.loss == "none":
        return {}
    if method.loss == "sakdn":
        return sakdn_losses(method, output, taught, labels, scalar)
    loss = comparison_loss(method.loss, output, taught, connectors, method.temperature)
    return {method.loss: method.weight * loss}


def sakdn_losses(
    method: MethodOptions,
    output: StudentOutput,
    taught: Taught,
    labels: Tensor,
    scalar: Tensor | None = None,
) -> dict[str, Tensor]:
    """SAKDN: soft targets, GSDM (maps and relations) and semantic vectors."""
    maps = taught.released or taught.saliency
    taps = output.frame_taps if maps else []
    shares = None
    if scalar is not None:
        frames = scalar.repeat_interleave(output.segments.shape[1])[:, None]  # [N T, 1]
        shares = [frames.expand(tap.shape[:2]) for tap in taps]
    score = class_score(output.logits, labels)
    student = gsdm_loss.Student(taps, score, output.semantic, output.logits, shares)
    teacher = gsdm_loss.Teacher(maps, taught.semantic, taught.logits, taught.present)
    weights = method.terms()
    terms = gsdm_loss.gsdm(student, teacher, weights.keys())
    if "soft_target" in weights:
        soft = comparison_loss("soft_target", output, taught, None, method.temperature)
        terms["soft_target"] = soft
    return {name: weights[name] * term for name, term in terms.items()}
