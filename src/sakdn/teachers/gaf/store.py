"""Makes the images and courses of all recordings in parallel; each kind in one file."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path
from sakdn.base.npy_file import Place, create_npy
from sakdn.base.parallel import process_map
from sakdn.base.progress import track
from sakdn.data.clips.recordings import recordings_of, teaching_split
from sakdn.data.clips.windows import windows_of
from sakdn.data.readers.parts import Part
from sakdn.data.readers.ready_image import read_ready_image
from sakdn.data.readers.signals import Read, timed_signal
from sakdn.options.sensors import ImageOptions
from sakdn.teachers.gaf.clip_signals import clip_signals
from sakdn.teachers.gaf.course import PARTS, course, course_path
from sakdn.teachers.gaf.field import resize_image
from sakdn.teachers.gaf.images import clip_images
from sakdn.teachers.gaf.ranges import Ranges, axis_ranges, check_axes

FILES_A_TASK = 16


@dataclass(frozen=True)
class Job:
    """What every recording's images are made with.

    Attributes:
        images: where they go.
        courses: where the courses go.
        axes: axes of the sensor; none where its images are ready.
        channels: of an image.
        options: of the stage.
        ranges: fixed range of each axis, or None.
        read: what reads signals; None for `read_samples`.
    """

    images: Place
    courses: Place
    axes: int
    channels: int
    options: ImageOptions
    ranges: Ranges | None
    read: Read | None


class Row(NamedTuple):
    """A recording: its row among them, its name, and which part of its file it is."""

    number: int
    recording: str
    part: Part


def store_images(
    table: pd.DataFrame,
    options: ImageOptions,
    output: Path,
    processes: int,
    read: Read | None = None,
) -> Ranges | None:
    """Makes the images and courses of all recordings, in parallel, each written to its place.

    Memory does not grow with the number of recordings.

    Args:
        table: clips table with columns `path`, empty where the sensor is missing, and `part` of
            what is used of the file.
        options: of the stage.
        output: .npy file of the images; the courses go beside it, see `course_path`.
        processes: how many.
        read: what reads signals; None for `read_samples`.

    Returns:
        The fixed range of each axis for scaling `dataset`, else None.

    Raises:
        InputError: names the file at fault.
    """
    recordings = table.assign(recording=recordings_of(table), split=teaching_split(table))
    seen = recordings[(recordings["split"] == "train") & (recordings["path"] != "")]
    recordings = recordings.drop_duplicates("recording").reset_index(drop=True)
    present = recordings[recordings["path"] != ""]
    if present.empty:
        raise InputError("no clip has this sensor; correct the clips table or remove the sensor")
    axes, channels = _width(present["path"].iloc[0], options, read)
    side = options.image_size_px
    shape = (len(recordings), options.windows.count, channels, side, side)
    with (
        process_map(processes, FILES_A_TASK) as mapper,
        atomic_path(output) as first,
        atomic_path(course_path(output)) as second,
    ):
        ranges = _ranges(seen, options, mapper, read)
        images = Place(first, create_npy(first, shape))
        beside = Place(second, create_npy(second, (len(recordings), PARTS, 2 * axes), np.float32))
        job = Job(images, beside, axes, channels, options, ranges, read)
        make = partial(_store_ready if options.images else _store, job)
        files = by_file(present)
        done = mapper(make, files.keys(), files.values())
        for _ in track(done, "images", "files", len(files)):
            pass
    return ranges


def _ranges(
    seen: pd.DataFrame, options: ImageOptions, mapper: Callable[..., Any], read: Read | None
) -> Ranges | None:
    """The range of each axis over what training clips use of their files, where all share one."""
    if options.scaling != "dataset" or options.images:
        return None
    parts = {Path(path): [row.part for row in rows] for path, rows in by_file(seen).items()}
    return axis_ranges(list(parts), options, parts, mapper, read)


def by_file(recordings: pd.DataFrame) -> dict[str, list[Row]]:
    """Recordings of each file."""
    rows: dict[str, list[Row]] = {}
    columns = (recordings[name] for name in ("recording", "path", "part"))
    for row, recording, path, part in zip(recordings.index, *columns, strict=True):
        rows.setdefault(path, []).append(Row(row, recording, part))
    return rows


def _width(path: str, options: ImageOptions, read: Read | None) -> tuple[int, int]:
    """Axes of a sensor, none of ready images, and channels of its images."""
    if options.images:
        return 0, len(read_ready_image(path))
    axes = timed_signal(path, options.signal, options.nan, read)[0].shape[1]
    return axes, axes * len(options.fields)


def _store_ready(job: Job, path: str, rows: list[Row]) -> None:
    image = read_ready_image(path)
    if len(image) != job.channels:
        raise InputError(
            f"{path}: found {len(image)} channels, expected {job.channels} as in the other images;"
            " make it as the others"
        )
    image = np.stack([resize_image(one, job.options.image_size_px) for one in image])[None]
    for row in rows:
        job.images.write(row.number, image)


def _store(job: Job, path: str, rows: list[Row]) -> None:
    signals = clip_signals(path, job.options, [row.part for row in rows], job.read)
    for row, signal in zip(rows, signals, strict=True):
        check_axes(Path(path), signal, job.axes)
        windows = windows_of(row.recording, **dict(job.options.windows))
        try:
            images = clip_images(signal, windows, job.options, job.ranges)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        job.images.write(row.number, images)
        job.courses.write(row.number, course(signal))
