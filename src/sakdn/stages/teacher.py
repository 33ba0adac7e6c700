"""Stage `teacher`: the network of one sensor, on its GAF images and the class vectors."""

import argparse
from pathlib import Path

import torch

from sakdn.base.cli import run, training_parser
from sakdn.base.device import choose_device
from sakdn.base.options import parse_options
from sakdn.data.clips.recordings import teaching_rows
from sakdn.data.clips.table import read_table
from sakdn.models.weights import describe_weights, load_stream
from sakdn.options.teacher import TeacherOptions
from sakdn.teachers.about import StreamAbout, TeacherPlan, images_about
from sakdn.teachers.class_vectors import class_vectors
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.load import build_teacher
from sakdn.teachers.task import SignalBatches, SignalData, SignalTask
from sakdn.training.compute import chosen_precision
from sakdn.training.train import Job, train


def describe(
    arguments: argparse.Namespace,
    options: TeacherOptions,
    images: GafImages,
    device: torch.device,
) -> TeacherPlan:
    """All of model.json that is known before training."""
    names, vectors = class_vectors(arguments.semantics)
    network = StreamAbout(
        backbone=options.backbone,
        width=options.width,
        weights=options.weights,
        in_channels=images.images.shape[2],
        image_size_px=images.images.shape[3],
        semantic_dim=vectors.shape[1],
        n_classes=len(names),
    )
    return TeacherPlan(
        kind="teacher",
        sensors=(images.sensor,),
        networks=(network,),
        images=(images_about(images.index),),
        classes=names,
        seed=arguments.seed,
        options=arguments.options,
        precision=chosen_precision(options.precision, device),
        weights=describe_weights(options),
    )


EXAMPLE = r"""--clips results/demo/clips.csv \
    --gaf results/demo/gaf/wrist_accelerometer.npy --semantics results/demo/semantics.json \
    --options '{"backbone": "small", "width": 8, "epochs": 15}' --state teacher.state \
    --output results/demo/teacher/wrist_accelerometer/seed0/model.json"""


def main(argv: list[str] | None = None) -> None:
    """Trains the teacher of one sensor with one seed."""
    parser = training_parser("stages.teacher", __doc__, EXAMPLE)
    parser.add_argument("--gaf", type=Path, required=True, help="the sensor's images (.npy)")
    arguments = parser.parse_args(argv)
    device = choose_device(arguments.gpus, arguments.threads)
    options = parse_options(TeacherOptions, arguments.options, "teacher")
    clips = read_table(arguments.clips)
    images = GafImages(arguments.gaf, clips["clip"])
    plan = describe(arguments, options, images, device)
    torch.manual_seed(arguments.seed)
    data = SignalData(
        SignalBatches([images], clips["action"].to_numpy(), device),
        teaching_rows(clips, images.present, f"sensor {images.sensor}"),
        class_vectors(arguments.semantics)[1].to(device),
    )
    module = build_teacher(plan.networks).to(device)
    load_stream(module.teachers[0].blocks, options)
    job = Job(
        "sakdn.stages.teacher",
        f"teacher {images.sensor} seed {arguments.seed}",
        [arguments.clips, arguments.semantics, arguments.gaf.with_suffix(".json")],
        arguments.state,
        arguments.output,
        device,
    )
    train(SignalTask(module, data, options, arguments.seed), plan, options, job)


if __name__ == "__main__":
    run(main)
