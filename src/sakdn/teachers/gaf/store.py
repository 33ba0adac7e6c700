"""Makes the images and courses of all recordings in parallel; each kind in one file."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path
from sakdn.base.npy_file import Place, create_npy
from sakdn.base.parallel import process_map
from sakdn.base.progress import track
from sakdn.data.clips.recordings import recordings_of, teaching_split
from sakdn.data.clips.windows import windows_of
from sakdn.data.readers.ready_image import read_ready_image
from sakdn.data.readers.signals import finite_signal
from sakdn.teachers.gaf.course import PARTS, course, course_path
from sakdn.teachers.gaf.field import resize_images
from sakdn.teachers.gaf.images import clip_images
from sakdn.teachers.gaf.options import GafOptions
from sakdn.teachers.gaf.ranges import Ranges, axis_ranges, check_axes

RECORDINGS_A_TASK = 16


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
    """

    images: Place
    courses: Place
    axes: int
    channels: int
    options: GafOptions
    ranges: Ranges | None


def store_images(
    table: pd.DataFrame, options: GafOptions, output: Path, processes: int
) -> Ranges | None:
    """Makes the images and courses of all recordings, in parallel, each written to its place.

    Memory does not grow with the number of recordings.

    Args:
        table: clips table with a column `path`, empty where the sensor is missing.
        options: of the stage.
        output: .npy file of the images; the courses go beside it, see `course_path`.
        processes: how many.

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
    ranges = None
    if options.scaling == "dataset" and not options.images:
        paths = seen["path"].unique()
        ranges = axis_ranges(track(map(Path, paths), "ranges", "signals", len(paths)), options)
    axes, channels = _width(present["path"].iloc[0], options)
    side = options.image_size_px
    shape = (len(recordings), options.windows.count, channels, side, side)
    with (
        atomic_path(output) as first,
        atomic_path(course_path(output)) as second,
        process_map(processes, RECORDINGS_A_TASK) as mapper,
    ):
        images = Place(first, create_npy(first, shape))
        beside = Place(second, create_npy(second, (len(recordings), PARTS, 2 * axes), np.float32))
        job = Job(images, beside, axes, channels, options, ranges)
        make = partial(_store_ready if options.images else _store, job)
        done = mapper(make, present.index.tolist(), present["recording"], present["path"])
        for _ in track(done, "images", "recordings", len(present)):
            pass
    return ranges


def _width(path: str, options: GafOptions) -> tuple[int, int]:
    """Axes of a sensor, none of ready images, and channels of its images."""
    if options.images:
        return 0, len(read_ready_image(path))
    axes = finite_signal(path, options.signal, options.nan).shape[1]
    return axes, axes * len(options.fields)


def _store_ready(job: Job, row: int, recording: str, path: str) -> None:
    image = read_ready_image(path)
    if len(image) != job.channels:
        raise InputError(
            f"{path}: found {len(image)} channels, expected {job.channels} as in the other images;"
            " make it as the others"
        )
    job.images.write(row, resize_images(image, job.options.image_size_px)[None])


def _store(job: Job, row: int, recording: str, path: str) -> None:
    signal = finite_signal(path, job.options.signal, job.options.nan)
    check_axes(Path(path), signal, job.axes)
    windows = windows_of(recording, **asdict(job.options.windows))
    try:
        images = clip_images(signal, windows, job.options, job.ranges)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    job.images.write(row, images)
    job.courses.write(row, course(signal))
