"""What each method adds to a student's cross-entropy."""

from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from sakdn.base.options import one_of
from sakdn.losses import gsdm as gsdm_loss
from sakdn.losses.ablation import class_score
from sakdn.losses.signal import SignalReader, at_moments, signal_loss
from sakdn.models.student import Student, StudentOutput
from sakdn.students.single_losses import COMPARED, build_connectors, comparison_loss
from sakdn.teachers.knowledge import KnowledgeStore, Taught


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
        signal_weight: of the regression onto the signals, moment by moment, within `sakdn`
            (`losses.signal`; not in the paper).

    The defaults within `sakdn` were chosen on the training people of six subjects of
    UTD-MHAD with small networks; at 1, as in the paper, the maps overrule the labels.
    """

    loss: str
    teacher: str = "fusion"
    weight: float | None = None
    temperature: float = 4.0
    soft_target_weight: float = 0.1
    gsdm_weight: float = 0.05
    gsdm_form: Literal["channel", "released"] = "channel"
    temporal_weight: float = 0.1
    relation_weight: float = 1.0
    semantic_weight: float = 0.02
    signal_weight: float = 0.0

    def __post_init__(self) -> None:
        one_of("methods.loss", self.loss, ("none", "sakdn", *COMPARED))
        if self.weight is None and self.loss in COMPARED:
            object.__setattr__(self, "weight", COMPARED[self.loss].weight)

    def terms(self) -> dict[str, float]:
        """Weights above 0 of the terms of `sakdn`."""
        weights = {
            "soft_target": self.soft_target_weight,
            "gsdm": self.gsdm_weight,
            "temporal": self.temporal_weight,
            "relation": self.relation_weight,
            "semantic": self.semantic_weight,
            "signal": self.signal_weight,
        }
        return {term: weight for term, weight in weights.items() if weight > 0}

    def needs(self) -> tuple[str, ...]:
        """What of the teachers' knowledge is read, fields of `Taught`."""
        if self.loss in COMPARED:
            return COMPARED[self.loss].needs
        if self.loss == "none":
            return ()
        form = "released" if self.gsdm_form == "released" else "saliency"
        maps = (form,) if {"gsdm", "temporal"} & set(self.terms()) else ()
        course = ("course",) if "signal" in self.terms() else ()
        return ("logits", "semantic", *maps, *course)


def distillation_losses(
    method: MethodOptions,
    output: StudentOutput,
    taught: Taught,
    labels: Tensor,
    connectors: nn.ModuleList | None = None,
    scalar: Tensor | None = None,
    moments: Tensor | None = None,
) -> dict[str, Tensor]:
    """Named, weighted losses of `method`; clips that no teacher knows add nothing.

    Args:
        method: loss and weights.
        output: of the student, N clips.
        taught: what the teachers say of the same N clips and windows.
        labels: [N].
        connectors: of `method_connectors`; None where the method has none.
        scalar: the student's weights of the released form [N].
        moments: when the student's segments are, as fractions of the clip [N, T].
    """
    if method.loss == "none":
        return {}
    if method.loss == "sakdn":
        return sakdn_losses(method, output, taught, labels, connectors, scalar, moments)
    loss = comparison_loss(method.loss, output, taught, connectors, method.temperature)
    return {method.loss: method.weight * loss}


def sakdn_losses(
    method: MethodOptions,
    output: StudentOutput,
    taught: Taught,
    labels: Tensor,
    connectors: nn.ModuleList | None = None,
    scalar: Tensor | None = None,
    moments: Tensor | None = None,
) -> dict[str, Tensor]:
    """SAKDN: soft targets, GSDM (maps and relations), semantic vectors and signals."""
    maps = taught.released or taught.saliency
    taps = output.frame_taps if maps else []
    shares = None
    if scalar is not None:
        frames = scalar.repeat_interleave(output.segments.shape[1])[:, None]  # [N T, 1]
        shares = [frames.expand(tap.shape[:2]) for tap in taps]
    score = class_score(output.logits, labels)
    student = gsdm_loss.StudentFeatures(taps, score, output.semantic, output.logits, shares)
    teacher = gsdm_loss.TeacherFeatures(maps, taught.semantic, taught.logits, taught.present)
    weights = method.terms()
    terms = gsdm_loss.gsdm(student, teacher, weights.keys())
    if "soft_target" in weights:
        soft = comparison_loss("soft_target", output, taught, None, method.temperature)
        terms["soft_target"] = soft
    if "signal" in weights:
        measured = [at_moments(course, moments) for course in taught.course]
        terms["signal"] = signal_loss(connectors[0](output.segments), measured, taught.present)
    return {name: weights[name] * term for name, term in terms.items()}


def method_connectors(
    method: MethodOptions, student: Student, knowledge: KnowledgeStore
) -> nn.ModuleList:
    """What a method trains with the student and does not deploy; empty for most."""
    if "course" in method.needs():
        return nn.ModuleList([SignalReader(student.embed.out_features, knowledge.course_widths)])
    widths = student.backbone.tap_widths[-2:], knowledge.channels
    return build_connectors(method.loss, *widths, len(knowledge.sensors))
