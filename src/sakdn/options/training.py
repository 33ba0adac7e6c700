"""Options of every training: schedule and computing."""

import math
from typing import Literal

from pydantic import Field

from sakdn.base.options import Options, Several

Precision = Literal["fp32", "bf16", "fp16"]
WantedPrecision = Literal["auto", "fp32", "bf16", "fp16"]


class Schedule(Options):
    """How long and how fast a network is trained."""

    epochs: int = Field(30, ge=1, description="Passes over the training clips.")
    batch_size: int = Field(16, ge=2, description="Clips a step.")
    optimiser: Literal["adam", "adamw", "sgd"] = Field("adam", description="sgd has momentum 0.9.")
    lr: float = Field(0.001, gt=0, description="First learning rate.")
    weight_decay: float = Field(0.0, ge=0, description="L2 factor.")
    decay: Literal["constant", "cosine", "step"] = Field(
        "cosine",
        description="Learning rate over the epochs: constant, cosine (to zero) or step (times gamma"
        " at each milestone).",
    )
    milestones: Several[int] = Field(
        (), description="Epochs at which step multiplies the rate by gamma."
    )
    gamma: float = Field(0.1, gt=0, description="Factor of step.")
    warmup_epochs: int = Field(0, ge=0, description="Epochs over which the rate rises to lr.")
    clip_norm: float = Field(0.0, ge=0, description="Largest gradient norm; 0 for no limit.")
    accumulate_steps: int = Field(
        1,
        ge=1,
        description="Batches whose gradients are averaged for one step of the optimiser, where"
        " memory does not hold them together.",
    )
    ema_decay: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="What is looked at on val and kept is the exponential moving average of the"
        " weights with this decay a step; 0 for the weights themselves.",
    )
    early_stopping_epochs: int = Field(
        0,
        ge=0,
        description="Stop after so many epochs without a better one on val; 0 for never. The rate"
        " falls as if all epochs came.",
    )

    def factor(self, epoch: int) -> float:
        """Multiplier of the learning rate in `epoch` (0-based)."""
        if epoch < self.warmup_epochs:
            return (epoch + 1) / (self.warmup_epochs + 1)
        if self.decay == "cosine":
            span = max(1, self.epochs - self.warmup_epochs)
            return 0.5 * (1 + math.cos(math.pi * (epoch - self.warmup_epochs) / span))
        if self.decay == "step":
            return self.gamma ** sum(epoch >= milestone for milestone in self.milestones)
        return 1.0


class LayoutOptions(Options):
    """How a network's blocks are laid out; what is computed stays the same but for rounding."""

    channels_last: bool = Field(
        True,
        description="Memory layout of the convolutions; faster on CPUs and on GPUs with bf16.",
    )
    compile: bool = Field(
        False,
        description="torch.compile of each block; needs a C++ compiler. For small and the ResNets;"
        " the other students have their taps within what would be compiled.",
    )


class ComputeOptions(LayoutOptions):
    """How training steps are computed."""

    precision: WantedPrecision = Field(
        "auto",
        description="Of the training steps: auto is bf16 where the hardware has it (GPUs since"
        " Ampere, CPUs with AVX512-BF16 or AMX), else fp32; fp16 scales the loss and is for older"
        " GPUs (V100, T4). The model's JSON says what it became. Weights stay in fp32.",
    )


class TrainingOptions(ComputeOptions, Schedule):
    """How a network is trained and its steps are computed."""
