"""What the run found, in plain sentences."""

from dataclasses import dataclass

import pandas as pd

from sakdn.results.comparison_table import p_text, percent, points, verdict

SAKDN = "student_sakdn"


@dataclass(frozen=True)
class Summary:
    """Headline figures (name, value, remark), the answer, and one sentence a model."""

    figures: list[tuple[str, str, str]]
    answer: str
    sentences: list[str]


def summarise(table: pd.DataFrame, baseline: str, guesses: bool = False) -> Summary:
    """Says whether distillation helped, from the comparison's table.

    It says so only of methods whose test is significant, and says no difference otherwise.

    Args:
        table: of the comparison.
        baseline: model that the others are compared with.
        guesses: whether that one had nothing to learn from.
    """
    alone = table[table["model"] == baseline].iloc[0]
    methods = table[(table["kind"] == "student") & (table["model"] != baseline)]
    headline = table[table["model"].isin(headline_models(baseline))]
    return Summary(
        [_figure(row, baseline) for _, row in headline.iterrows()],
        _answer(methods, int(alone["seeds"]), ", which guesses" if guesses else ""),
        [_sentence(row) for _, row in methods.iterrows()],
    )


def headline_models(baseline: str) -> tuple[str, ...]:
    """The models that a reader looks at first: fused teachers, student alone, SAKDN."""
    return ("fusion", baseline, SAKDN)


def _figure(row: pd.Series, baseline: str) -> tuple[str, str, str]:
    if row["model"] == baseline:
        remark = "video only, the baseline"
    elif row["kind"] == "student":
        remark = f"video only, {points(row['difference'])} points"
    else:
        remark = "sees the sensors"
    return row["label"], percent(row["accuracy"], row["accuracy_sd"]), remark


def _answer(methods: pd.DataFrame, seeds: int, alone: str) -> str:
    if methods.empty:
        return "No method was trained beside the student alone, so nothing was compared."
    found = methods.assign(verdict=[verdict(row) for _, row in methods.iterrows()])
    own = found["model"] == SAKDN
    parts = [_brought(found[own].iloc[0], alone)] if own.any() else []
    rest = found[~own]
    parts += _listed(rest, "significantly better")
    if not parts:
        parts.append("Distillation did not help measurably: no method beats the student alone.")
    parts += _listed(rest, "significantly worse")
    if seeds == 1:
        parts.append("There is one seed only, so the spread between trainings is unknown.")
    return " ".join(parts)


def _brought(row: pd.Series, alone: str) -> str:
    return (
        f"Distillation (SAKDN) brought {points(row['difference'])} points over the student alone"
        f"{alone} (95 % interval {points(row['low'])} to {points(row['high'])}): {row['verdict']}."
    )


def _listed(found: pd.DataFrame, wanted: str) -> list[str]:
    """A sentence that names the methods with a verdict; none where there is no such method."""
    names = found[found["verdict"] == wanted]["label"].tolist()
    return [f"{wanted.capitalize()} than video alone: {', '.join(names)}."] if names else []


def _sentence(row: pd.Series) -> str:
    return (
        f"{row['label']}: {percent(row['accuracy'], row['accuracy_sd'])} %, "
        f"{points(row['difference'])} points against the student alone (95 % interval "
        f"{points(row['low'])} to {points(row['high'])}, adjusted p {p_text(row['p_adjusted'])}): "
        f"{verdict(row)}."
    )
