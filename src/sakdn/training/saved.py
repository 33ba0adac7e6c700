"""A trained network on disk: weights in safetensors, everything else in JSON beside it."""

import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, get_args

import pandas as pd
import torch
from safetensors.torch import load_file, save

from sakdn.base.device import device_name
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, read_json, write_json
from sakdn.base.options import parse_file
from sakdn.base.provenance import provenance
from sakdn.training.about import Plan
from sakdn.training.loop import Fit

About = TypeVar("About", bound=Plan)
Other = TypeVar("Other", bound=Plan)
MAX_REASON = 500  # Of two networks that differ PyTorch names every tensor.


def save_model(
    path: Path, plan: Plan, fit: Fit, device: torch.device, found: Mapping[str, Any] | None = None
) -> None:
    """Writes `model.safetensors`, `curves.csv` and, last, the JSON at `path`.

    Args:
        path: the JSON file; the other two lie beside it.
        plan: what was known before the training.
        fit: outcome of the training.
        device: where it was trained.
        found: what else the training came to.
    """
    with atomic_path(path.with_suffix(".safetensors")) as temporary:
        temporary.write_bytes(save({k: v.contiguous() for k, v in fit.best.items()}))
    curve = pd.DataFrame(fit.history)
    with atomic_path(path.with_name("curves.csv")) as temporary:
        curve.to_csv(temporary, index=False)
    best = fit.history[fit.best_epoch]
    trained = {
        "best_epoch": fit.best_epoch + 1,
        "val_accuracy": best["val_accuracy"],
        "val_loss": best["val_loss"],
        "cost": fit.cost,
        "provenance": {
            "date": datetime.now(UTC).date().isoformat(),
            **provenance(device_name(device)),
        },
    }
    write_json(path, plan.model_dump(mode="json") | trained | dict(found or {}))


def read_about(path: Path, kind: type[About], other: type[Other] | None = None) -> About | Other:
    """Reads a model's JSON.

    Args:
        path: of the JSON.
        kind: what may be there; it says in its field `kind` which models it is about.
        other: what else may be there.

    Raises:
        InputError: not a model, not of those kinds, or not as training wrote it.
    """
    values = read_json(path)
    found = values.get("kind") if isinstance(values, dict) else None
    known: dict[str, type[About] | type[Other]] = {
        name: each
        for each in (kind, other)
        if each is not None
        for name in get_args(each.model_fields["kind"].annotation)
    }
    if not isinstance(found, str) or found not in known:
        raise InputError(f"{path}: found kind {found!r}, expected {' or '.join(known)}")
    return parse_file(known[found], values, path, "use the file as training wrote it")


def load_weights(path: Path, module: torch.nn.Module) -> None:
    """Loads the weights that lie beside the JSON at `path` into `module`.

    Raises:
        InputError: the file is missing or damaged, or does not fit the network.
    """
    weights = path.with_suffix(".safetensors")
    try:
        module.load_state_dict(load_file(weights))
    except Exception as error:  # safetensors raises its own, undocumented classes
        reason = textwrap.shorten(str(error), MAX_REASON)
        raise InputError(f"{weights}: not the weights of {path}: {reason}") from error
