"""Compares every trained model with the student alone, on the same clips and seeds.

Example:
    python -m sakdn.stages.compare --metrics evaluate/*/seed*/metrics.json
    --predictions evaluate/*/seed*/predictions.csv --baseline student_none
    --output-table table.csv --output-markdown table.md --output-figure figure.svg
    --output-gains gains.svg --output-tests tests.json
"""

import argparse
from pathlib import Path

import pandas as pd

from sakdn.base.cli import new_parser, run
from sakdn.base.files import atomic_path, write_json
from sakdn.base.progress import log
from sakdn.results.comparison import (
    adjust,
    baseline_first,
    by_person,
    class_gains,
    compare,
    dropped_words,
    tests_json,
)
from sakdn.results.comparison_figures import accuracy_figure, gains_figure
from sakdn.results.comparison_table import markdown, summary_table, verdicts
from sakdn.results.evaluated import Model, read_models
from sakdn.results.plots import save_svg
from sakdn.results.predictions import read_correct
from sakdn.results.significance import description

OUTPUTS = ("table", "markdown", "figure", "gains", "tests")

EXAMPLE = r"""--metrics results/demo/evaluate/*/seed*/metrics.json \
    --predictions results/demo/evaluate/*/seed*/predictions.csv \
    --output-table table.csv --output-markdown table.md --output-figure accuracy.svg \
    --output-gains gains.svg --output-tests tests.json"""


def main(argv: list[str] | None = None) -> None:
    """Reads evaluations, writes the table (twice), two figures and the tests."""
    parser = new_parser("stages.compare", __doc__, EXAMPLE)
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
    people = by_person({model.name: correct[model.name] for model in models})
    table = summary_table(models, tests, adjusted)
    _write_table(arguments, table, len(people))
    _write_figures(arguments, models, verdicts(table))
    write_json(
        arguments.output_tests, tests_json(models, tests, adjusted, arguments.baseline, people)
    )
    log(f"{len(models)} models of {len(arguments.metrics)} trainings")


def _write_table(arguments: argparse.Namespace, table: pd.DataFrame, people: int) -> None:
    with atomic_path(arguments.output_table) as path:
        table.to_csv(path, index=False)
    text = f"{markdown(table)}\nBaseline: {arguments.baseline}. {description(people)}\n"
    text += dropped_words(arguments.dropped)
    with atomic_path(arguments.output_markdown) as path:
        path.write_text(text, encoding="utf-8")


def _write_figures(
    arguments: argparse.Namespace, models: list[Model], said: dict[str, str]
) -> None:
    with atomic_path(arguments.output_figure) as path:
        save_svg(accuracy_figure(models, arguments.baseline, said), path)
    gains = class_gains(models, arguments.baseline)
    with atomic_path(arguments.output_gains) as path:
        save_svg(gains_figure(gains, models[0].class_names), path)


if __name__ == "__main__":
    run(main)
