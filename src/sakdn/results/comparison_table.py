"""The comparison as a table: numbers for machines, and the same table for people."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sakdn.results.evaluated import Model
from sakdn.results.significance import ALPHA, PairedTest

METRICS = ("accuracy", "macro_f1", "recall_at_1", "f_measure", "val_accuracy")
SHOWN = ("accuracy", "macro_f1", "val_accuracy")
HEADER = (
    "Model",
    "Seeds",
    "Accuracy (%)",
    "Macro-F1 (%)",
    "Val. accuracy (%)",
    "Difference (points)",
    "95 % interval",
    "p",
    "Adjusted p",
    "Training (s)",
    "Peak memory (MB)",
)


def summary_table(
    models: list[Model], tests: dict[str, PairedTest], adjusted: dict[str, float]
) -> pd.DataFrame:
    """One row a model: mean and standard deviation (n - 1) over seeds, difference, cost.

    Accuracies and differences are fractions. A deviation of one seed, and the test of a model
    that was not compared, are NaN (empty in a CSV).
    """
    return pd.DataFrame([_row(model, tests, adjusted) for model in models])


def _row(
    model: Model, tests: dict[str, PairedTest], adjusted: dict[str, float]
) -> dict[str, str | int | float]:
    row: dict[str, str | int | float] = {
        "model": model.name,
        "label": model.label,
        "kind": model.kind,
        "method": model.method,
        "seeds": len(model.metrics),
        "clips": int(model.values("clips")[0]),
    }
    for key in METRICS:
        row[key] = float(model.values(key).mean())
        row[f"{key}_sd"] = standard_deviation(model.values(key))
    test = tests.get(model.name, PairedTest(*[math.nan] * 4))
    row |= {"difference": test.difference, "low": test.low, "high": test.high}
    row |= {"p_value": test.p_value, "p_adjusted": adjusted.get(model.name, math.nan)}
    row["wall_s"] = float(model.costs("wall_s").mean())
    row["peak_memory_mb"] = float(model.costs("peak_memory_mb").mean())
    return row


def standard_deviation(values: NDArray[np.float64]) -> float:
    """Standard deviation over seeds with n - 1; NaN for one seed."""
    return float(values.std(ddof=1)) if len(values) > 1 else math.nan


def verdict(row: pd.Series) -> str:
    """In words, whether a student of the table differs from the baseline."""
    if not row.p_adjusted < ALPHA or row.low <= 0 <= row.high:
        return "no significant difference"
    return "significantly better" if row.difference > 0 else "significantly worse"


def verdicts(table: pd.DataFrame) -> dict[str, str]:
    """The verdict on every model of the table, by its name."""
    return {row["model"]: verdict(row) for _, row in table.iterrows()}


def display_rows(table: pd.DataFrame) -> list[list[str]]:
    """The table's rows as text under `HEADER`: percent, points, a dash where there is nothing."""
    return [
        [
            row.label,
            str(row.seeds),
            *(percent(row[key], row[f"{key}_sd"]) for key in SHOWN),
            points(row.difference),
            "–" if math.isnan(row.low) else f"{points(row.low)} to {points(row.high)}",
            p_text(row.p_value),
            p_text(row.p_adjusted),
            "–" if math.isnan(row.wall_s) else f"{row.wall_s:,.0f}",
            "–" if math.isnan(row.peak_memory_mb) else f"{row.peak_memory_mb:,.0f}",
        ]
        for _, row in table.iterrows()
    ]


def percent(mean: float, deviation: float = math.nan) -> str:
    """`78.6 ± 1.4`; without a deviation `78.6`."""
    if math.isnan(mean):
        return "–"
    return f"{100 * mean:.1f}" + ("" if math.isnan(deviation) else f" ± {100 * deviation:.1f}")


def points(difference: float) -> str:
    """A difference of fractions in points with its sign: `+5.0`, `−1.2`."""
    if math.isnan(difference):
        return "–"
    return f"{100 * difference:+.1f}".replace("-", "−")


def p_text(p_value: float) -> str:
    """A p-value, not more exact than it is."""
    if math.isnan(p_value):
        return "–"
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def markdown(table: pd.DataFrame) -> str:
    """The table for people, as a GitHub markdown table; numbers right-aligned."""
    lines = [HEADER, (":--", *["--:"] * (len(HEADER) - 1)), *display_rows(table)]
    cells = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"
