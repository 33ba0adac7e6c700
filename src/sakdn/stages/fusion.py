"""Stage `fusion`: SPAMFM joins the teachers of all sensors, which are trained on together."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from sakdn.base.cli import run, training_parser
from sakdn.base.device import choose_device
from sakdn.base.options import parse_options
from sakdn.data.clips.recordings import teaching_rows, teaching_split, with_label
from sakdn.data.clips.table import read_table
from sakdn.models.fused import FusedTeacher, balanced_bank
from sakdn.options.fusion import FusionOptions
from sakdn.teachers.about import SpamfmAbout, TeacherAbout, TeacherPlan, images_about
from sakdn.teachers.class_vectors import class_vectors
from sakdn.teachers.gaf.stored import GafImages, joint_windows
from sakdn.teachers.load import build_teacher, load_average
from sakdn.teachers.task import SignalBatches, SignalData, SignalTask
from sakdn.training.compute import chosen_precision
from sakdn.training.train import Job, train


def fused_network(
    paths: list[Path], options: FusionOptions
) -> tuple[FusedTeacher, TeacherAbout, SpamfmAbout]:
    """Network that starts from the trained teachers, what they say, and what joins them."""
    averaged, about = load_average(paths)
    fusion = SpamfmAbout(reduction=options.reduction, rule=options.inference)
    module = build_teacher(about.networks, fusion)
    module.streams.load_state_dict(averaged.streams.state_dict())
    return module, about, fusion


def bank_rows(clips: pd.DataFrame, options: FusionOptions) -> np.ndarray | None:
    """Rows of the bank in the clips table; None where inference needs none."""
    if options.inference != "bank":
        return None
    train = np.flatnonzero((teaching_split(clips) == "train") & with_label(clips))
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
    options = parse_options(FusionOptions, arguments.options, "fusion")
    clips = read_table(arguments.clips)
    sensors = [GafImages(path, clips["clip"]) for path in arguments.gaf]
    joint_windows(sensors)
    _, vectors = class_vectors(arguments.semantics)
    torch.manual_seed(arguments.seed)
    module, taught, fusion = fused_network(arguments.teachers, options)
    bank = bank_rows(clips, options)
    plan = TeacherPlan(
        kind="fusion",
        sensors=taught.sensors,
        networks=taught.networks,
        images=tuple(images_about(sensor.index) for sensor in sensors),
        classes=taught.classes,
        fusion=fusion,
        bank=None if bank is None else tuple(clips["clip"].iloc[bank]),
        seed=arguments.seed,
        options=arguments.options,
        precision=chosen_precision(options.precision, device),
    )
    present = np.any([each.present for each in sensors], 0)
    data = SignalData(
        SignalBatches(sensors, clips["action"].to_numpy(), device),
        teaching_rows(clips, present, "fusion"),
        vectors.to(device),
        bank,
    )
    indexes = [path.with_suffix(".json") for path in arguments.gaf]
    job = Job(
        "sakdn.stages.fusion",
        f"fusion seed {arguments.seed}",
        [arguments.clips, arguments.semantics, *indexes, *arguments.teachers],
        arguments.state,
        arguments.output,
        device,
    )
    train(SignalTask(module.to(device), data, options, arguments.seed), plan, options, job)


if __name__ == "__main__":
    run(main)
