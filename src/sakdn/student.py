"""Stage `student`: the video network, alone or taught by what the teachers know."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sakdn.cli import json_options, run
from sakdn.clips.table import read_table
from sakdn.device import choose_device
from sakdn.distillation import MethodOptions
from sakdn.framestore import FrameStore
from sakdn.knowledge_store import KnowledgeStore
from sakdn.model_files import save_model
from sakdn.models.student import StudentOptions, build_student
from sakdn.options import parse_options
from sakdn.stage import (
    class_vectors,
    code_digest,
    data_digest,
    split_rows,
    split_schedule,
    training_parser,
)
from sakdn.student_network import video_batches
from sakdn.training.loop import fit
from sakdn.video_task import VideoTask
from sakdn.windows import WindowOptions, windows_of

# The paper cuts 224 px out of frames whose shorter side is 256 px.
CROP_MARGIN = 256 / 224


def describe(options: dict[str, Any], channels: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Splits the stage's options into what rebuilds the network and how it sees clips.

    Args:
        options: those of the config's `student` section less its schedule.
        channels: of a stored frame, 1 or 3.

    Raises:
        InputError: an unknown option.
    """
    rest = dict(options)
    size_px, flip = rest.pop("size_px", 224), rest.pop("flip", "none")
    in_channels = channels if rest.get("backbone", "small") == "small" else 3
    network = parse_options(StudentOptions, rest | {"in_channels": in_channels}, "student")
    view = {
        "segments": network.segments,
        "size_px": size_px,
        "short_side_px": round(size_px * CROP_MARGIN),
        "backbone": network.backbone,
        "flip": flip,
    }
    return asdict(network), view


def main(argv: list[str] | None = None) -> None:
    """Trains the student of one method with one seed."""
    parser = training_parser(main.__doc__)
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="shards (.npy)")
    parser.add_argument("--knowledge", type=Path, nargs="?", help="index.json of the teachers")
    parser.add_argument("--name", required=True, help="name of the method")
    parser.add_argument("--method", type=json_options, required=True, help="JSON object")
    parser.add_argument("--windows", type=json_options, default={}, help="JSON object")
    arguments = parser.parse_args(argv)
    device = choose_device(arguments.gpus, arguments.threads)
    schedule, rest = split_schedule(arguments.options, "student")
    method = parse_options(MethodOptions, arguments.method, "methods")
    clips = read_table(arguments.clips)
    names, vectors = class_vectors(arguments.semantics)
    channels = FrameStore(arguments.frames).size(clips["clip"].iloc[0])[2]
    precision = rest.pop("precision", "fp32")
    network, view = describe(rest, channels)
    about = {
        "network": network,
        "view": view,
        "precision": precision,
        "classes": names,
        "semantic_dim": vectors.shape[1],
    }
    torch.manual_seed(arguments.seed)
    module = build_student(StudentOptions(**network), vectors.shape[1], len(names))
    cuts = parse_options(WindowOptions, arguments.windows, "gaf.windows")
    windows = np.array([windows_of(clip, **asdict(cuts)) for clip in clips["clip"]])
    knowledge = None
    if arguments.knowledge:
        knowledge = KnowledgeStore(arguments.knowledge, clips["clip"], device)
        knowledge.check_windows(windows)
    task = VideoTask(
        module.to(device),
        video_batches(about, arguments.frames, clips, device),
        windows,
        split_rows(clips["split"]),
        method,
        knowledge,
        arguments.seed,
        schedule.batch_size,
        about["precision"],
    )
    inputs = [arguments.clips, arguments.semantics, *filter(None, [arguments.knowledge])]
    key = [
        network,
        view,
        precision,
        asdict(method),
        data_digest(*inputs),
        code_digest("sakdn.student"),
    ]
    label = f"student {arguments.name} seed {arguments.seed}"
    outcome = fit(task, schedule, arguments.seed, arguments.state, key, label)
    about |= {
        "kind": "student",
        "method": arguments.name,
        "distillation": asdict(method),
        "seed": arguments.seed,
        "options": arguments.options,
    }
    save_model(arguments.output, about, outcome, device)
    arguments.state.unlink(missing_ok=True)


if __name__ == "__main__":
    run(main)
