"""What evaluation wrote, read back: one `Model` a network, with all its seeds."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sakdn.base.errors import InputError
from sakdn.base.files import read_json

KINDS = ("teacher", "fusion", "student")
KEYS = (
    "model",
    "kind",
    "method",
    "seed",
    "clips",
    "accuracy",
    "macro_f1",
    "per_class",
    "confusion",
)


@dataclass(frozen=True)
class Model:
    """One network of a run: what it is, and its `metrics.json` by seed, seeds ascending."""

    name: str
    kind: str
    method: str
    metrics: dict[int, dict[str, Any]]
    folders: dict[int, Path]

    @property
    def label(self) -> str:
        """The name as people read it: `student sakdn`."""
        return self.name.replace("_", " ", 1)

    @property
    def class_names(self) -> list[str]:
        """Names of the actions, in label order."""
        first = next(iter(self.metrics.values()))
        return [row["name"] for row in first["per_class"]]

    def values(self, key: str) -> NDArray[np.float64]:
        """`key` of every seed: [seeds]; NaN where it was not measured."""
        return np.array([_number(metrics.get(key)) for metrics in self.metrics.values()])

    def costs(self, key: str) -> NDArray[np.float64]:
        """`key` of every seed's training cost: [seeds]; NaN where it was not measured."""
        return np.array([_number(m.get("cost", {}).get(key)) for m in self.metrics.values()])

    def best_epoch(self, fold: str, seed: int) -> int | None:
        """The epoch that was chosen in a fold (empty: there are none), counted from 1."""
        metrics = self.metrics.get(seed, {})
        return (metrics.get("folds", {}).get(fold, {}) if fold else metrics).get("best_epoch")

    def recalls(self) -> NDArray[np.float64]:
        """Recall of every class: [seeds, classes]."""
        rows = [[_number(c["recall"]) for c in m["per_class"]] for m in self.metrics.values()]
        return np.array(rows)

    def confusion(self) -> NDArray[np.float64]:
        """Share of a class's clips given each label, averaged over seeds: [truth, predicted]."""
        counts = np.mean([m["confusion"] for m in self.metrics.values()], axis=0)
        return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def read_models(paths: Iterable[Path]) -> list[Model]:
    """Reads every `metrics.json` and groups them by model.

    Order: teachers, fusion, students, each kind in the order in which `paths` first names it.

    Raises:
        InputError: a file cannot be read or lacks a key, a model's seed comes twice, or the
            models know different classes.
    """
    models: dict[str, Model] = {}
    for path in paths:
        metrics = read_metrics(path)
        name, seed = metrics["model"], metrics["seed"]
        model = models.setdefault(name, Model(name, metrics["kind"], metrics["method"], {}, {}))
        if seed in model.metrics:
            raise InputError(
                f"{path}: {name} seed {seed} was already read from {model.folders[seed]}, "
                "expected each seed once; name one of the two"
            )
        model.metrics[seed], model.folders[seed] = metrics, path.parent
    ordered = [_by_seed(model) for model in models.values()]
    _check_classes(ordered)
    return sorted(ordered, key=lambda model: KINDS.index(model.kind))


def _by_seed(model: Model) -> Model:
    seeds = sorted(model.metrics)
    metrics = {seed: model.metrics[seed] for seed in seeds}
    folders = {seed: model.folders[seed] for seed in seeds}
    return Model(model.name, model.kind, model.method, metrics, folders)


def read_metrics(path: Path) -> dict[str, Any]:
    """Reads a `metrics.json`.

    Raises:
        InputError: it cannot be read or lacks a key.
    """
    metrics = read_json(path)
    missing = [key for key in KEYS if key not in metrics] if isinstance(metrics, dict) else KEYS
    if missing:
        raise InputError(f"{path}: found no {', '.join(missing)}; run the evaluate stage again")
    if metrics["kind"] not in KINDS:
        raise InputError(f"{path}: kind: found {metrics['kind']!r}, expected {', '.join(KINDS)}")
    return metrics


def _check_classes(models: list[Model]) -> None:
    for model in models:
        for seed, metrics in model.metrics.items():
            names = [row["name"] for row in metrics["per_class"]]
            if names != models[0].class_names:
                raise InputError(
                    f"{model.folders[seed]}/metrics.json: found classes {names}, expected those "
                    f"of {models[0].name}, {models[0].class_names}; evaluate one clips table only"
                )
