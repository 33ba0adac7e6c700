"""Makes the images of all clips in parallel and stores them in one file."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sakdn.errors import InputError
from sakdn.files import atomic_path
from sakdn.gaf.images import Ranges, axis_ranges, check_axes, clip_images, finite_signal
from sakdn.gaf.options import GafOptions
from sakdn.npy_file import create_npy, write_at
from sakdn.progress import track
from sakdn.windows import windows_of

CLIPS_A_TASK = 16


@dataclass(frozen=True)
class Job:
    """What every clip's images are made with.

    Attributes:
        file: .npy file to write into.
        start: offset of its first value in bytes.
        axes: axes of the sensor.
        options: of the stage.
        ranges: fixed range of each axis, or None.
    """

    file: Path
    start: int
    axes: int
    options: GafOptions
    ranges: Ranges | None


def store_images(
    table: pd.DataFrame, options: GafOptions, output: Path, processes: int
) -> Ranges | None:
    """Makes the images of all clips, in parallel, each written to its place in the file.

    Memory does not grow with the number of clips.

    Args:
        table: clips table with a column `path`, empty where the sensor is missing.
        options: of the stage.
        output: .npy file.
        processes: how many.

    Returns:
        The fixed range of each axis for scaling `dataset`, else None.

    Raises:
        InputError: names the file at fault.
    """
    present = table[table["path"] != ""]
    if present.empty:
        raise InputError("no clip has this sensor; correct the clips table or remove the sensor")
    ranges = None
    if options.scaling == "dataset":
        paths = present.loc[present["split"] == "train", "path"].unique()
        ranges = axis_ranges(track(map(Path, paths), "ranges", "signals", len(paths)), options)
    axes = finite_signal(Path(present["path"].iloc[0]), options).shape[1]
    channels, side = axes * len(options.fields), options.image_size_px
    shape = (len(table), options.windows.count, channels, side, side)
    with atomic_path(output) as temporary, _mapper(processes) as mapper:
        start = create_npy(temporary, shape)
        make = partial(_store_clip, Job(temporary, start, axes, options, ranges))
        done = mapper(make, present.index.tolist(), present["clip"], present["path"])
        for _ in track(done, "images", "clips", len(present)):
            pass
    return ranges


@contextmanager
def _mapper(processes: int) -> Iterator[Any]:
    """A `map` over so many processes; on an error what is not started yet is dropped."""
    if processes <= 1:
        yield map
        return
    # A fresh process, because forking one that has threads may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context)
    try:
        yield partial(pool.map, chunksize=CLIPS_A_TASK)
    finally:
        pool.shutdown(cancel_futures=True)


def _store_clip(job: Job, row: int, clip: str, path: str) -> None:
    signal = finite_signal(Path(path), job.options)
    check_axes(Path(path), signal, job.axes)
    windows = windows_of(clip, **asdict(job.options.windows))
    try:
        images = clip_images(signal, windows, job.options, job.ranges)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    write_at(job.file, job.start + row * images.nbytes, images)
