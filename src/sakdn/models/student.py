"""The student: the network that needs only video."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.models.frame_backbones import BlockBackbone, FrameBackbone, build_backbone
from sakdn.models.heads import build_head
from sakdn.options.student import StudentNetwork

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


class StudentOutput(NamedTuple):
    """What the student computes.

    Attributes:
        logits: [N, C].
        semantic: [N, d], mean over segments of the frame features before any ReLU.
        taps: the five distillation taps [N, c, h, w], averaged over segments.
        segments: frame features [N, T, d].
        frame_taps: the five taps of every frame [N T, c, h, w]: the very tensors that the logits
            are computed from, so `autograd.grad` of a score reaches them; `unflatten(0, (N, T))`
            for saliency over time.
    """

    logits: Tensor
    semantic: Tensor
    taps: list[Tensor]
    segments: Tensor
    frame_taps: list[Tensor]


class Student(nn.Module):
    """Frame backbone, embedding to the class vectors' space, head over segments.

    Args:
        backbone: of `build_backbone`.
        segments: frames a clip T.
        semantic_dim: length d of the class vectors.
        n_classes: number of classes C.
        head: `trn`, `tconv` or `average`.
        dropout: on the frame features.
        partial_bn: freezes all batch norms of the backbone but the first (Wang et al., 2016).
        embed_std: standard deviation of the initial embedding weights; None: PyTorch's default.
    """

    def __init__(
        self,
        backbone: FrameBackbone,
        segments: int,
        semantic_dim: int,
        n_classes: int,
        head: str = "trn",
        dropout: float = 0.0,
        partial_bn: bool = False,
        embed_std: float | None = None,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.layout = torch.contiguous_format
        self.dropout = nn.Dropout(dropout)
        self.embed = nn.Linear(backbone.feature_dim, semantic_dim)
        if embed_std is not None:
            nn.init.normal_(self.embed.weight, std=embed_std)
            nn.init.zeros_(self.embed.bias)
        self.head = build_head(head, segments, semantic_dim, n_classes)
        self.frozen = _batch_norms(backbone)[1:] if partial_bn else []
        for norm in self.frozen:
            norm.requires_grad_(False)

    def train(self, mode: bool = True) -> "Student":
        """Sets the mode; frozen batch norms stay in eval mode."""
        super().train(mode)
        for norm in self.frozen:
            norm.eval()
        return self

    def forward(self, clips: Tensor, generator: torch.Generator | None = None) -> StudentOutput:
        """Runs the student.

        Args:
            clips: [N, T, channels, H, W], as `pixels.normalise` makes them.
            generator: of the head's draws in train mode.
        """
        frames = clips.flatten(0, 1).contiguous(memory_format=self.layout)
        features, named = self.backbone(frames)  # [N T, f]
        segments = self.embed(self.dropout(features)).unflatten(0, clips.shape[:2])  # [N, T, d]
        frame_taps = [named[name] for name in self.backbone.tap_names]
        taps = [tap.unflatten(0, clips.shape[:2]).mean(1) for tap in frame_taps]
        logits = self.head(segments, generator)  # [N, C]
        return StudentOutput(logits, segments.mean(1), taps, segments, frame_taps)


def build_student(options: StudentNetwork, semantic_dim: int, n_classes: int) -> Student:
    """Builds a student.

    Raises:
        InputError: unknown backbone or head, too few segments, or weights that do not fit.
    """
    backbone = build_backbone(options.backbone, options.in_channels, options.width, options.weights)
    student = Student(
        backbone,
        options.segments,
        semantic_dim,
        n_classes,
        options.head,
        options.dropout,
        options.partial_bn,
        options.embed_std,
    )
    if options.channels_last:
        student.layout = torch.channels_last
        student.to(memory_format=torch.channels_last)
    if options.compile:
        compile_blocks(student.backbone)
    return student


def compile_blocks(backbone: FrameBackbone) -> None:
    """Compiles every block on its own, so that gradients still reach the taps between them.

    Raises:
        InputError: a backbone whose taps lie within its blocks.
    """
    if not isinstance(backbone, BlockBackbone):
        raise InputError(
            "student.compile: found true with bninception, whose taps lie within its blocks;"
            " set it to false"
        )
    # Ablation weights take a first backward pass that keeps the graph for the step's own.
    import torch._functorch.config as compiler

    compiler.donated_buffer = False
    for block in backbone.blocks:
        block.compile()


def parameter_groups(model: nn.Module) -> list[dict[str, Any]]:
    """Trainable parameters in groups with multipliers of learning rate and weight decay.

    Weights of convolutions and linear layers (1, 1), their biases (2, 0), batch norms (1, 0):
    the rule of temporal segment networks, which the paper's student follows.
    """
    weights: list[nn.Parameter] = []
    biases: list[nn.Parameter] = []
    norms: list[nn.Parameter] = []
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if not parameter.requires_grad:
                continue
            if isinstance(module, BATCH_NORMS):
                norms.append(parameter)
            else:
                (biases if name == "bias" else weights).append(parameter)
    groups = [(weights, 1.0, 1.0), (biases, 2.0, 0.0), (norms, 1.0, 0.0)]
    return [{"params": p, "lr_mult": rate, "decay_mult": decay} for p, rate, decay in groups if p]


def _batch_norms(module: nn.Module) -> list[nn.Module]:
    return [m for m in module.modules() if isinstance(m, BATCH_NORMS)]
