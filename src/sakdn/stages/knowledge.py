"""Stage `knowledge`: the frozen teachers run once over the training clips; students read this."""

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from sakdn.base.cli import json_options, run
from sakdn.base.device import choose_device, device_name
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, write_json
from sakdn.base.npy_file import Place, create_npy
from sakdn.base.options import parse_options
from sakdn.base.progress import track
from sakdn.base.provenance import Cost, provenance
from sakdn.data.clips.recordings import recordings_of, teaching_split
from sakdn.data.clips.table import read_table
from sakdn.models.fused import FusedTeacher
from sakdn.stages.shared import class_vectors, parser
from sakdn.teachers.answers import KEPT_TAPS, KnowledgeOptions, ask
from sakdn.teachers.gaf.stored import GafImages, joint_windows
from sakdn.teachers.load import load_average
from sakdn.teachers.task import SignalBatches, restore_bank

# A spike of a sensor weighs no more than this many standard deviations.
LARGEST_DEVIATION = 10.0


class Arrays:
    """Arrays on disk, [clips, windows, sensors, width] each, that appear when all is written."""

    def __init__(self, folder: Path, clips: int, windows: int, files: ExitStack) -> None:
        """Prepares arrays in `folder`; `files` closes them."""
        self.folder, self.clips, self.windows, self.files = folder, clips, windows, files
        self.places: dict[str, Place] = {}

    def write(self, first: int, window: int, said: dict[str, np.ndarray]) -> None:
        """Writes what was said [N, sensors, width] of clips `first`... in a window.

        Raises:
            InputError: (from `files`) the disk is full; the first call takes all the room.
        """
        if not self.places:
            self.places = {name: self._create(name, value) for name, value in said.items()}
        for name, value in said.items():
            for row, one in enumerate(value, first):
                self.places[name].write(row * self.windows + window, one)

    def _create(self, name: str, value: np.ndarray) -> Place:
        path = self.files.enter_context(atomic_path(self.folder / f"{name}.npy"))
        shape = (self.clips, self.windows, *value.shape[1:])
        return Place(path, create_npy(path, shape, value.dtype))


def collect(
    module: FusedTeacher,
    source: SignalBatches,
    rows: np.ndarray,
    vectors: torch.Tensor,
    options: KnowledgeOptions,
    folder: Path,
) -> None:
    """Asks the teachers for every window of clips `rows` and writes the arrays to `folder`.

    Raises:
        InputError: a teacher's answer is not finite, or the disk is full.
    """
    windows = source.sensors[0].windows.shape[1]
    steps = [
        (window, start)
        for window in range(windows)
        for start in range(0, len(rows), options.batch_size)
    ]
    with ExitStack() as files:
        arrays = Arrays(folder, len(rows), windows, files)
        for window, start in track(steps, "knowledge", "batches"):
            chosen = rows[start : start + options.batch_size]
            said = ask(module, source.take(chosen, window), vectors, options)
            check_finite(said)
            arrays.write(start, window, said)


def check_finite(said: dict[str, np.ndarray]) -> None:
    """Raises InputError if a teacher's answer is not finite."""
    for name, value in said.items():
        if not np.isfinite(value).all():
            raise InputError(
                f"knowledge: the teachers' {name} are not finite, or too large for half"
                " precision; train the teachers with a lower `lr` or with `clip_norm`"
            )


def standard_course(sensor: GafImages, rows: np.ndarray) -> np.ndarray:
    """Courses of a sensor's signals, each value of mean 0 and deviation 1 over clips and parts.

    Returns:
        float16 [clips, parts, values]; zeros for clips without the sensor.
    """
    course = sensor.courses(rows).astype(np.float64)
    here = sensor.present[rows]
    if here.any():
        known = course[here].reshape(-1, course.shape[-1])
        spread = known.std(axis=0)
        course = (course - known.mean(axis=0)) / np.where(spread > 0, spread, 1)
    course[~here] = 0
    return course.clip(-LARGEST_DEVIATION, LARGEST_DEVIATION).astype(np.float16)


def write_courses(sensors: list[GafImages], rows: np.ndarray, path: Path) -> list[int]:
    """Writes the standardised courses of clips `rows`, all sensors' values side by side.

    Returns:
        How many values each sensor has.
    """
    courses = [standard_course(sensor, rows) for sensor in sensors]
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.save(file, np.concatenate(courses, axis=-1))
    return [course.shape[-1] for course in courses]


def told_of(clips: pd.DataFrame, rows: np.ndarray) -> dict[str, list[Any]]:
    """Training clips that the knowledge of clips `rows` is about: all views of their recordings.

    Returns:
        `clips`: ids; `places`: for each its place in the arrays.
    """
    recordings = recordings_of(clips)
    place_of = {recording: place for place, recording in enumerate(recordings.iloc[rows])}
    places = recordings.map(place_of)
    told = places.notna() & (clips["split"] == "train")
    return {"clips": clips["clip"][told].tolist(), "places": places[told].astype(int).tolist()}


def main(argv: list[str] | None = None) -> None:
    """Stores what the teachers know of every training clip and window."""
    arguments_parser = parser(main.__doc__)
    arguments_parser.add_argument("--gaf", type=Path, nargs="+", required=True)
    arguments_parser.add_argument("--models", type=Path, nargs="+", required=True)
    arguments_parser.add_argument("--semantics", type=Path, required=True)
    arguments_parser.add_argument("--options", type=json_options, default={})
    arguments = arguments_parser.parse_args(argv)
    cost = Cost()
    device = choose_device(arguments.gpus, arguments.threads)
    options = parse_options(KnowledgeOptions, arguments.options, "knowledge")
    clips = read_table(arguments.clips)
    module, about = load_average(arguments.models)
    module = module.requires_grad_(False).to(device)
    by_name = {path.stem: path for path in arguments.gaf}
    sensors = [GafImages(by_name[name], clips["clip"]) for name in about["sensors"]]
    windows = joint_windows(sensors)
    source = SignalBatches(sensors, clips["action"].to_numpy(), device)
    restore_bank(module, source, about, clips["clip"].tolist())
    present = np.stack([sensor.present for sensor in sensors], axis=1)
    rows = np.flatnonzero((teaching_split(clips) == "train") & present.any(1))
    if not len(rows):
        raise InputError(f"{arguments.clips}: no training clip has any of the sensors")
    _, vectors = class_vectors(arguments.semantics)
    folder = arguments.output.parent
    collect(module, source, rows, vectors.to(device), options, folder)
    index = {
        **told_of(clips, rows),
        "sensors": about["sensors"],
        "present": present[rows].tolist(),
        "windows": windows[rows].tolist(),
        "course_widths": write_courses(sensors, rows, folder / "course.npy"),
        "map_channels": module.streams[0].fused_widths[:5][-KEPT_TAPS:],
        "options": asdict(options),
        "models": [str(path) for path in arguments.models],
        "cost": cost.total(),
        "provenance": provenance(device_name(device)),
    }
    write_json(arguments.output, index)


if __name__ == "__main__":
    run(main)
