"""What the stages that use a network have in common on the command line."""

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sakdn.base.cli import json_options
from sakdn.base.errors import InputError
from sakdn.base.files import read_json
from sakdn.base.options import parse_options
from sakdn.base.sources import module_sources
from sakdn.training.schedule import Schedule


def parser(description: str) -> argparse.ArgumentParser:
    """Argument parser with the clips table, threads and GPUs that every such stage takes."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--clips", type=Path, required=True, help="clips table (CSV)")
    arguments.add_argument("--threads", type=int, default=1, help="CPU threads")
    arguments.add_argument("--gpus", type=int, default=0, help="GPUs granted")
    arguments.add_argument("--output", type=Path, required=True, help="JSON to write")
    return arguments


def training_parser(description: str) -> argparse.ArgumentParser:
    """The same, for a stage that trains."""
    arguments = parser(description)
    arguments.add_argument("--semantics", type=Path, required=True, help="class vectors (JSON)")
    arguments.add_argument("--options", type=json_options, default={}, help="JSON object")
    arguments.add_argument("--state", type=Path, required=True, help="resumable state")
    arguments.add_argument("--seed", type=int, default=0)
    return arguments


def split_schedule(options: dict[str, Any], where: str) -> tuple[Schedule, dict[str, Any]]:
    """Separates the schedule from the other options of a training stage."""
    names = {field.name for field in fields(Schedule)}
    schedule = parse_options(Schedule, {k: v for k, v in options.items() if k in names}, where)
    return schedule, {k: v for k, v in options.items() if k not in names}


def class_vectors(path: Path) -> tuple[list[str], torch.Tensor]:
    """Class names and their vectors, float32 [classes, d], as the semantics stage wrote them."""
    content = read_json(path)
    return content["names"], torch.tensor(content["vectors"], dtype=torch.float32)


def data_digest(*paths: Path) -> str:
    """Digest of small input files; part of the key of a resumable state."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def code_digest(module: str) -> str:
    """Digest of a stage's source files: a state is not resumed by other code."""
    source = Path(__file__).parents[2]
    return data_digest(*map(Path, module_sources(module, source)))


def learning_rows(split: Sequence[str], keep: np.ndarray, who: str) -> dict[str, np.ndarray]:
    """`split_rows` for a network that trains on `train` and is chosen on `val`.

    Raises:
        InputError: one of the two is empty, so that nothing could be learnt or chosen.
    """
    rows = split_rows(split, keep)
    for side in ("train", "val"):
        if not len(rows[side]):
            raise InputError(
                f"{who}: no {side} clip has the sensor; give {side} recordings that have it, or"
                " remove the sensor from the config"
            )
    return rows


def split_rows(split: Sequence[str], keep: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Rows of the clips table by side of the split; only those with `keep`, if given."""
    sides = np.asarray(split)
    kept = np.ones(len(sides), bool) if keep is None else keep
    return {side: np.flatnonzero((sides == side) & kept) for side in ("train", "val", "test")}
