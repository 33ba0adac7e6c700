"""Command `predict`: what a student sees in videos."""

import argparse
import glob
import json
import os
from collections.abc import Iterable, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sakdn.base.device import choose_device
from sakdn.base.errors import InputError
from sakdn.base.progress import log, track
from sakdn.commands.live import is_address, line, watch
from sakdn.commands.sliding import (
    Prediction,
    WindowLength,
    plan_windows,
    read_windows,
)
from sakdn.data.readers.image_folder import SUFFIXES as IMAGES
from sakdn.data.readers.matfile import find_variable
from sakdn.data.readers.plain_file import as_on_disk
from sakdn.models.student import Student
from sakdn.students.load import open_student
from sakdn.students.scores import run_student
from sakdn.training.compute import Precision

SUFFIXES = {
    *(".3gp", ".avi", ".flv", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv"),
    *(".webm", ".wmv"),
}
APPLE_DOUBLE = "._"  # What macOS keeps beside a file on foreign disks.
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
    precision = arguments.precision or about["precision"]
    module = module.to(device)
    for name in streams:
        for window in watch(name, module, about, length, device, precision, arguments.seconds):
            print(line(*window, about["classes"], arguments.json), flush=True)
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
        records.append(record(prediction, about["classes"], arguments.top))
        if not arguments.json:
            print_rows(records, max(len(str(path)) for path in paths))
        if arguments.timeline:
            place_timeline(arguments.timeline, paths, prediction, about["classes"])
    if arguments.json:
        print(json.dumps(records, indent=1))
    skipped = sum("error" in each for each in records)
    if skipped:
        log(f"{skipped} of {len(paths)} videos could not be read and were skipped")
    return int(skipped > 0)


def place_timeline(
    folder: Path, paths: list[Path], prediction: Prediction, names: list[str]
) -> None:
    """Writes the timeline of a video below `folder`, where the video is below all of `paths`."""
    from sakdn.commands.timeline import write_timeline  # matplotlib takes half a second to import

    common = os.path.commonpath([path.absolute().parent for path in paths])
    base = folder / prediction.video.path.absolute().relative_to(common)
    write_timeline(base, prediction, names)


def find_videos(names: Iterable[str]) -> list[Path]:
    """Clips named by paths, folders (all below) and glob patterns, each once.

    A clip is what training takes: a video, a folder of images, or a .mat file of depth maps.

    Raises:
        InputError: a folder or pattern without videos.
    """
    found: list[Path] = []
    for name in names:
        path = as_on_disk(name)
        if path.is_dir():
            files = [path] if _holds_images(path) else _clips_below(path)
        elif glob.has_magic(name) and not path.exists():
            files = sorted(map(Path, glob.glob(name, recursive=True)))
        else:
            files = [path]
        if not files:
            raise InputError(
                f"{name}: found no video; expected {', '.join(sorted(SUFFIXES))}, images or depth"
                " maps (.mat)"
            )
        found += files
    kept = [path for path in dict.fromkeys(found) if not path.name.startswith(APPLE_DOUBLE)]
    if found and not kept:
        raise InputError(f"{found[0]}: is macOS's note about a file; name the file itself")
    return kept


def _clips_below(folder: Path) -> list[Path]:
    """Videos, depth clips and folders of images; hidden ones are left out."""
    below = [
        path
        for path in sorted(folder.rglob("*"))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    return [
        path
        for path in below
        if path.suffix.lower() in SUFFIXES
        or (path.suffix == ".mat" and _holds_depth(path))
        or (path.is_dir() and _holds_images(path))
    ]


def _holds_depth(path: Path) -> bool:
    try:
        return bool(find_variable(path, None, 3))
    except InputError:
        return False


def _holds_images(folder: Path) -> bool:
    """Whether a folder is a clip: images, and no videos to which they belong."""
    suffixes = {path.suffix.lower() for path in folder.iterdir() if path.name[0] != "."}
    return bool(suffixes & set(IMAGES)) and not suffixes & SUFFIXES


def predict_video(
    module: Student,
    about: Mapping[str, Any],
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


def record(prediction: Prediction, names: list[str], top: int) -> dict[str, Any]:
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
