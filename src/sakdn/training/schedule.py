"""Optimiser and learning rate over the epochs."""

from collections.abc import Iterable
from typing import Any

import torch

from sakdn.base.errors import InputError
from sakdn.options.training import Schedule


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
