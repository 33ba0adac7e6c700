"""The resumable state of a training run: tensors and JSON in one safetensors file, no pickle."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save

from sakdn.base.files import atomic_path
from sakdn.base.progress import log

Tensors = dict[str, torch.Tensor]


@dataclass
class Progress:
    """How far a run is.

    Attributes:
        epoch: epochs completed.
        step: steps of the next epoch that are done.
        sums: each loss, summed over those steps.
        epoch_s: seconds that they took.
        history: one row of the learning curve an epoch.
        best_epoch: row of the best epoch on `val`, -1 before the first.
        best: weights after the best epoch.
        updates: steps of the optimiser.
        average: the averaged weights, where there are such.
        wall_s, cpu_s: cost so far, over all interrupted runs.
    """

    epoch: int = 0
    step: int = 0
    sums: Tensors = field(default_factory=dict)
    epoch_s: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    best_epoch: int = -1
    best: Tensors = field(default_factory=dict)
    updates: int = 0
    average: Tensors = field(default_factory=dict)
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def step_done(self, losses: Tensors, epoch_s: float) -> None:
        """Counts a step with its losses."""
        self.step += 1
        self.epoch_s = epoch_s
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0) + value.detach()

    def epoch_done(self, row: dict[str, float]) -> None:
        """Counts an epoch with its row of the learning curve."""
        self.history.append(row)
        self.epoch += 1
        self.step, self.sums, self.epoch_s = 0, {}, 0.0

    def place(self) -> str:
        """In words, for example `epoch 3, step 12 of the next`."""
        return f"epoch {self.epoch}" + (f", step {self.step} of the next" if self.step else "")


def fingerprint(*parts: Any) -> str:
    """Digest of everything that a run depends on; a state with another one is not resumed."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def save_state(
    path: Path,
    key: str,
    model: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    progress: Progress,
    scaler: torch.amp.GradScaler,
) -> None:
    """Writes model, optimiser, progress and PyTorch's random numbers atomically to `path`.

    Raises:
        InputError: `path` cannot be written; what was there before still is.
    """
    tensors = {f"model/{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"best/{k}": v for k, v in progress.best.items()}
    tensors |= {f"sums/{k}": v for k, v in progress.sums.items()}
    tensors |= {f"average/{k}": v for k, v in progress.average.items()}
    tensors |= {f"random/{k}": v for k, v in _random_state().items()}
    scalars: dict[str, Any] = {}
    for index, slots in optimiser.state_dict()["state"].items():
        for name, value in slots.items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimiser/{index}/{name}"] = value
            else:
                scalars[f"{index}/{name}"] = value
    about = {k: v for k, v in vars(progress).items() if k not in ("best", "sums", "average")}
    metadata = {"key": key, "progress": json.dumps(about), "scalars": json.dumps(scalars)}
    metadata["scaler"] = json.dumps(scaler.state_dict())
    with atomic_path(path) as temporary:
        # Not `save_file`: on a full disk that raises a class of its own, without the reason.
        temporary.write_bytes(save({k: _plain(v) for k, v in tensors.items()}, metadata))


def load_state(
    path: Path,
    key: str,
    model: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
) -> Progress:
    """Restores a run from `path` into the arguments and PyTorch's random numbers.

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
        log(f"{path}: begun with other options, data, code or precision; trains from the start")
        return Progress()
    model.load_state_dict(_part(tensors, "model/"))
    _restore_optimiser(optimiser, _part(tensors, "optimiser/"), json.loads(metadata["scalars"]))
    _restore_random(_part(tensors, "random/"))
    scaler.load_state_dict(json.loads(metadata["scaler"]))
    best, sums, average = (_part(tensors, f"{name}/") for name in ("best", "sums", "average"))
    return Progress(**json.loads(metadata["progress"]), best=best, sums=sums, average=average)


def _random_state() -> Tensors:
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_initialized():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def _restore_random(state: Tensors) -> None:
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])


def _plain(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def _part(tensors: Tensors, prefix: str) -> Tensors:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _restore_optimiser(
    optimiser: torch.optim.Optimizer, tensors: Tensors, scalars: dict[str, Any]
) -> None:
    parameters = [value for group in optimiser.param_groups for value in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for name, value in (tensors | scalars).items():
        index, slot = name.split("/", 1)
        parameter = parameters[int(index)]
        if isinstance(value, torch.Tensor) and value.shape == parameter.shape:
            # In the parameter's memory layout, on which the last bit of a step may depend.
            value = torch.empty_like(parameter, dtype=value.dtype).copy_(value)
        state.setdefault(int(index), {})[slot] = value
    groups = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": groups})
