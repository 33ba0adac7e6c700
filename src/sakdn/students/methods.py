"""What each method adds to a student's cross-entropy."""

from torch import Tensor, nn
from torch.nn import functional as F

from sakdn.losses import gsdm as gsdm_loss
from sakdn.losses.ablation import class_score
from sakdn.losses.signal import SignalReader, at_moments, signal_loss
from sakdn.models.student import Student, StudentOutput
from sakdn.options.methods import MethodOptions
from sakdn.students.single_losses import build_connectors, comparison_loss
from sakdn.teachers.knowledge import KnowledgeStore, Taught, told


def distillation_losses(
    method: MethodOptions,
    output: StudentOutput,
    taught: Taught,
    labels: Tensor,
    connectors: nn.ModuleList | None = None,
    scalar: Tensor | None = None,
    moments: Tensor | None = None,
) -> dict[str, Tensor]:
    """Named losses of `method`, unweighted; clips that no teacher knows add nothing.

    Args:
        method: loss and weights; what weighs nothing is not computed.
        output: of the student, N clips.
        taught: what the teachers say of the same N clips and windows.
        labels: [N].
        connectors: of `method_connectors`; None where the method has none.
        scalar: the student's weights of the released form [N].
        moments: when the student's segments are, as fractions of the clip [N, T].
    """
    if not method.terms():
        return {}
    if method.loss == "sakdn":
        return sakdn_losses(method, output, taught, labels, connectors, scalar, moments)
    loss = comparison_loss(method.loss, output, taught, connectors, method.temperature)
    return {method.loss: loss}


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
        shares = [
            scalar.repeat_interleave(len(tap) // len(scalar))[:, None].expand(tap.shape[:2])
            for tap in taps
        ]
    score = class_score(output.logits, labels)
    student = gsdm_loss.StudentFeatures(taps, score, output.semantic, output.logits, shares)
    teacher = gsdm_loss.TeacherFeatures(
        maps, told(taught.semantic), told(taught.logits), taught.present
    )
    wanted = method.terms().keys()
    terms = gsdm_loss.gsdm(student, teacher, wanted)
    if "soft_target" in wanted:
        soft = comparison_loss("soft_target", output, taught, None, method.temperature)
        terms["soft_target"] = soft
    if "signal" in wanted:
        assert connectors is not None  # Those of `method_connectors`.
        assert moments is not None
        moments = F.adaptive_avg_pool1d(moments, output.segments.shape[1])
        measured = [at_moments(course, moments) for course in taught.course]
        terms["signal"] = signal_loss(connectors[0](output.segments), measured, taught.present)
    return terms


def method_connectors(
    method: MethodOptions, student: Student, knowledge: KnowledgeStore
) -> nn.ModuleList:
    """What a method trains with the student and does not deploy; empty for most."""
    if "course" in method.needs():
        return nn.ModuleList([SignalReader(student.embed.out_features, knowledge.course_widths)])
    widths = student.backbone.tap_widths[-2:], knowledge.channels
    return build_connectors(method.loss, *widths, len(knowledge.sensors))
