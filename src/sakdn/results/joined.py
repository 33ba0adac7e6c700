"""The evaluations of all folds of a model and seed as one: every clip is tested once."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError
from sakdn.results.evaluated import read_metrics
from sakdn.results.metrics import summary_of

SAME = ("model", "kind", "method", "seed")
OF_A_FOLD = ("clips", "accuracy", "best_epoch", "val_accuracy")


def join_predictions(paths: list[Path]) -> pd.DataFrame:
    """The rows of all `predictions.csv`, sorted by clip.

    Raises:
        InputError: a clip is in two of them.
    """
    table = pd.concat([pd.read_csv(path, dtype={"clip": str, "subject": str}) for path in paths])
    twice = table.loc[table["clip"].duplicated(), "clip"]
    if len(twice):
        raise InputError(
            f"--predictions: clip {twice.iloc[0]} is in two folds, expected each clip in one; run"
            " the folds' evaluations again"
        )
    return table.sort_values("clip", ignore_index=True)


def join_metrics(paths: dict[str, Path]) -> dict[str, Any]:
    """One `metrics.json` of the folds': counts and cost summed, scores computed from the counts.

    recall@1 is a mean over the folds, weighted by their clips: the logits of different networks
    are no neighbours. `folds` keeps what each fold had.

    Args:
        paths: the folds' files by number of the fold.

    Raises:
        InputError: a file is damaged, or of another model or seed.
    """
    folds = {fold: read_metrics(path) for fold, path in paths.items()}
    first = next(iter(folds.values()))
    for fold, metrics in folds.items():
        for key in SAME:
            if metrics[key] != first[key]:
                raise InputError(
                    f"{paths[fold]}: {key}: found {metrics[key]!r}, expected {first[key]!r} as in"
                    " the other folds; name the files of one model and seed"
                )
    parts = list(folds.values())
    clips = np.array([metrics["clips"] for metrics in parts])
    retrieval = float(np.average([metrics["recall_at_1"] for metrics in parts], weights=clips))
    confusion = np.sum([metrics["confusion"] for metrics in parts], axis=0)
    names = [row["name"] for row in first["per_class"]]
    return {
        **{key: first[key] for key in SAME},
        "clips": int(clips.sum()),
        **summary_of(confusion, retrieval, names),
        "val_accuracy": float(np.mean([metrics["val_accuracy"] for metrics in parts])),
        "cost": _cost([metrics["cost"] for metrics in parts]),
        "folds": {f: {key: metrics[key] for key in OF_A_FOLD} for f, metrics in folds.items()},
        "provenance": first["provenance"],
    }


def _cost(costs: list[dict[str, float]]) -> dict[str, float]:
    """Times summed, of the memory the largest."""
    joined = {key: sum(cost[key] for cost in costs) for key in costs[0]}
    return joined | {"peak_memory_mb": max(cost["peak_memory_mb"] for cost in costs)}
