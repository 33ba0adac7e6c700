"""Command `predict`: what a student sees in videos."""

import argparse
import json
import os
from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sakdn.base.device import choose_device
from sakdn.base.errors import InputError
from sakdn.base.progress import log, track
from sakdn.commands.clips_named import find_videos
from sakdn.commands.live import is_address, line, watch
from sakdn.commands.sliding import (
    Prediction,
    WindowLength,
    plan_windows,
    read_windows,
)
from sakdn.models.student import Student
from sakdn.options.training import Precision
from sakdn.students.about import StudentAbout
from sakdn.students.load import open_student
from sakdn.students.scores import run_student
from sakdn.training.compute import chosen_precision

BATCH_SIZE = 8


def command(arguments: argparse.Namespace) -> int:
    """Predicts every video; one that cannot be read is named and skipped.

    Returns:
        1 if a video was skipped, else 0.

    Raises:
        InputError: no student, or no videos.
    """
    length = WindowLength(arguments.window_s, arguments.stride_s)
    streams = [name for name in arguments.videos if is_address(name)]
    files = [name for name in arguments.videos if not is_address(name)]
    if arguments.camera is not None:
        streams.append(str(arguments.camera))
    if not files and not streams:
        raise InputError("found no VIDEO; name files, folders, streams or --camera 0")
    paths = find_videos(files)
    device = choose_device(arguments.gpus, arguments.threads)
    module, about = open_student(arguments.model)
    wanted = arguments.precision
    precision = chosen_precision(wanted, device) if wanted else about.precision
    module = module.to(device)
    for name in streams:
        for window in watch(name, module, about, length, device, precision, arguments.seconds):
            print(line(*window, about.classes, arguments.json), flush=True)
    if not paths:
        return 0
    see = partial(predict_video, module, about, length, device, precision)
    records = []
    for path in paths:
        try:
            prediction = see(path)
        except InputError as error:
            log(f"error: {error}")
            records.append({"video": str(path), "error": str(error)})
            continue
        records.append(record(prediction, about.classes, arguments.top))
        if not arguments.json:
            print_rows(records, max(len(str(path)) for path in paths))
        if arguments.timeline:
            place_timeline(arguments.timeline, paths, prediction, about.classes)
    if arguments.json:
        print(json.dumps(records, indent=1))
    skipped = sum("error" in each for each in records)
    if skipped:
        log(f"{skipped} of {len(paths)} videos could not be read and were skipped")
    return int(skipped > 0)


def place_timeline(
    folder: Path, paths: list[Path], prediction: Prediction, names: Sequence[str]
) -> None:
    """Writes the timeline of a video below `folder`, where the video is below all of `paths`."""
    from sakdn.commands.timeline import write_timeline  # matplotlib takes half a second to import

    common = os.path.commonpath([path.absolute().parent for path in paths])
    base = folder / prediction.video.path.absolute().relative_to(common)
    write_timeline(base, prediction, names)


def predict_video(
    module: Student,
    about: StudentAbout,
    length: WindowLength,
    device: torch.device,
    precision: Precision,
    path: Path,
) -> Prediction:
    """Probabilities of every window of a video; other videos have no influence on them.

    Raises:
        InputError: the video cannot be read.
    """
    video = plan_windows(path, about, length)
    clips = read_windows(video, about)
    if len(video.windows) > 1:
        clips = track(clips, path.name, "windows", len(video.windows))
    parts = []
    with torch.no_grad():
        while batch := list(islice(clips, BATCH_SIZE)):
            logits = run_student(module, torch.stack(batch).to(device), precision).logits
            parts.append(logits.softmax(1).cpu().numpy())
    return Prediction(video, np.concatenate(parts))


def record(prediction: Prediction, names: Sequence[str], top: int) -> dict[str, Any]:
    """A prediction as JSON: the likeliest classes of the video and the one of every window."""
    video, whole = prediction.video, prediction.whole
    best = np.argsort(-whole, kind="stable")[:top].tolist()
    windows = [
        {
            "start_s": video.span_s(window)[0],
            "end_s": video.span_s(window)[1],
            "action": int(p.argmax()),
            "action_name": names[int(p.argmax())],
            "probability": float(p.max()),
        }
        for window, p in zip(video.windows, prediction.windows, strict=True)
    ]
    return {
        "video": str(video.path),
        "frames": video.timing.frames,
        "seconds": video.seconds,
        "classes": [
            {"action": k, "action_name": names[k], "probability": float(whole[k])} for k in best
        ],
        "windows": windows,
    }


def print_rows(records: list[dict[str, Any]], width: int) -> None:
    """Prints the last record as rows of a table, a class a row, the first one under a header."""
    found, read = records[-1], [each for each in records if "error" not in each]
    if len(read) == 1:
        print(f"{'video':{width}}       time  windows  probability  class")
    time = "" if found["seconds"] is None else f"{found['seconds']:.1f} s"
    first = (found["video"], time, str(len(found["windows"])))
    for number, likely in enumerate(found["classes"]):
        video, seconds, windows = first if number == 0 else ("", "", "")
        print(
            f"{video:{width}}  {seconds:>9}  {windows:>7}  {likely['probability']:11.1%}"
            f"  {likely['action_name']}",
            flush=True,
        )
