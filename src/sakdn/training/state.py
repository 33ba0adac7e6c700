"""The resumable state of a training run: tensors and JSON in one safetensors file, no pickle."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from sakdn.files import atomic_path

Tensors = dict[str, torch.Tensor]


@dataclass
class Progress:
    """How far a run is.

    Attributes:
        epoch: epochs completed.
        history: one row of the learning curve an epoch.
        best_epoch: row of the best epoch on `val`, -1 before the first.
        best: weights after the best epoch.
        wall_s, cpu_s: cost so far, over all interrupted runs.
    """

    epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = -1
    best: Tensors = field(default_factory=dict)
    wall_s: float = 0.0
    cpu_s: float = 0.0


def fingerprint(*parts: Any) -> str:
    """Digest of everything that a run depends on; a state with another one is not resumed."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def save_state(
    path: Path,
    key: str,
    model: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    progress: Progress,
) -> None:
    """Writes model, optimiser and progress atomically to `path`."""
    tensors = {f"model/{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"best/{k}": v for k, v in progress.best.items()}
    scalars: dict[str, Any] = {}
    for index, slots in optimiser.state_dict()["state"].items():
        for name, value in slots.items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimiser/{index}/{name}"] = value
            else:
                scalars[f"{index}/{name}"] = value
    about = {k: getattr(progress, k) for k in ("epoch", "history", "best_epoch", "wall_s", "cpu_s")}
    metadata = {"key": key, "progress": json.dumps(about), "scalars": json.dumps(scalars)}
    with atomic_path(path) as temporary:
        save_file({k: _plain(v) for k, v in tensors.items()}, temporary, metadata)


def load_state(
    path: Path, key: str, model: torch.nn.Module, optimiser: torch.optim.Optimizer
) -> Progress:
    """Restores a run from `path` into `model` and `optimiser`.

    Returns:
        Progress of the saved run; a fresh one when there is no state, when it belongs to other
        options or data (`key` differs), or when it cannot be read.
    """
    if not path.exists():
        return Progress()
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except Exception:  # safetensors raises its own, undocumented classes for a damaged file
        return Progress()
    if metadata.get("key") != key:
        return Progress()
    model.load_state_dict(_part(tensors, "model/"))
    _restore_optimiser(optimiser, _part(tensors, "optimiser/"), json.loads(metadata["scalars"]))
    return Progress(**json.loads(metadata["progress"]), best=_part(tensors, "best/"))


def _plain(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def _part(tensors: Tensors, prefix: str) -> Tensors:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _restore_optimiser(
    optimiser: torch.optim.Optimizer, tensors: Tensors, scalars: dict[str, Any]
) -> None:
    state: dict[int, dict[str, Any]] = {}
    for name, value in (tensors | scalars).items():
        index, slot = name.split("/", 1)
        state.setdefault(int(index), {})[slot] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})
