"""Stage `evaluate`: the only one that looks at the test clips, once a model."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from sakdn.base.cli import run
from sakdn.base.device import choose_device, device_name
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, write_json
from sakdn.base.provenance import provenance
from sakdn.data.clips.recordings import places_of
from sakdn.data.clips.table import read_table
from sakdn.results.metrics import summary
from sakdn.stages.shared import parser, split_rows
from sakdn.students.load import load_student, video_batches
from sakdn.students.scores import video_logits
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.load import load_teacher
from sakdn.teachers.task import SignalBatches, restore_bank, signal_logits
from sakdn.training.saved import read_about

BATCH_SIZE = 16


def teacher_scores(
    path: Path, gaf: list[Path], clips: pd.DataFrame, device: torch.device
) -> tuple[np.ndarray, torch.Tensor]:
    """Test rows that have the model's sensors, and their logits [rows, classes].

    The views of a recording share its signals, so that a recording is scored once.
    """
    module, about = load_teacher(path)
    by_name = {image.stem: image for image in gaf}
    sensors = [GafImages(by_name[name], clips["clip"]) for name in about["sensors"]]
    source = SignalBatches(sensors, clips["action"].to_numpy(), device)
    restore_bank(module.to(device), source, about, clips["clip"].tolist())
    rows = scored_rows(path, clips, np.any([s.present for s in sensors], axis=0))
    _, first, views = np.unique(places_of(clips)[rows], return_index=True, return_inverse=True)
    return rows, signal_logits(module, source, rows[first], BATCH_SIZE)[views]


def student_scores(
    path: Path, frames: list[Path], clips: pd.DataFrame, device: torch.device
) -> tuple[np.ndarray, torch.Tensor]:
    """Test rows and their logits [rows, classes], from video alone."""
    module, about = load_student(path)
    source = video_batches(about, frames, clips, device)
    rows = scored_rows(path, clips)
    return rows, video_logits(module.to(device), source, rows, BATCH_SIZE, about["precision"])


def scored_rows(path: Path, clips: pd.DataFrame, keep: np.ndarray | None = None) -> np.ndarray:
    """Test rows that the model at `path` can score, of those with `keep`.

    Raises:
        InputError: there are none.
    """
    rows = split_rows(clips["split"], keep)["test"]
    if not len(rows):
        raise InputError(f"clips table: found no test clip that {path} can score; see `split`")
    return rows


def model_name(about: dict[str, Any]) -> str:
    """`teacher_<sensor>`, `fusion` or `student_<method>`."""
    names = {
        "teacher": f"teacher_{about.get('sensors', [''])[0]}",
        "fusion": "fusion",
        "student": f"student_{about.get('method')}",
    }
    return names[about["kind"]]


def predictions_table(clips: pd.DataFrame, rows: np.ndarray, logits: torch.Tensor) -> pd.DataFrame:
    """One row a test clip: `clip`, `action`, `predicted`, `p_0` ... `p_{C-1}`."""
    table = clips.iloc[rows][["clip", "action"]].reset_index(drop=True)
    table["predicted"] = logits.numpy().argmax(1)
    probabilities = logits.softmax(1).numpy()
    columns = [f"p_{label}" for label in range(probabilities.shape[1])]
    return pd.concat([table, pd.DataFrame(probabilities, columns=columns)], axis=1)


def main(argv: list[str] | None = None) -> None:
    """Scores one trained model on the test clips."""
    arguments_parser = parser(main.__doc__)
    arguments_parser.add_argument("--model", type=Path, required=True, help="its JSON")
    arguments_parser.add_argument("--gaf", type=Path, nargs="*", default=[])
    arguments_parser.add_argument("--frames", type=Path, nargs="*", default=[])
    arguments_parser.add_argument("--predictions", type=Path, required=True)
    arguments = arguments_parser.parse_args(argv)
    device = choose_device(arguments.gpus, arguments.threads)
    clips = read_table(arguments.clips)
    about = read_about(arguments.model, "teacher", "fusion", "student")
    if about["kind"] == "student":
        rows, logits = student_scores(arguments.model, arguments.frames, clips, device)
    else:
        rows, logits = teacher_scores(arguments.model, arguments.gaf, clips, device)
    labels = clips["action"].to_numpy()[rows]
    with atomic_path(arguments.predictions) as temporary:
        table = predictions_table(clips, rows, logits)
        table.to_csv(temporary, index=False, float_format="%.6g")
    metrics = {
        "model": model_name(about),
        "kind": about["kind"],
        "method": about.get("method", ""),
        "seed": about["seed"],
        "clips": len(rows),
        **summary(logits.numpy(), labels, about["classes"]),
        **{key: about[key] for key in ("cost", "best_epoch", "val_accuracy")},
        "provenance": {
            **provenance(device_name(device)),
            "model": str(arguments.model),
            "training": {k: v for k, v in about["provenance"].items() if k != "config"},
        },
    }
    write_json(arguments.output, metrics)


if __name__ == "__main__":
    run(main)
