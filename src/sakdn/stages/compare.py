"""Compares every trained model with the student alone, on the same clips and seeds.

Example:
    python -m sakdn.stages.compare --metrics evaluate/*/seed*/metrics.json
    --predictions evaluate/*/seed*/predictions.csv --baseline student_none
    --output-table table.csv --output-markdown table.md --output-figure figure.svg
    --output-gains gains.svg --output-tests tests.json
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from sakdn.base.cli import run
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, write_json
from sakdn.results.comparison_figures import accuracy_figure, gains_figure, save_svg
from sakdn.results.comparison_table import markdown, summary_table
from sakdn.results.evaluated import Model, read_models
from sakdn.results.predictions import describe_difference, read_correct
from sakdn.results.significance import DESCRIPTION, PairedTest, paired_test

NAMED = 10
OUTPUTS = ("table", "markdown", "figure", "gains", "tests")


def main(argv: list[str] | None = None) -> None:
    """Reads evaluations, writes the table (twice), two figures and the tests."""
    parser = argparse.ArgumentParser(
        prog="sakdn.stages.compare", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--metrics", type=Path, nargs="+", required=True)
    parser.add_argument("--predictions", type=Path, nargs="+", required=True)
    parser.add_argument("--dropped", type=Path, help="clips left out as unusable (CSV)")
    parser.add_argument("--baseline", default="student_none", help="name of the student alone")
    for name in OUTPUTS:
        parser.add_argument(f"--output-{name}", type=Path, required=True)
    arguments = parser.parse_args(argv)
    models = baseline_first(read_models(arguments.metrics), arguments.baseline)
    correct = read_correct(models, arguments.predictions)
    tests = compare(models, correct, arguments.baseline)
    adjusted = adjust([model for model in models if model.kind == "student"], tests)
    _write_table(arguments, summary_table(models, tests, adjusted))
    _write_figures(arguments, models)
    write_json(arguments.output_tests, _tests_json(models, tests, adjusted, arguments.baseline))


def baseline_first(models: list[Model], baseline: str) -> list[Model]:
    """Puts the baseline in front of the other students.

    Raises:
        InputError: the baseline is not among the models.
    """
    names = [model.name for model in models]
    if baseline not in names:
        raise InputError(
            f"--baseline: found no {baseline} among {', '.join(names)}, expected the student "
            "alone, without which no gain can be claimed; train and evaluate it too"
        )
    others = [model for model in models if model.name != baseline]
    teachers = [model for model in others if model.kind != "student"]
    methods = [model for model in others if model.kind == "student"]
    return [*teachers, models[names.index(baseline)], *methods]


def compare(
    models: list[Model], correct: dict[str, pd.DataFrame], baseline: str
) -> dict[str, PairedTest]:
    """Tests every model against the baseline on the same seeds and clips; by model.

    A teacher or a fusion that has other seeds or clips (a sensor may be missing in some) is
    left out: it is there for orientation. A student is refused.

    Raises:
        InputError: a student's seeds or clips are not the baseline's.
    """
    reference = correct[baseline]
    tests = {}
    for model in models:
        table = correct[model.name]
        problem = _unequal(table, reference)
        if problem and model.kind == "student":
            raise InputError(
                f"{model.name}: found {problem}, expected the seeds and clips of {baseline}; "
                "train and evaluate both with the same configuration"
            )
        if not problem and model.name != baseline:
            tests[model.name] = paired_test((table - reference).to_numpy().T)
    return tests


def _unequal(table: pd.DataFrame, reference: pd.DataFrame) -> str:
    if list(table.columns) != list(reference.columns):
        return f"seeds {list(table.columns)} instead of {list(reference.columns)}"
    difference = describe_difference(table.index, reference.index)
    return f"other clips or labels ({difference})" if difference else ""


def adjust(students: list[Model], tests: dict[str, PairedTest]) -> dict[str, float]:
    """Adjusts the p-values of the students for their number (Benjamini and Hochberg 1995)."""
    names = [model.name for model in students if model.name in tests]
    if not names:
        return {}
    adjusted = false_discovery_control([tests[name].p_value for name in names])
    return dict(zip(names, adjusted.tolist()))


def _write_table(arguments: argparse.Namespace, table: pd.DataFrame) -> None:
    with atomic_path(arguments.output_table) as path:
        table.to_csv(path, index=False)
    text = f"{markdown(table)}\nBaseline: {arguments.baseline}. {DESCRIPTION}\n"
    text += dropped_words(arguments.dropped)
    with atomic_path(arguments.output_markdown) as path:
        path.write_text(text, encoding="utf-8")


def dropped_words(path: Path | None) -> str:
    """A paragraph that names the clips that were left out as unusable; empty for none.

    Raises:
        InputError: the file is not a list of such clips.
    """
    if path is None:
        return ""
    try:
        names = pd.read_csv(path, dtype=str)["clip"].tolist()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a list of dropped clips: {error}; delete it") from error
    if not names:
        return ""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    listed = ", ".join(names[:NAMED])
    return f"\nDropped as unusable (see {path.name}), {len(names)}: {listed}{more}.\n"


def _write_figures(arguments: argparse.Namespace, models: list[Model]) -> None:
    with atomic_path(arguments.output_figure) as path:
        save_svg(accuracy_figure(models, arguments.baseline), path)
    gains = class_gains(models, arguments.baseline)
    with atomic_path(arguments.output_gains) as path:
        save_svg(gains_figure(gains, models[0].class_names), path)


def class_gains(models: list[Model], baseline: str) -> dict[str, np.ndarray]:
    """Recall of every class minus the baseline's, means over seeds: by method, [classes]."""
    reference = next(model for model in models if model.name == baseline).recalls().mean(axis=0)
    return {
        model.method: model.recalls().mean(axis=0) - reference
        for model in models
        if model.kind == "student" and model.name != baseline
    }


def _tests_json(
    models: list[Model],
    tests: dict[str, PairedTest],
    adjusted: dict[str, float],
    baseline: str,
) -> dict[str, object]:
    gains = class_gains(models, baseline)
    return {
        "baseline": baseline,
        "description": DESCRIPTION,
        "tests": {
            name: {
                "difference": test.difference,
                "interval_95": [test.low, test.high],
                "p_value": test.p_value,
                "p_adjusted": adjusted.get(name),
            }
            for name, test in tests.items()
        },
        "class_gains": {
            method: {
                name: None if np.isnan(gain) else gain
                for name, gain in zip(models[0].class_names, values.tolist())
            }
            for method, values in gains.items()
        },
    }


if __name__ == "__main__":
    run(main)
