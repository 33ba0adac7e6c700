"""Stage `student`: the video network, alone or taught by what the teachers know."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from sakdn.base.cli import json_options, run, training_parser
from sakdn.base.device import choose_device
from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.clips.recordings import in_use, recordings_of, split_rows, with_video
from sakdn.data.clips.table import read_table
from sakdn.data.clips.windows import windows_of
from sakdn.models.student import build_student
from sakdn.models.weights import describe_weights
from sakdn.options.frames import FramesOptions
from sakdn.options.gaf import WindowOptions
from sakdn.options.methods import SELF_TRAINING, MethodOptions
from sakdn.options.student import NetworkOptions, StudentNetwork, StudentOptions, StudentView
from sakdn.students.about import StudentPlan
from sakdn.students.frames.stored import FrameStore, clip_length
from sakdn.students.load import video_batches
from sakdn.students.methods import method_connectors
from sakdn.students.pictures import sample_pictures
from sakdn.students.second_opinion import second_opinion
from sakdn.students.self_training import OwnTeacher
from sakdn.students.task import Lesson, VideoData, VideoTask, student_weights
from sakdn.teachers.class_vectors import class_vectors
from sakdn.teachers.knowledge import KnowledgeStore
from sakdn.training.compute import chosen_precision
from sakdn.training.train import Job, train

# The paper cuts 224 px out of frames whose shorter side is 256 px.
CROP_MARGIN = 256 / 224


def describe(options: StudentOptions, channels: int) -> tuple[StudentNetwork, StudentView]:
    """What rebuilds the network and how it sees clips.

    Args:
        options: of the config's section `student`.
        channels: of a stored frame, 1 or 3.
    """
    architecture = {key: getattr(options, key) for key in NetworkOptions.model_fields}
    grey = options.backbone == "small" and channels == 1
    in_channels = (1 if grey else 3) * (2 if options.input == "both" else 1)
    channels_and_size = {"in_channels": in_channels, "size_px": options.size_px}
    view = StudentView(
        segments=options.segments,
        size_px=options.size_px,
        short_side_px=round(options.size_px * CROP_MARGIN),
        backbone=options.backbone,
        input=options.input,
        flip=options.flip,
        background=options.background,
    )
    return StudentNetwork.model_validate(architecture | channels_and_size), view


def open_knowledge(
    path: Path | None,
    clips: Sequence[str],
    windows: np.ndarray,
    method: MethodOptions,
    device: torch.device,
) -> KnowledgeStore:
    """Opens what `method` needs of the teachers' knowledge about `clips`, cut to `windows`.

    Raises:
        InputError: there is none, or it is about other clips or windows, or lacks an array.
    """
    if path is None:
        raise InputError(f"--knowledge: found none, but method {method.loss} needs it; name it")
    knowledge = KnowledgeStore(path, clips, device, method.needs())
    knowledge.check_windows(windows)
    return knowledge


EXAMPLE = r"""--clips results/demo/clips.csv --frames results/demo/frames/*.npy \
    --knowledge results/demo/knowledge/fusion/seed0/index.json \
    --semantics results/demo/semantics.json --name sakdn --method '{"loss": "sakdn"}' \
    --options '{"backbone": "small", "width": 16, "size_px": 56, "epochs": 24}' \
    --state student.state --output results/demo/student/sakdn/seed0/model.json"""


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line of the stage."""
    parser = training_parser("stages.student", __doc__, EXAMPLE)
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="shards (.npy)")
    parser.add_argument("--knowledge", type=Path, nargs="?", help="index.json of the teachers")
    parser.add_argument("--alone", type=Path, nargs="?", help="model.json of the student alone")
    parser.add_argument("--name", required=True, help="name of the method")
    parser.add_argument("--method", type=json_options, required=True, help="JSON object")
    parser.add_argument("--windows", type=json_options, default={}, help="JSON object")
    parser.add_argument(
        "--frame-options", type=json_options, help="how frames were stored, for videos to come"
    )
    return parser.parse_args(argv)


def describe_all(
    arguments: argparse.Namespace,
    options: StudentOptions,
    clips: pd.DataFrame,
    device: torch.device,
) -> StudentPlan:
    """All of model.json that is known before training: enough to rebuild and to use the student."""
    names, vectors = class_vectors(arguments.semantics)
    channels = FrameStore(arguments.frames).size(clips["clip"][with_video(clips)].iloc[0])[2]
    network, view = describe(options, channels)
    method = parse_options(MethodOptions, arguments.method, f"methods.{arguments.name}")
    frames = arguments.frame_options
    return StudentPlan(
        method=arguments.name,
        distillation=method,
        network=network,
        view=view,
        precision=chosen_precision(options.precision, device),
        classes=names,
        semantic_dim=vectors.shape[1],
        frames=None if frames is None else parse_options(FramesOptions, frames, "frames"),
        clip_length=clip_length(arguments.frames, clips),
        seed=arguments.seed,
        options=arguments.options,
        weights=describe_weights(network),
    )


def build_task(
    arguments: argparse.Namespace,
    plan: StudentPlan,
    options: StudentOptions,
    clips: pd.DataFrame,
    device: torch.device,
) -> VideoTask:
    """The student of `plan` before its training, its clips and what it is taught."""
    method = plan.distillation
    torch.manual_seed(arguments.seed)
    module = build_student(plan.network, plan.semantic_dim, len(plan.classes))
    cuts = parse_options(WindowOptions, arguments.windows, "gaf.windows")
    windows = np.array([windows_of(clip, **dict(cuts)) for clip in recordings_of(clips)])
    vectors = class_vectors(arguments.semantics)[1].to(device)
    lesson = Lesson(method, vectors)
    if method.needs():
        knowledge = open_knowledge(arguments.knowledge, clips["clip"], windows, method, device)
        connectors = method_connectors(method, module, knowledge).to(device)
        lesson = Lesson(method, vectors, knowledge, connectors)
    module = module.to(device)
    if method.loss == SELF_TRAINING:
        lesson = replace(lesson, own=OwnTeacher(module))
    source = video_batches(plan, arguments.frames, clips, device, arguments.threads)
    rows = split_rows(clips["split"], with_video(clips) & in_use(clips))
    if method.second_opinion:
        second = second_opinion(arguments.alone, arguments.frames, clips, rows["train"], device)
        lesson = replace(lesson, second=second)
    data = VideoData(source, windows, rows)
    return VideoTask(module, data, lesson, options, arguments.seed)


def main(argv: list[str] | None = None) -> None:
    """Trains the student of one method with one seed."""
    arguments = parse_arguments(argv)
    device = choose_device(arguments.gpus, arguments.threads)
    method = parse_options(MethodOptions, arguments.method, f"methods.{arguments.name}")
    if method.epochs:
        arguments.options |= {"epochs": method.epochs}
    options = parse_options(StudentOptions, arguments.options, "student")
    clips = read_table(arguments.clips)
    plan = describe_all(arguments, options, clips, device)
    task = build_task(arguments, plan, options, clips, device)
    job = Job(
        "sakdn.stages.student",
        f"student {arguments.name} seed {arguments.seed}",
        [
            arguments.clips,
            arguments.semantics,
            *filter(None, [arguments.knowledge, arguments.alone]),
        ],
        arguments.state,
        arguments.output,
        device,
        partial(sample_pictures, task),
    )
    train(task, plan, options, job, student_weights, task.scales)


if __name__ == "__main__":
    run(main)
