"""Stores the frames of clips, resized, one clip after another in one flat file."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from sakdn.base.files import atomic_path
from sakdn.base.npy_file import create_npy, finish_npy, write_at
from sakdn.base.parallel import map_ahead
from sakdn.base.progress import track
from sakdn.data.clips.spans import spans_of
from sakdn.data.readers.video import ClipPlan, plan_clips, read_clip
from sakdn.options.frames import FramesOptions
from sakdn.students.frames.encoded import encode_video
from sakdn.students.frames.stored import COLUMNS, JPEG_BYTES, TIMES, times_text


def store_frames(
    videos: pd.DataFrame,
    options: FramesOptions,
    output: Path,
    index: Path,
    pool: ThreadPoolExecutor,
) -> None:
    """Stores the frames of `videos` (columns clip, video, start_s and end_s), clip after clip.

    All files are looked at first, which gives every clip its place; the files are then decoded in
    parallel, once each, every clip straight to its place, so that memory holds a few blocks of
    frames whatever the number and length of the clips.

    Raises:
        InputError: names the video at fault.
    """
    spans = spans_of(videos)
    groups = videos.reset_index(drop=True).groupby("video", sort=False).indices
    each = [[spans[row] for row in rows] for rows in groups.values()]
    found = list(map_ahead(pool, partial(plan_clips, options=options), groups, each))
    order = np.argsort(np.concatenate(list(groups.values())))
    flat = [plan for plans in found for plan in plans]
    plans = [flat[place] for place in order]
    table = _index(videos["clip"], plans)
    rows = list(groups.values())
    write = _write_jpeg if options.store == "jpeg" else _write_raw
    with atomic_path(index) as temporary_index, atomic_path(output) as temporary:
        table = write(temporary, table, rows, list(zip(groups, found)), options, pool)
        table.to_csv(temporary_index, index=False)


def _index(clips: Iterable[str], plans: list[ClipPlan]) -> pd.DataFrame:
    rows = [
        (clip, 0, len(plan.indices), plan.height, plan.width, plan.channels, plan.fps)
        for clip, plan in zip(clips, plans)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    times = [times_text(plan.timing) for plan in plans]
    return table.assign(**{TIMES: times}) if any(times) else table


def _write_raw(
    temporary: Path,
    table: pd.DataFrame,
    rows: list[np.ndarray],
    videos: list[tuple[str, list[ClipPlan]]],
    options: FramesOptions,
    pool: ThreadPoolExecutor,
) -> pd.DataFrame:
    """Every frame straight to its place, which is known before. Returns the index with offsets."""
    sizes = table["frames"] * table["height"] * table["width"] * table["channels"]
    table["offset"] = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    start = create_npy(temporary, (int(sizes.sum()),))
    store = partial(_store_video, temporary, options)
    places = [(start + table["offset"])[row].tolist() for row in rows]
    done = map_ahead(pool, store, *zip(*videos), places)
    for _ in track(done, "frames", "videos", len(rows)):
        pass
    return table


def _store_video(
    temporary: Path, options: FramesOptions, video: str, plans: list[ClipPlan], places: list[int]
) -> None:
    """Decodes a video once and writes the frames of each of its clips to its place."""
    wanted = np.unique(np.concatenate([plan.indices for plan in plans]))
    first, places = 0, list(places)
    for block in read_clip(video, replace(plans[0], indices=wanted), options):
        frames = wanted[first : first + len(block)]
        first += len(block)
        for clip, plan in enumerate(plans):
            here = block[np.isin(frames, plan.indices)]
            write_at(temporary, places[clip], here)
            places[clip] += here.nbytes


def _write_jpeg(
    temporary: Path,
    table: pd.DataFrame,
    rows: list[np.ndarray],
    videos: list[tuple[str, list[ClipPlan]]],
    options: FramesOptions,
    pool: ThreadPoolExecutor,
) -> pd.DataFrame:
    """Frames one after another as their sizes come out. Returns the index with them."""
    start = create_npy(temporary, (0,))
    encode = partial(encode_video, temporary.parent, options)
    done = map_ahead(pool, encode, *zip(*videos))
    offsets, sizes = [0] * len(table), [""] * len(table)
    with temporary.open("ab") as file:
        for row, (_, plans), encoded in zip(
            rows, videos, track(done, "frames", "videos", len(rows))
        ):
            with encoded:
                for clip, plan in zip(row, plans):
                    offsets[clip] = file.tell() - start
                    written = [file.write(frame) for frame in encoded.frames(plan.indices)]
                    sizes[clip] = " ".join(map(str, written))
    finish_npy(temporary)
    return table.assign(offset=offsets, **{JPEG_BYTES: sizes})
