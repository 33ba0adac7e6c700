"""Stage `fusion`: SPAMFM joins the teachers of all sensors, which are trained on together."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch

from sakdn.base.cli import run, training_parser
from sakdn.base.device import choose_device
from sakdn.base.options import parse_options
from sakdn.base.sources import code_digest, data_digest
from sakdn.data.clips.recordings import learning_rows, teaching_split
from sakdn.data.clips.table import read_table
from sakdn.models.fused import FusedTeacher, balanced_bank
from sakdn.teachers.class_vectors import class_vectors
from sakdn.teachers.gaf.stored import GafImages, joint_windows
from sakdn.teachers.load import build_teacher, load_average
from sakdn.teachers.task import SignalBatches, SignalTask, TeachingOptions
from sakdn.training.loop import fit
from sakdn.training.saved import save_model
from sakdn.training.schedule import split_schedule


@dataclass(frozen=True)
class FusionOptions(TeachingOptions):
    """Fusion of the teachers.

    Attributes:
        reduction: of SPAMFM's gates; None for twice the number of sensors (the paper).
        inference: what SPAMFM compares a clip with at test: itself (`self`) or a fixed,
            class-balanced `bank` of training clips; never the rest of its batch.
        bank_clips_per_class: clips of each class in the bank.
    """

    reduction: int | None = None
    inference: Literal["self", "bank"] = "self"
    bank_clips_per_class: int = 1


def fused_network(paths: list[Path], options: FusionOptions) -> tuple[FusedTeacher, dict[str, Any]]:
    """Network that starts from the trained teachers, and what rebuilds it."""
    averaged, about = load_average(paths)
    fusion = {"reduction": options.reduction, "rule": options.inference}
    module = build_teacher(about["networks"], fusion)
    module.streams.load_state_dict(averaged.streams.state_dict())
    parts = {key: about[key] for key in ("sensors", "networks", "classes")}
    return module, parts | {"fusion": fusion}


def bank_rows(clips: pd.DataFrame, options: FusionOptions) -> np.ndarray | None:
    """Rows of the bank in the clips table; None where inference needs none."""
    if options.inference != "bank":
        return None
    train = np.flatnonzero(teaching_split(clips) == "train")
    labels = clips["action"].to_numpy()[train]
    return train[balanced_bank(labels, options.bank_clips_per_class)]


EXAMPLE = r"""--clips results/demo/clips.csv \
    --gaf results/demo/gaf/wrist_accelerometer.npy results/demo/gaf/wrist_gyroscope.npy \
    --teachers results/demo/teacher/wrist_accelerometer/seed0/model.json \
      results/demo/teacher/wrist_gyroscope/seed0/model.json \
    --semantics results/demo/semantics.json --options '{"epochs": 5}' --state fusion.state \
    --output results/demo/fusion/seed0/model.json"""


def main(argv: list[str] | None = None) -> None:
    """Trains the fused teachers with one seed."""
    parser = training_parser("stages.fusion", __doc__, EXAMPLE)
    parser.add_argument("--gaf", type=Path, nargs="+", required=True, help="images (.npy)")
    parser.add_argument("--teachers", type=Path, nargs="+", required=True, help="their JSON")
    arguments = parser.parse_args(argv)
    device = choose_device(arguments.gpus, arguments.threads)
    schedule, rest = split_schedule(arguments.options, "fusion")
    options = parse_options(FusionOptions, rest, "fusion")
    clips = read_table(arguments.clips)
    sensors = [GafImages(path, clips["clip"]) for path in arguments.gaf]
    joint_windows(sensors)
    _, vectors = class_vectors(arguments.semantics)
    torch.manual_seed(arguments.seed)
    module, about = fused_network(arguments.teachers, options)
    bank = bank_rows(clips, options)
    task = SignalTask(
        module.to(device),
        SignalBatches(sensors, clips["action"].to_numpy(), device),
        vectors.to(device),
        learning_rows(teaching_split(clips), np.any([s.present for s in sensors], 0), "fusion"),
        options,
        arguments.seed,
        schedule.batch_size,
        bank,
    )
    indexes = [path.with_suffix(".json") for path in arguments.gaf]
    key = [
        asdict(options),
        data_digest(arguments.clips, arguments.semantics, *indexes, *arguments.teachers),
        code_digest("sakdn.stages.fusion"),
    ]
    outcome = fit(
        task, schedule, arguments.seed, arguments.state, key, f"fusion seed {arguments.seed}"
    )
    about |= {
        "kind": "fusion",
        "bank": None if bank is None else clips["clip"].iloc[bank].tolist(),
        "seed": arguments.seed,
        "options": arguments.options,
    }
    save_model(arguments.output, about, outcome, device)
    arguments.state.unlink(missing_ok=True)


if __name__ == "__main__":
    run(main)
