"""Stage `student`: the video network, alone or taught by what the teachers know."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from sakdn.base.cli import json_options, run, training_parser
from sakdn.base.device import choose_device
from sakdn.base.errors import InputError
from sakdn.base.options import frozen_norms, parse_options
from sakdn.base.sources import code_digest, data_digest
from sakdn.data.clips.recordings import recordings_of, split_rows, with_video
from sakdn.data.clips.table import read_table
from sakdn.data.clips.windows import WindowOptions, windows_of
from sakdn.models.student import StudentOptions, build_student
from sakdn.students.frames.stored import FrameStore, clip_length
from sakdn.students.load import video_batches
from sakdn.students.methods import MethodOptions, method_connectors
from sakdn.students.task import VideoTask, student_weights
from sakdn.teachers.class_vectors import class_vectors
from sakdn.teachers.knowledge import KnowledgeStore
from sakdn.training.loop import fit
from sakdn.training.saved import save_model
from sakdn.training.schedule import split_schedule

# The paper cuts 224 px out of frames whose shorter side is 256 px.
CROP_MARGIN = 256 / 224


def describe(options: dict[str, Any], channels: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Splits the stage's options into what rebuilds the network and how it sees clips.

    Args:
        options: those of the config's `student` section less its schedule.
        channels: of a stored frame, 1 or 3.

    Raises:
        InputError: an unknown option, or batch norms frozen without pretrained weights.
    """
    rest = dict(options)
    size_px = rest.pop("size_px", 224)
    flip, background = rest.pop("flip", "none"), rest.pop("background", "keep")
    in_channels = channels if rest.get("backbone", "small") == "small" else 3
    network = parse_options(StudentOptions, rest | {"in_channels": in_channels}, "student")
    frozen_norms("student.partial_bn", network.partial_bn, network.weights)
    view = {
        "segments": network.segments,
        "size_px": size_px,
        "short_side_px": round(size_px * CROP_MARGIN),
        "backbone": network.backbone,
        "flip": flip,
        "background": background,
    }
    return asdict(network), view


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
    --options '{"backbone": "small", "width": 16, "size_px": 56, "epochs": 16}' \
    --state student.state --output results/demo/student/sakdn/seed0/model.json"""


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Command line of the stage."""
    parser = training_parser("stages.student", __doc__, EXAMPLE)
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="shards (.npy)")
    parser.add_argument("--knowledge", type=Path, nargs="?", help="index.json of the teachers")
    parser.add_argument("--name", required=True, help="name of the method")
    parser.add_argument("--method", type=json_options, required=True, help="JSON object")
    parser.add_argument("--windows", type=json_options, default={}, help="JSON object")
    parser.add_argument(
        "--frame-options", type=json_options, help="how frames were stored, for videos to come"
    )
    return parser.parse_args(argv)


def describe_all(
    arguments: argparse.Namespace, options: dict[str, Any], clips: pd.DataFrame
) -> dict[str, Any]:
    """All of model.json that is known before training: enough to rebuild and to use the student."""
    names, vectors = class_vectors(arguments.semantics)
    rest = dict(options)
    precision = rest.pop("precision", "fp32")
    channels = FrameStore(arguments.frames).size(clips["clip"][with_video(clips)].iloc[0])[2]
    network, view = describe(rest, channels)
    return {
        "kind": "student",
        "method": arguments.name,
        "distillation": asdict(parse_options(MethodOptions, arguments.method, "methods")),
        "network": network,
        "view": view,
        "precision": precision,
        "classes": names,
        "semantic_dim": vectors.shape[1],
        "frames": arguments.frame_options,
        "clip_length": clip_length(arguments.frames, clips),
        "seed": arguments.seed,
        "options": arguments.options,
    }


def build_task(
    arguments: argparse.Namespace,
    about: dict[str, Any],
    clips: pd.DataFrame,
    batch_size: int,
    device: torch.device,
) -> VideoTask:
    """The student of `about` with random weights, its clips and what it is taught."""
    method = MethodOptions(**about["distillation"])
    torch.manual_seed(arguments.seed)
    network = StudentOptions(**about["network"])
    module = build_student(network, about["semantic_dim"], len(about["classes"]))
    cuts = parse_options(WindowOptions, arguments.windows, "gaf.windows")
    windows = np.array([windows_of(clip, **asdict(cuts)) for clip in recordings_of(clips)])
    knowledge, connectors = None, nn.ModuleList()
    if method.needs():
        knowledge = open_knowledge(arguments.knowledge, clips["clip"], windows, method, device)
        connectors = method_connectors(method, module, knowledge)
    return VideoTask(
        module.to(device),
        video_batches(about, arguments.frames, clips, device),
        windows,
        split_rows(clips["split"], with_video(clips)),
        method,
        knowledge,
        connectors.to(device),
        class_vectors(arguments.semantics)[1].to(device),
        arguments.seed,
        batch_size,
        about["precision"],
    )


def main(argv: list[str] | None = None) -> None:
    """Trains the student of one method with one seed."""
    arguments = parse_arguments(argv)
    device = choose_device(arguments.gpus, arguments.threads)
    schedule, options = split_schedule(arguments.options, "student")
    clips = read_table(arguments.clips)
    about = describe_all(arguments, options, clips)
    task = build_task(arguments, about, clips, schedule.batch_size, device)
    inputs = [arguments.clips, arguments.semantics, *filter(None, [arguments.knowledge])]
    key = [about, data_digest(*inputs), code_digest("sakdn.stages.student")]
    label = f"student {arguments.name} seed {arguments.seed}"
    outcome = fit(task, schedule, arguments.seed, arguments.state, key, label)
    deployed = replace(outcome, best=student_weights(outcome.best))
    save_model(arguments.output, about, deployed, device)
    arguments.state.unlink(missing_ok=True)


if __name__ == "__main__":
    run(main)
