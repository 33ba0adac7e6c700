"""Writes the report of a run.

Example:
    python -m sakdn.stages.report --clips clips.csv --videos videos.csv --root data/demo
    --config config.yaml --curves */*/seed*/curves.csv
    --metrics evaluate/*/seed*/metrics.json --compare-dir compare --gaf-dir gaf
    --frames-dir frames --explain-dir explain --output report.html
"""

import argparse
from pathlib import Path

from sakdn.base.cli import new_parser, run
from sakdn.base.files import atomic_path
from sakdn.base.progress import log
from sakdn.data.clips.table import read_rows, read_table
from sakdn.results.evaluated import read_models
from sakdn.results.report.cautions import cautions
from sakdn.results.report.checked import read_checked, read_dropped
from sakdn.results.report.confusion import confusion_images
from sakdn.results.report.curves import curve_images, read_curves
from sakdn.results.report.explained import read_explained
from sakdn.results.report.notes import data_notes, setting
from sakdn.results.report.page import comparison, in_order, render
from sakdn.results.report.sample import read_sample
from sakdn.results.report.starts import starts_table, words_note
from sakdn.results.report.tables import (
    clip_counts,
    costs,
    left_out,
    origins,
    subject_counts,
)
from sakdn.results.report.words import headline_models
from sakdn.results.saved_config import read_config


def main(argv: list[str] | None = None) -> None:
    """Reads a run's results and writes one HTML file."""
    arguments = _parser().parse_args(argv)
    clips = read_table(arguments.clips)
    config_text, config = read_config(arguments.config)
    curves = read_curves(arguments.curves)
    compared = comparison(arguments.compare_dir, clips)
    models = in_order(read_models(arguments.metrics), compared["order"])
    content = {
        "name": config["name"],
        "data": config["data"],
        "config_text": config_text,
        "clip_counts": clip_counts(clips),
        "subject_counts": subject_counts(clips),
        "left_out": left_out(clips, read_rows(arguments.videos)),
        "dropped": read_dropped(arguments.dropped),
        "notes": [*data_notes(clips), words_note(arguments.semantics)],
        "starts": starts_table(arguments.weights),
        "checked": read_checked(arguments.check_dir, config, bool(arguments.since_checked)),
        "sample": read_sample(
            clips, arguments.frames_dir, arguments.gaf_dir, config["sensors"], arguments.root
        ),
        "curves": curve_images(curves, models),
        **compared,
        "cautions": [*setting(clips), *cautions(models, curves)],
        "confusions": confusion_images(models, headline_models(compared["baseline"])),
        "explained": read_explained(arguments.explain_dir),
        "costs": costs(models),
        "origins": origins(models),
    }
    html = render(content)
    with atomic_path(arguments.output) as path:
        path.write_text(html, encoding="utf-8")
    log(f"a page of {len(html) / 1e6:.1f} MB")


EXAMPLE = r"""--clips results/demo/clips.csv --videos results/demo/videos.csv \
    --config results/demo/config.yaml --root data/demo \
    --weights results/demo/weights.json --semantics results/demo/semantics.json \
    --curves results/demo/student/*/seed*/curves.csv \
    --metrics results/demo/evaluate/*/seed*/metrics.json \
    --compare-dir results/demo/compare --gaf-dir results/demo/gaf \
    --frames-dir results/demo/frames --explain-dir results/demo/explain \
    --output results/demo/report.html"""


def _parser() -> argparse.ArgumentParser:
    parser = new_parser("stages.report", __doc__, EXAMPLE)
    parser.add_argument("--clips", type=Path, required=True, help="clips table (CSV)")
    parser.add_argument("--videos", type=Path, required=True, help="all clips found (CSV)")
    parser.add_argument("--dropped", type=Path, help="clips left out as unusable (CSV)")
    parser.add_argument("--check-dir", type=Path, help="what check_data wrote, if it ran")
    parser.add_argument("--since-checked", default="", help="`changed` where recordings are others")
    parser.add_argument("--root", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--config", type=Path, required=True, help="effective config (YAML)")
    parser.add_argument("--weights", type=Path, required=True, help="what networks start from")
    parser.add_argument("--semantics", type=Path, required=True, help="class vectors (JSON)")
    parser.add_argument("--curves", type=Path, nargs="+", required=True, help="curves.csv files")
    parser.add_argument("--metrics", type=Path, nargs="+", required=True, help="metrics.json files")
    parser.add_argument("--compare-dir", type=Path, required=True, help="what compare wrote")
    parser.add_argument("--gaf-dir", type=Path, required=True, help="GAF images of every sensor")
    parser.add_argument("--frames-dir", type=Path, required=True, help="frame shards")
    parser.add_argument("--explain-dir", type=Path, required=True, help="what explain wrote")
    parser.add_argument("--output", type=Path, required=True, help="HTML file to write")
    return parser


if __name__ == "__main__":
    run(main)
