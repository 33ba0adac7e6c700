"""The losses that SAKDN is compared with, each between the student and one sensor's teacher.

With several sensors a method's loss is the mean over the sensors of the loss on the clips that
have the sensor. A sensor that fewer than two clips of the batch have is left out: one clip has
no relations, and the batch normalisation of OFD's connector cannot train on it.

The student's embedding of a clip is its semantic vector. Relations between clips are those of
the embeddings.
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sakdn.losses import maps, outputs, relations
from sakdn.losses.connectors import ChannelAttention, fitnet_connector, ofd_connector
from sakdn.losses.irg import GraphTaps, irg
from sakdn.models.student import StudentOutput
from sakdn.options.methods import COMPARED
from sakdn.teachers.knowledge import Rows, Taught

LEARNT = ("fitnet", "ofd", "afd")


def comparison_loss(
    loss: str,
    output: StudentOutput,
    taught: Taught,
    connectors: nn.ModuleList | None,
    temperature: float,
) -> Tensor:
    """Loss `loss` of a batch, unweighted; 0 where no sensor takes part.

    Args:
        loss: one of `COMPARED`.
        output: of the student, N clips.
        taught: what the teachers say of the same N clips and windows.
        connectors: of `build_connectors`; None where the loss has none.
        temperature: of soft targets.

    Raises:
        LookupError: no such loss, or one that lacks its connectors.
    """
    values = []
    for sensor, here in enumerate(taught.present.T.cpu()):
        if here.sum() < 2:
            continue
        rows = slice(None) if here.all() else here.nonzero()[:, 0].to(output.logits.device)
        theirs = taught.of_sensor(sensor, rows)
        ours = of_rows(output, rows, COMPARED[loss].taps)
        if loss in LEARNT and connectors is not None:
            parts = cast(nn.ModuleList, connectors[sensor])
            values.append(channel_loss(loss, ours.taps, theirs.maps, parts))
        else:
            values.append(answer_loss(loss, ours, theirs, temperature))
    return torch.stack(values).mean() if values else output.logits.new_zeros(())


def of_rows(output: StudentOutput, rows: Rows, taps: int) -> StudentOutput:
    """The student's output for clips `rows`, with its last `taps` taps in single precision."""
    last = [tap[rows].float() for tap in output.taps[len(output.taps) - taps :]]
    return output._replace(logits=output.logits[rows], semantic=output.semantic[rows], taps=last)


def answer_loss(loss: str, ours: StudentOutput, theirs: Taught, temperature: float) -> Tensor:
    """Losses without parts of their own, on the answers and maps of n clips.

    `hint` compares the semantic vectors, whose lengths agree by construction; `at` is the mean
    over the five taps; `irg` takes the last two taps as early and late; `hard_dark_rank` ranks
    unit vectors, as its authors do.
    """
    match loss:
        case "soft_target":
            return outputs.soft_target(ours.logits, theirs.logits, temperature)
        case "logits":
            return outputs.logits(ours.logits, theirs.logits)
        case "hint":
            return maps.hint(ours.semantic, theirs.semantic)
        case "at":
            return attention_loss(ours.taps, theirs.attention)
        case "sp":
            return relations.sp(ours.semantic, theirs.embedding)
        case "rkd":
            return relations.rkd(ours.semantic, theirs.embedding)
        case "cc":
            return relations.cc(ours.semantic, theirs.embedding)
        case "hard_dark_rank":
            student, teacher = map(F.normalize, (ours.semantic, theirs.embedding))
            return relations.hard_dark_rank(student, teacher)
        case "irg":
            graph = GraphTaps(ours.logits, ours.semantic, *ours.taps)
            return irg(graph, GraphTaps(theirs.logits, theirs.embedding, *theirs.maps))
    raise LookupError(f"{loss}: no loss of answers")


def attention_loss(taps: Sequence[Tensor], attention: Sequence[Tensor]) -> Tensor:
    """`at` of student taps [n, c, h, w] and stored energies [n, h', w'], mean over the taps."""
    values = []
    for ours, energy in zip(taps, attention, strict=True):
        theirs = maps.resize(energy[:, None], ours.shape[-2:])  # [n, 1, h, w]
        values.append(maps.at(ours, theirs.sqrt()))
    return torch.stack(values).mean()


def channel_loss(
    loss: str, taps: Sequence[Tensor], theirs: Sequence[Tensor], connectors: nn.ModuleList
) -> Tensor:
    """`fitnet`, `ofd` or `afd` of the last two taps, mean over both.

    The teachers' maps [n, c', h', w'] are brought to the student's size. Taps lie after ReLU, so
    that OFD's margin is 0. AFD presumes equal channels: the student's pass a regressor first.
    """
    values = []
    for ours, tap, connector in zip(taps, theirs, connectors, strict=True):
        target = maps.resize(tap, ours.shape[-2:])  # [n, c', h, w]
        match loss:
            case "fitnet":
                values.append(maps.fitnet(ours, target, connector))
            case "ofd":
                values.append(maps.ofd(ours, target, connector))
            case "afd":
                regressor, attention = cast(nn.ModuleList, connector)
                values.append(maps.afd(regressor(ours), target, attention))
    return torch.stack(values).mean()


def build_connectors(
    loss: str, student: Sequence[int], teacher: Sequence[int], sensors: int
) -> nn.ModuleList:
    """The learnt parts that a method trains with the student and that are not deployed.

    Args:
        loss: of the method.
        student: channels of the student's last two taps.
        teacher: channels of the teachers' last two taps.
        sensors: how many teachers.

    Returns:
        By sensor, then by tap; empty for a loss without parts of its own.
    """
    if loss not in LEARNT:
        return nn.ModuleList()
    pairs = list(zip(student, teacher, strict=True))
    return nn.ModuleList(
        nn.ModuleList(connector(loss, *channels) for channels in pairs) for _ in range(sensors)
    )


def connector(loss: str, student: int, teacher: int) -> nn.Module:
    """The learnt part of one tap: channels `student` to `teacher`."""
    match loss:
        case "ofd":
            return ofd_connector(student, teacher)
        case "afd":
            return nn.ModuleList([fitnet_connector(student, teacher), ChannelAttention(teacher)])
    return fitnet_connector(student, teacher)
