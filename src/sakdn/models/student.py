"""The student: the network that needs only video."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.models.frame_backbones import BlockBackbone, FrameBackbone, build_backbone
from sakdn.models.heads import build_head
from sakdn.options.backbones import cannot_compile
from sakdn.options.student import StudentNetwork

BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
NORMS = (*BATCH_NORMS, nn.LayerNorm, nn.GroupNorm)


class StudentOutput(NamedTuple):
    """What the student computes.

    Attributes:
        logits: [N, C].
        semantic: [N, d], mean over segments of the frame features before any ReLU.
        taps: the five distillation taps [N, c, h, w], averaged over time.
        segments: features over time [N, T', d]; T' is T where frames are seen one by one, fewer
            where a video network has joined some.
        frame_taps: the five taps over time [N t, c, h, w], each with a time axis t of its own (T of
            frames): the very tensors that the logits are computed from, so `autograd.grad` of a
            score reaches them; `unflatten(0, (N, -1))` for saliency over time.
    """

    logits: Tensor
    semantic: Tensor
    taps: list[Tensor]
    segments: Tensor
    frame_taps: list[Tensor]


class Student(nn.Module):
    """Backbone of frames or clips, embedding to the class vectors' space, head over segments.

    Batch norms that are not to learn are frozen in eval mode (Wang et al., 2016).

    Args:
        network: architecture.
        semantic_dim: length d of the class vectors.
        n_classes: number of classes C.

    Raises:
        InputError: weights that do not fit.
    """

    def __init__(self, network: StudentNetwork, semantic_dim: int, n_classes: int) -> None:
        backbone = build_backbone(network)
        super().__init__()
        self.backbone = backbone
        self.layout = torch.contiguous_format
        self.dropout = nn.Dropout(network.dropout)
        self.embed = nn.Linear(backbone.feature_dim, semantic_dim)
        if network.embed_std is not None:
            nn.init.normal_(self.embed.weight, std=network.embed_std)
            nn.init.zeros_(self.embed.bias)
        self.head = build_head(network.head, network.segments, semantic_dim, n_classes)
        self.frozen = _batch_norms(backbone)[1:] if network.partial_bn else []
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
        over_time = (clips.shape[0], -1)
        if self.backbone.sees_clips:
            seen = clips.transpose(1, 2)  # [N, channels, T, H, W]
        else:
            seen = clips.flatten(0, 1).contiguous(memory_format=self.layout)
        features, named = self.backbone(seen)  # [N T', f]
        segments = self.embed(self.dropout(features)).unflatten(0, over_time)  # [N, T', d]
        frame_taps = [named[name] for name in self.backbone.tap_names]
        taps = [tap.unflatten(0, over_time).mean(1) for tap in frame_taps]
        logits = self.head(segments, generator)  # [N, C]
        return StudentOutput(logits, segments.mean(1), taps, segments, frame_taps)


def build_student(options: StudentNetwork, semantic_dim: int, n_classes: int) -> Student:
    """Builds a student.

    Raises:
        InputError: weights that do not fit, or blocks that cannot be compiled.
    """
    student = Student(options, semantic_dim, n_classes)
    if options.channels_last and not student.backbone.sees_clips:
        student.layout = torch.channels_last
        student.to(memory_format=torch.channels_last)
    if options.compile:
        compile_blocks(student.backbone, options.backbone)
    return student


def compile_blocks(backbone: FrameBackbone, name: str) -> None:
    """Compiles every block on its own, so that gradients still reach the taps between them.

    Raises:
        InputError: a backbone whose taps lie within its blocks.
    """
    if not isinstance(backbone, BlockBackbone):
        raise InputError(f"student.compile: {cannot_compile(name)}")
    # Ablation weights take a first backward pass that keeps the graph for the step's own.
    import torch._functorch.config as compiler

    compiler.donated_buffer = False
    for block in backbone.blocks:
        block.compile()


def parameter_groups(model: nn.Module) -> list[dict[str, Any]]:
    """Trainable parameters in groups with multipliers of learning rate and weight decay.

    Weights of convolutions and linear layers (1, 1), their biases (2, 0), norms (1, 0):
    the rule of temporal segment networks, which the paper's student follows.
    """
    weights: list[nn.Parameter] = []
    biases: list[nn.Parameter] = []
    norms: list[nn.Parameter] = []
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if not parameter.requires_grad:
                continue
            if isinstance(module, NORMS):
                norms.append(parameter)
            else:
                (biases if name == "bias" else weights).append(parameter)
    groups = [(weights, 1.0, 1.0), (biases, 2.0, 0.0), (norms, 1.0, 0.0)]
    return [{"params": p, "lr_mult": rate, "decay_mult": decay} for p, rate, decay in groups if p]


def _batch_norms(module: nn.Module) -> list[nn.Module]:
    return [m for m in module.modules() if isinstance(m, BATCH_NORMS)]
