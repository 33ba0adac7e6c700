"""Writes the report of a run.

Example:
    python -m sakdn.stages.report --clips clips.csv --videos videos.csv --root data/demo
    --config config.yaml --curves */*/seed*/curves.csv
    --metrics evaluate/*/seed*/metrics.json --compare-dir compare --gaf-dir gaf
    --frames-dir frames --explain-dir explain --output report.html
"""

import argparse
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import yaml

from sakdn.base.cli import run
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, read_json
from sakdn.data.clips.table import read_rows, read_table
from sakdn.results.comparison_table import HEADER, display_rows
from sakdn.results.evaluated import Model, read_models
from sakdn.results.report.checked import read_checked, read_dropped
from sakdn.results.report.confusion import confusion_images
from sakdn.results.report.curves import curve_images, read_curves
from sakdn.results.report.explained import read_explained
from sakdn.results.report.images import svg_image
from sakdn.results.report.notes import data_notes
from sakdn.results.report.sample import read_sample
from sakdn.results.report.tables import (
    Table,
    clip_counts,
    costs,
    gain_extremes,
    left_out,
    origins,
    subject_counts,
)
from sakdn.results.report.words import headline_models, summarise

TEMPLATES = Path(__file__).parents[1] / "results/report"


def main(argv: list[str] | None = None) -> None:
    """Reads a run's results and writes one HTML file."""
    arguments = _parser().parse_args(argv)
    clips = read_table(arguments.clips)
    config_text, config = read_config(arguments.config)
    curves = read_curves(arguments.curves)
    compared = comparison(arguments.compare_dir)
    models = in_order(read_models(arguments.metrics), compared["order"])
    content = {
        "name": config["name"],
        "data": config["data"],
        "config_text": config_text,
        "clip_counts": clip_counts(clips),
        "subject_counts": subject_counts(clips),
        "left_out": left_out(clips, read_rows(arguments.videos)),
        "dropped": read_dropped(arguments.dropped),
        "notes": data_notes(clips),
        "checked": read_checked(arguments.check_dir, config),
        "sample": read_sample(
            clips, arguments.frames_dir, arguments.gaf_dir, config["sensors"], arguments.root
        ),
        "curves": curve_images(curves, models),
        **compared,
        "confusions": confusion_images(models, headline_models(compared["baseline"])),
        "explained": read_explained(arguments.explain_dir),
        "costs": costs(models),
        "origins": origins(models),
    }
    html = render(content)
    with atomic_path(arguments.output) as path:
        path.write_text(html, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sakdn.stages.report", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--clips", type=Path, required=True, help="clips table (CSV)")
    parser.add_argument("--videos", type=Path, required=True, help="all clips found (CSV)")
    parser.add_argument("--dropped", type=Path, help="clips left out as unusable (CSV)")
    parser.add_argument("--check-dir", type=Path, help="what check_data wrote, if it ran")
    parser.add_argument("--root", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--config", type=Path, required=True, help="effective config (YAML)")
    parser.add_argument("--curves", type=Path, nargs="+", required=True, help="curves.csv files")
    parser.add_argument("--metrics", type=Path, nargs="+", required=True, help="metrics.json files")
    parser.add_argument("--compare-dir", type=Path, required=True, help="what compare wrote")
    parser.add_argument("--gaf-dir", type=Path, required=True, help="GAF images of every sensor")
    parser.add_argument("--frames-dir", type=Path, required=True, help="frame shards")
    parser.add_argument("--explain-dir", type=Path, required=True, help="what explain wrote")
    parser.add_argument("--output", type=Path, required=True, help="HTML file to write")
    return parser


def read_config(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of the run's config, and its content.

    Raises:
        InputError: not readable, not YAML, or without `name`, `data` and `sensors`.
    """
    try:
        text = path.read_text(encoding="utf-8")
        config = yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{path}: not a config: {error}") from error
    missing = {"name", "data", "sensors"} - set(config if isinstance(config, dict) else ())
    if missing:
        raise InputError(f"{path}: found no {', '.join(sorted(missing))}; give the run's config")
    return text, config


def comparison(folder: Path) -> dict[str, Any]:
    """What the report shows of the compare stage's folder.

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
        "summary": summarise(table, baseline),
        "comparison": Table(list(HEADER), display_rows(table)),
        "test_description": tests["description"],
        "accuracy": svg_image(folder / "figure.svg", "Test accuracy of every model and seed."),
        "gains": svg_image(folder / "gains.svg", "Recall gain of every class and method."),
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


if __name__ == "__main__":
    run(main)
