"""The report's page: what compare wrote, the models in its order, the template."""

from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.files import read_json
from sakdn.results.comparison_table import HEADER, display_rows
from sakdn.results.evaluated import Model
from sakdn.results.report.images import svg_image
from sakdn.results.report.notes import guesses_alone
from sakdn.results.report.tables import Table, gain_extremes, people_table
from sakdn.results.report.words import summarise

TEMPLATES = Path(__file__).parent


def comparison(folder: Path, clips: pd.DataFrame) -> dict[str, Any]:
    """What the report shows of the compare stage's folder, which is about `clips`.

    Raises:
        InputError: a file of the folder is missing or damaged.
    """
    tests = read_json(folder / "tests.json")
    try:
        table = pd.read_csv(folder / "table.csv")
    except (OSError, ValueError) as error:
        raise InputError(f"{folder / 'table.csv'}: not a comparison: {error}") from error
    baseline = tests["baseline"]
    return {
        "baseline": baseline,
        "order": table["model"].tolist(),
        "summary": summarise(table, baseline, guesses_alone(clips)),
        "comparison": Table(list(HEADER), display_rows(table)),
        "test_description": tests["description"],
        "accuracy": svg_image(folder / "figure.svg", "Test accuracy of every model and seed."),
        "gains": svg_image(folder / "gains.svg", "Recall gain of every class and method."),
        "people": people_table(tests["people"], dict(zip(table["model"], table["label"]))),
        "gain_extremes": gain_extremes(tests["class_gains"]),
    }


def in_order(models: list[Model], order: list[str]) -> list[Model]:
    """The models in the order of the comparison.

    Raises:
        InputError: the comparison is of other models.
    """
    by_name = {model.name: model for model in models}
    if set(by_name) != set(order):
        raise InputError(
            f"--compare-dir: found {', '.join(order)}, expected {', '.join(by_name)} as in "
            "--metrics; run the compare stage again"
        )
    return [by_name[name] for name in order]


def render(content: dict[str, Any]) -> str:
    """Fills the template; everything is escaped, and nothing may be missing."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(content)
