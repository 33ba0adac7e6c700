"""Optimiser and learning rate over the epochs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Literal

import torch

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a network is trained.

    Attributes:
        epochs: passes over the training clips.
        batch_size: clips a step.
        optimiser: `adam`, `adamw` or `sgd` (momentum 0.9).
        lr: initial learning rate.
        weight_decay: L2 factor.
        decay: `constant`, `cosine` (to zero) or `step` (times `gamma` at each milestone).
        milestones: epochs at which `step` multiplies the rate by `gamma`.
        gamma: factor of `step`.
        warmup_epochs: epochs of linear warm-up.
        clip_norm: largest gradient norm; 0 for no limit.
    """

    epochs: int
    batch_size: int
    optimiser: Literal["adam", "adamw", "sgd"] = "adam"
    lr: float = 1e-3
    weight_decay: float = 0.0
    decay: Literal["constant", "cosine", "step"] = "constant"
    milestones: tuple[int, ...] = ()
    gamma: float = 0.1
    warmup_epochs: int = 0
    clip_norm: float = 0.0

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


def make_optimiser(groups: Iterable[dict[str, Any]], schedule: Schedule) -> torch.optim.Optimizer:
    """Builds the optimiser; each group may carry `lr_mult` and `decay_mult` (default 1).

    Raises:
        InputError: unknown optimiser.
    """
    settings = [
        {
            "params": list(group["params"]),
            "lr": schedule.lr * group.get("lr_mult", 1.0),
            "base_lr": schedule.lr * group.get("lr_mult", 1.0),
            "weight_decay": schedule.weight_decay * group.get("decay_mult", 1.0),
        }
        for group in groups
    ]
    if schedule.optimiser == "adam":
        return torch.optim.Adam(settings)
    if schedule.optimiser == "adamw":
        return torch.optim.AdamW(settings)
    if schedule.optimiser == "sgd":
        return torch.optim.SGD(settings, momentum=0.9)
    raise InputError(f"optimiser: found {schedule.optimiser!r}, expected adam, adamw or sgd")


def set_rate(optimiser: torch.optim.Optimizer, factor: float) -> None:
    """Sets every group's rate to its base rate times `factor`."""
    for group in optimiser.param_groups:
        group["lr"] = group["base_lr"] * factor


def split_schedule(options: dict[str, Any], where: str) -> tuple[Schedule, dict[str, Any]]:
    """Separates the schedule from the other options of a training stage."""
    names = {field.name for field in fields(Schedule)}
    schedule = parse_options(Schedule, {k: v for k, v in options.items() if k in names}, where)
    return schedule, {k: v for k, v in options.items() if k not in names}
