"""Optimiser and learning rate over the epochs."""

import inspect
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
        return eager(torch.optim.Adam)(settings)
    if schedule.optimiser == "adamw":
        return eager(torch.optim.AdamW)(settings)
    if schedule.optimiser == "sgd":
        return eager(torch.optim.SGD)(settings, momentum=0.9)
    raise InputError(f"optimiser: found {schedule.optimiser!r}, expected adam, adamw or sgd")


def eager(kind: type[torch.optim.Optimizer]) -> Any:
    """An optimiser without PyTorch's guards against its own compiler.

    They import the compiler, 1.5 s a job; here networks are compiled, never a step of an optimiser.
    """
    guarded = ("add_param_group", "zero_grad", "state_dict", "load_state_dict", "step")
    plain = {name: inspect.unwrap(getattr(kind, name)) for name in guarded}
    plain["step"] = torch.no_grad()(plain["step"])
    return type(kind.__name__, (kind,), plain)


def set_rate(optimiser: torch.optim.Optimizer, factor: float) -> None:
    """Sets every group's rate to its base rate times `factor`."""
    for group in optimiser.param_groups:
        group["lr"] = group["base_lr"] * factor
