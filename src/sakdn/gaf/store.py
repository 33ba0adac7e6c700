"""Makes the images of all recordings in parallel and stores them in one file."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from sakdn.errors import InputError
from sakdn.files import atomic_path
from sakdn.gaf.images import Ranges, axis_ranges, check_axes, clip_images, finite_signal
from sakdn.gaf.options import GafOptions
from sakdn.npy_file import create_npy, write_at
from sakdn.parallel import process_map
from sakdn.progress import track
from sakdn.recordings import recordings_of, teaching_split
from sakdn.windows import windows_of

RECORDINGS_A_TASK = 16


@dataclass(frozen=True)
class Job:
    """What every recording's images are made with.

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
    """Makes the images of all recordings, in parallel, each written to its place in the file.

    Memory does not grow with the number of recordings.

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
    recordings = table.assign(recording=recordings_of(table), split=teaching_split(table))
    seen = recordings[(recordings["split"] == "train") & (recordings["path"] != "")]
    recordings = recordings.drop_duplicates("recording").reset_index(drop=True)
    present = recordings[recordings["path"] != ""]
    if present.empty:
        raise InputError("no clip has this sensor; correct the clips table or remove the sensor")
    ranges = None
    if options.scaling == "dataset":
        paths = seen["path"].unique()
        ranges = axis_ranges(track(map(Path, paths), "ranges", "signals", len(paths)), options)
    axes = finite_signal(Path(present["path"].iloc[0]), options).shape[1]
    channels, side = axes * len(options.fields), options.image_size_px
    shape = (len(recordings), options.windows.count, channels, side, side)
    with atomic_path(output) as temporary, process_map(processes, RECORDINGS_A_TASK) as mapper:
        start = create_npy(temporary, shape)
        make = partial(_store, Job(temporary, start, axes, options, ranges))
        done = mapper(make, present.index.tolist(), present["recording"], present["path"])
        for _ in track(done, "images", "recordings", len(present)):
            pass
    return ranges


def _store(job: Job, row: int, recording: str, path: str) -> None:
    signal = finite_signal(Path(path), job.options)
    check_axes(Path(path), signal, job.axes)
    windows = windows_of(recording, **asdict(job.options.windows))
    try:
        images = clip_images(signal, windows, job.options, job.ranges)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    write_at(job.file, job.start + row * images.nbytes, images)
