"""Which clips each model got right, read from the evaluations' `predictions.csv`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.results.evaluated import Model


def read_correct(models: list[Model], predictions: Iterable[Path]) -> dict[str, pd.DataFrame]:
    """By model: a table of 1 (right) and 0, a column a seed, rows (clip, action, subject) sorted.

    Raises:
        InputError: a model's seed has no predictions or damaged ones, they contradict the
            accuracy beside them, or its seeds saw different clips.
    """
    by_folder = {path.parent: path for path in predictions}
    return {model.name: _correct(model, by_folder) for model in models}


def _correct(model: Model, by_folder: dict[Path, Path]) -> pd.DataFrame:
    columns = {}
    for seed, folder in model.folders.items():
        if folder not in by_folder:
            raise InputError(
                f"--predictions: found none in {folder}, expected the predictions.csv that "
                f"belongs to the metrics.json of {model.name} seed {seed}; name it too"
            )
        columns[seed] = _read(by_folder[folder], model.metrics[seed]["accuracy"])
    first = next(iter(columns))
    for seed, column in columns.items():
        difference = describe_difference(column.index, columns[first].index)
        if difference:
            raise InputError(
                f"{by_folder[model.folders[seed]]}: found other clips than for seed {first} of "
                f"{model.name} ({difference}), expected the same; evaluate both on one clips table"
            )
    return pd.DataFrame(columns).sort_index()


def _read(path: Path, accuracy: float) -> pd.Series:
    try:
        table = pd.read_csv(path, dtype={"clip": str, "subject": str}, keep_default_na=False)[
            ["clip", "action", "subject", "predicted"]
        ]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{path}: not a table of clip, action, subject, predicted: {error}; run the "
            "evaluate stage again"
        ) from error
    if len(table) < 2 or table["clip"].duplicated().any():
        raise InputError(
            f"{path}: found {len(table)} rows of {table['clip'].nunique()} clips, expected one row "
            "a clip and at least two; run the evaluate stage again"
        )
    correct = (table.action == table.predicted).astype(float)
    if abs(correct.mean() - accuracy) > 1e-6:
        raise InputError(
            f"{path}: found accuracy {correct.mean():.6f}, expected {accuracy:.6f} as in the "
            "metrics.json beside it; run the evaluate stage again"
        )
    return correct.set_axis(pd.MultiIndex.from_frame(table[["clip", "action", "subject"]]))


def describe_difference(found: pd.Index, expected: pd.Index) -> str:
    """Says how two sets of (clip, action, subject) differ; empty when they are equal."""
    odd: list[Any] = sorted(set(found) ^ set(expected))
    if not odd:
        return ""
    return f"{len(odd)} not in both, for example clip {odd[0][0]} with label {odd[0][1]}"
