"""The small tables of the report: clips, class gains, cost, provenance."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sakdn.data.clips.table import SPLITS
from sakdn.data.readers.natural import natural_key
from sakdn.options.columns import FOLD, UNLABELLED
from sakdn.results.comparison_table import percent, points
from sakdn.results.evaluated import Model


@dataclass(frozen=True)
class Table:
    """Header and rows of text; the first column names the row, the others are numbers."""

    header: list[str]
    rows: list[list[str]]


def clip_counts(clips: pd.DataFrame) -> Table:
    """Clips of every class and split, with totals."""
    counts = pd.crosstab([clips["action"], clips["action_name"]], clips["split"])
    counts = counts.reindex(columns=SPLITS, fill_value=0)
    last = sorted(_rows(counts), key=lambda row: row[0][0] == UNLABELLED)
    rows = [[name or "no label", *map(str, row), str(sum(row))] for (_, name), row in last]
    totals = counts.sum()
    rows.append(["all classes", *map(str, totals), str(totals.sum())])
    return Table(["Class", *SPLITS, "all"], rows)


def _rows(frame: pd.DataFrame) -> Iterable[tuple[Any, list[int]]]:
    return ((label, row.tolist()) for label, row in frame.iterrows())


def subject_counts(clips: pd.DataFrame) -> Table:
    """Subjects of every split, or fold, and how many clips they have there."""
    if FOLD in clips:
        return Table(["Fold", "Clips", "Tested"], _folds(clips))
    rows = []
    for split in SPLITS:
        side = clips[clips["split"] == split]
        subjects = ", ".join(sorted(side["subject"].unique(), key=natural_key))
        rows.append([split, str(len(side)), subjects or "none"])
    return Table(["Split", "Clips", "Subjects"], rows)


def _folds(clips: pd.DataFrame) -> list[list[str]]:
    folds = sorted(clips.groupby(FOLD), key=lambda fold: int(fold[0]))
    return [
        [
            str(number),
            str(len(tested)),
            ", ".join(sorted(tested["subject"].unique(), key=natural_key)),
        ]
        for number, tested in folds
    ]


def left_out(clips: pd.DataFrame, videos: pd.DataFrame) -> list[str]:
    """Ids of the clips that were found but are on no side of the split."""
    return videos.loc[~videos["clip"].isin(clips["clip"]), "clip"].tolist()


def gain_extremes(class_gains: dict[str, dict[str, float | None]]) -> Table:
    """For every method the class that gained most and the one that lost most."""
    rows = []
    for method, gains in class_gains.items():
        known = {name: gain for name, gain in gains.items() if gain is not None}
        most, least = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
        up, down = (sum(np.sign(gain) == sign for gain in known.values()) for sign in (1, -1))
        best, worst = (f"{name} ({points(known[name])})" for name in (most, least))
        rows.append([method, str(up), str(down), best, worst])
    return Table(["Method", "Classes up", "Classes down", "Best", "Worst"], rows)


def people_table(people: dict[str, dict[str, float]], labels: dict[str, str]) -> Table:
    """Accuracy in percent on every test person's clips, a column a model.

    Args:
        people: of `tests.json`, by person and model.
        labels: names of the models as people read them, in the order of the columns.
    """
    rows = [
        [person, *(percent(values.get(name, np.nan)) for name in labels)]
        for person, values in people.items()
    ]
    return Table(["Person", *labels.values()], rows)


def costs(models: list[Model]) -> Table:
    """Training cost of every model: means over seeds, and the sum of wall time."""
    rows = [
        [
            model.label,
            *(_number(model.costs(key).mean()) for key in ("wall_s", "cpu_s", "peak_memory_mb")),
            _number(model.costs("wall_s").sum()),
        ]
        for model in models
    ]
    rows.append(["all", "", "", "", _number(sum(model.costs("wall_s").sum() for model in models))])
    header = ["Model", "Wall (s)", "CPU (s)", "Peak memory (MB)", "Wall, all seeds (s)"]
    return Table(header, rows)


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:,.0f}"


def origins(models: list[Model]) -> Table:
    """Where the numbers come from: every value of the evaluations' provenance, and the seeds.

    What holds for training as for evaluation stands there once.
    """
    seeds = sorted({seed for model in models for seed in model.metrics})
    found: dict[str, list[str]] = {"seeds": [", ".join(map(str, seeds))]}
    for model in models:
        for metrics in model.metrics.values():
            for key, value in _flat(_shown(metrics.get("provenance", {}))):
                if value not in found.setdefault(key, []):
                    found[key].append(value)
    alike = [key for key, values in found.items() if values == found.get(f"training {key}")]
    rows = [
        [key, "; ".join(values)]
        for key, values in found.items()
        if key.removeprefix("training ") not in alike or key in alike
    ]
    return Table(["What", "Value"], rows)


def _shown(provenance: dict[str, Any]) -> dict[str, Any]:
    """Without the path of the network, as many as there are networks, and the configuration."""
    return {key: value for key, value in provenance.items() if key not in ("model", "config")}


def _flat(values: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key} ")
        else:
            yield f"{prefix}{key}", str(value)
