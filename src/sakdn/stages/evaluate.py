"""Stage `evaluate`: the only one that looks at the test clips, once a model.

All models of a seed are scored by one process: its imports take longer than scoring a small one.
"""

import argparse
from pathlib import Path

import pandas as pd
import torch

from sakdn.base.cli import parser, run
from sakdn.base.device import choose_device, device_name
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, write_json
from sakdn.base.progress import log
from sakdn.base.provenance import provenance
from sakdn.data.clips.table import read_table
from sakdn.results.metrics import summary
from sakdn.results.scoring import model_name, predictions_table, student_scores, teacher_scores
from sakdn.students.about import StudentAbout
from sakdn.teachers.about import TeacherAbout
from sakdn.training.saved import read_about

EXAMPLE = r"""--clips results/demo/clips.csv --frames results/demo/frames/*.npy \
    --model results/demo/student/sakdn/seed0/model.json \
    --output results/demo/evaluate/student_sakdn/seed0/metrics.json \
    --predictions results/demo/evaluate/student_sakdn/seed0/predictions.csv"""


def main(argv: list[str] | None = None) -> None:
    """Scores trained models on the test clips.

    Raises:
        InputError: a model cannot be used, or there are not as many results as models.
    """
    arguments = _parser().parse_args(argv)
    counts = {len(files) for files in (arguments.model, arguments.output, arguments.predictions)}
    if len(counts) > 1:
        raise InputError(
            f"--model: found {len(arguments.model)}, --output {len(arguments.output)} and"
            f" --predictions {len(arguments.predictions)}; give one of each for every model"
        )
    device = choose_device(arguments.gpus, arguments.threads)
    clips = read_table(arguments.clips)
    for files in zip(arguments.model, arguments.output, arguments.predictions):
        _evaluate(*files, clips, device, arguments)


def _evaluate(
    model: Path,
    output: Path,
    predictions: Path,
    clips: pd.DataFrame,
    device: torch.device,
    arguments: argparse.Namespace,
) -> None:
    about = read_about(model, TeacherAbout, StudentAbout)
    if isinstance(about, StudentAbout):
        rows, logits = student_scores(model, arguments.frames, clips, device, arguments.threads)
    else:
        rows, logits = teacher_scores(model, arguments.gaf, clips, device)
    labels = clips["action"].to_numpy()[rows]
    with atomic_path(predictions) as temporary:
        table = predictions_table(clips, rows, logits)
        table.to_csv(temporary, index=False, float_format="%.6g")
    metrics = {
        "model": model_name(about),
        "kind": about.kind,
        "method": about.method if isinstance(about, StudentAbout) else "",
        "seed": about.seed,
        "clips": len(rows),
        **summary(logits.numpy(), labels, about.classes),
        **about.model_dump(include={"cost", "best_epoch", "val_accuracy"}),
        "provenance": {
            **provenance(device_name(device)),
            "model": str(model),
            "training": {"precision": about.precision, **about.provenance.public()},
        },
    }
    write_json(output, metrics)
    name, accuracy = metrics["model"], 100 * metrics["accuracy"]
    log(f"{name}: accuracy {accuracy:.1f} % on {len(rows)} test clips")


def _parser() -> argparse.ArgumentParser:
    arguments = parser("stages.evaluate", __doc__, EXAMPLE, results="+")
    arguments.add_argument("--model", type=Path, nargs="+", required=True, help="their JSON")
    arguments.add_argument("--gaf", type=Path, nargs="*", default=[], help="images of all sensors")
    arguments.add_argument("--frames", type=Path, nargs="*", default=[], help="all frame shards")
    arguments.add_argument(
        "--predictions", type=Path, nargs="+", required=True, help="CSV to write"
    )
    return arguments


if __name__ == "__main__":
    run(main)
