"""The fused teacher: streams of all sensors, gated by SPAMFM after every stage."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, cast

import torch
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.models.spamfm import SPAMFM, Rule
from sakdn.models.streams import TeacherOutput, TeacherStream, stream_output


class FusedOutput(NamedTuple):
    """What the fused teacher computes.

    Attributes:
        streams: per sensor; taps, embedding and semantic are the gated ones. Rows of an absent
            sensor are zero and must be left out of losses (see `present`).
        semantic: mean over present sensors of the semantic vectors [N, d].
        logits: mean over present sensors of the logits [N, C], the fused prediction.
        present: sensors that took part [N, S].
    """

    streams: list[TeacherOutput]
    semantic: Tensor
    logits: Tensor
    present: Tensor


class FusedTeacher(nn.Module):
    """Streams interleaved with SPAMFM: fusion 1-5 after the blocks, 6 and 7 after embed, semantic.

    The gated features are what the next stage receives; logits are not gated (SAKDN).

    Absent sensors: only the rows that have a sensor pass its stages, so absent clips leave no
    trace in the statistics of batch normalisation; their features are zeros, which contribute
    zeros to the joint codes (SPAMFM), and they are left out of the means over sensors. A clip
    without any sensor gets zero logits. In train mode a sensor with a single present row in the
    batch counts as absent, because batch normalisation cannot train on one row.

    Args:
        streams: one a sensor, all of the same widths.
        reduction: r of SPAMFM; default 2 S, the paper's 4, 8, 12 for 2, 4, 6 sensors.
        fusion: `spamfm`, or `average`: no gates, only the mean of the streams' logits (ablation).
        rule: SPAMFM's inference rule, `self` or `bank`; `bank` needs `set_bank` after loading
            weights, the bank is not part of the state dict.

    Raises:
        InputError: streams of different widths.
    """

    def __init__(
        self,
        streams: Sequence[TeacherStream],
        reduction: int | None = None,
        fusion: Literal["spamfm", "average"] = "spamfm",
        rule: Rule = "self",
    ) -> None:
        super().__init__()
        widths = {stream.fused_widths for stream in streams}
        if len(widths) != 1:
            raise InputError(
                f"teacher: streams of different widths {sorted(widths)} cannot be fused;"
                " give all sensors the same backbone"
            )
        count = len(streams)
        self.streams = nn.ModuleList(streams)
        self.fusions = nn.ModuleList(
            SPAMFM(count, width, reduction or 2 * count, rule) if fusion == "spamfm" else Ungated()
            for width in widths.pop()
        )

    @property
    def teachers(self) -> list[TeacherStream]:
        """The streams, one a sensor."""
        return [cast(TeacherStream, stream) for stream in self.streams]

    def forward(
        self, images: Sequence[Tensor], present: Tensor | None = None, rule: Rule | None = None
    ) -> FusedOutput:
        """Runs all streams.

        Args:
            images: per sensor [N, channels, H, W] in 0..1; rows of absent sensors are ignored.
            present: which sensors a clip has [N, S], bool; None: all.
            rule: overrides SPAMFM's rule in this call.
        """
        present, rows = self._usable(images, present)
        features, levels = list(images), []
        for level, fusion in enumerate(self.fusions):
            staged = [
                _on_rows(stream.stages[level], x, r)
                for stream, x, r in zip(self.teachers, features, rows, strict=True)
            ]  # S times [N, c, h, w] or [N, d]
            features = fusion(staged, rule)
            levels.append(features)
        logits = [
            _on_rows(stream.classifier, x, r)
            for stream, x, r in zip(self.teachers, features, rows, strict=True)
        ]  # S times [N, C]
        outputs = [
            stream_output([level[k] for level in levels], logits[k]) for k in range(len(logits))
        ]
        return FusedOutput(outputs, _mean(features, present), _mean(logits, present), present)

    @torch.no_grad()
    def set_bank(self, images: Sequence[Tensor], present: Tensor | None = None) -> None:
        """Captures the bank of the rule `bank` from one forward over training clips.

        The bank's own clips are mixed over the bank, as a training batch is.

        Args:
            images: per sensor [B, channels, H, W], for example of `balanced_bank`.
            present: which sensors a clip has [B, S]; None: all.
        """
        training = self.training
        hooks = [
            f.register_forward_pre_hook(_capture) for f in self.fusions if isinstance(f, SPAMFM)
        ]
        try:
            self.eval()(images, present, rule="batch")
        finally:
            self.train(training)
            for hook in hooks:
                hook.remove()

    def _usable(
        self, images: Sequence[Tensor], present: Tensor | None
    ) -> tuple[Tensor, list[Tensor | None]]:
        """The sensors that take part [N, S], and per sensor the rows to run (None: all)."""
        if present is None:
            everyone = images[0].new_ones((len(images[0]), len(images)), dtype=torch.bool)
            return everyone, [None] * len(images)
        if self.training:
            present = present & (present.sum(0) > 1)
        columns = present.T.cpu()
        return present, [None if column.all() else column.nonzero()[:, 0] for column in columns]


class Ungated(nn.Module):
    """Stands where SPAMFM would, and leaves the features alone."""

    def forward(self, features: Sequence[Tensor], rule: Rule | None = None) -> list[Tensor]:
        """Returns the features."""
        return list(features)


def balanced_bank(labels: Sequence[int], per_class: int) -> list[int]:
    """Rows of a fixed class-balanced bank: the first `per_class` clips of every class.

    Args:
        labels: action of every training clip, in table order.
        per_class: clips a class.
    """
    taken: dict[int, list[int]] = {}
    for row, label in enumerate(labels):
        rows = taken.setdefault(int(label), [])
        if len(rows) < per_class:
            rows.append(row)
    return sorted(row for rows in taken.values() for row in rows)


def _capture(fusion: SPAMFM, inputs: tuple) -> None:
    fusion.set_bank(inputs[0])


def _on_rows(stage: nn.Module, x: Tensor, rows: Tensor | None) -> Tensor:
    """`stage` on the given rows of `x` (None: all); the other rows of the result are zero."""
    if rows is None:
        return stage(x)
    rows = rows.to(x.device)
    y = stage(x[rows])  # [rows, ...]
    return y.new_zeros(len(x), *y.shape[1:]).index_copy(0, rows, y)


def _mean(values: Sequence[Tensor], present: Tensor) -> Tensor:
    """Mean over present sensors; `values` are zero where a sensor is absent."""
    return torch.stack(list(values)).sum(0) / present.sum(1, keepdim=True).clamp(min=1)
