"""Stores the frames of clips, resized, one clip after another in one flat file."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from sakdn.base.files import atomic_path
from sakdn.base.npy_file import create_npy, write_at
from sakdn.base.parallel import map_ahead
from sakdn.base.progress import track
from sakdn.data.readers.frames_options import FramesOptions
from sakdn.data.readers.video import ClipPlan, plan_clip, read_clip
from sakdn.students.frames.stored import COLUMNS, TIMES, times_text


def store_frames(
    videos: pd.DataFrame,
    options: FramesOptions,
    output: Path,
    index: Path,
    pool: ThreadPoolExecutor,
) -> None:
    """Stores the frames of `videos` (columns clip, video), one clip after another.

    All files are looked at first, which gives every clip its place; the clips are then decoded in
    parallel, each straight to its place, so that memory holds a few blocks of frames whatever the
    number and length of the clips.

    Raises:
        InputError: names the video at fault.
    """
    plans = list(map_ahead(pool, partial(plan_clip, options=options), videos["video"]))
    table = _index(videos["clip"], plans)
    sizes = table["frames"] * table["height"] * table["width"] * table["channels"]
    with atomic_path(index) as temporary_index, atomic_path(output) as temporary:
        table.to_csv(temporary_index, index=False)
        start = create_npy(temporary, (int(sizes.sum()),))
        store = partial(_store_clip, temporary, options)
        places = (start + table["offset"]).tolist()
        done = map_ahead(pool, store, videos["video"], plans, places)
        for _ in track(done, "frames", "clips", len(table)):
            pass


def _index(clips: Iterable[str], plans: list[ClipPlan]) -> pd.DataFrame:
    rows = [
        (clip, 0, len(plan.indices), plan.height, plan.width, plan.channels, plan.fps)
        for clip, plan in zip(clips, plans)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    sizes = table["frames"] * table["height"] * table["width"] * table["channels"]
    table["offset"] = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    times = [times_text(plan.timing) for plan in plans]
    return table.assign(**{TIMES: times}) if any(times) else table


def _store_clip(
    temporary: Path, options: FramesOptions, video: str, plan: ClipPlan, place: int
) -> None:
    for block in read_clip(video, plan, options):
        write_at(temporary, place, block)
        place += block.nbytes
