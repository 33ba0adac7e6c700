"""Comparison and report of made-up results."""

from synthetic_results import CLASSES, SEEDS, WRONG, make_media, make_results

from sakdn.stages.compare import main as compare
from sakdn.stages.report import main as report


def run_compare(root):
    folders = [f"{root}/evaluate/{model}/seed{seed}" for model in WRONG for seed in SEEDS]
    outputs = {"table": "csv", "markdown": "md", "figure": "svg", "gains": "svg", "tests": "json"}
    compare(
        ["--metrics", *(f"{folder}/metrics.json" for folder in folders)]
        + ["--predictions", *(f"{folder}/predictions.csv" for folder in folders)]
        + [f"--output-{name}={root}/compare/{name}.{kind}" for name, kind in outputs.items()]
    )


def run_report(root, *words):
    inputs = {"clips": "clips.csv", "videos": "videos.csv", "config": "config.yaml", "root": "."}
    inputs |= {"compare-dir": "compare", "gaf-dir": "gaf", "frames-dir": "frames"}
    inputs |= {"explain-dir": "explain", "weights": "weights.json", "semantics": "semantics.json"}
    report(
        [f"--{name}={root / path}" for name, path in inputs.items()]
        + ["--curves", *map(str, sorted(root.glob("[fst]*/**/curves.csv")))]
        + ["--metrics", *map(str, sorted(root.glob("evaluate/*/*/metrics.json")))]
        + [f"--output={root / 'report.html'}", *words]
    )
    return (root / "report.html").read_text(encoding="utf-8")


def prepare(root, classes=CLASSES):
    make_results(root, classes)
    make_media(root)
    run_compare(root)
    return root
