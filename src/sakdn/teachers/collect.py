"""Asks the frozen teachers about every training clip and window, and writes what they say."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path
from sakdn.base.npy_file import Place, create_npy
from sakdn.base.progress import track
from sakdn.data.clips.recordings import recordings_of, with_video
from sakdn.models.fused import FusedTeacher
from sakdn.options.knowledge import KnowledgeOptions
from sakdn.teachers.answers import ask
from sakdn.teachers.gaf.ranges import usual_range
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.task import SignalBatches

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
        float16 [clips, parts, values]; zeros for clips without the sensor, no values of a sensor
        that comes as ready images.
    """
    course = sensor.courses(rows).astype(np.float64)
    here = sensor.present[rows]
    if here.any():
        known = course[here].reshape(here.sum() * course.shape[1], course.shape[-1])
        known = known.clip(*usual_range(known))
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
    """Training clips that the knowledge of clips `rows` is about: all videos of their recordings.

    Returns:
        `clips`: ids; `places`: for each its place in the arrays.
    """
    recordings = recordings_of(clips)
    place_of = {recording: place for place, recording in enumerate(recordings.iloc[rows])}
    places = recordings.map(place_of)
    told = places.notna() & (clips["split"] == "train") & with_video(clips)
    return {"clips": clips["clip"][told].tolist(), "places": places[told].astype(int).tolist()}
