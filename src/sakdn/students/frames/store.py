"""Stores the frames of clips, resized, one clip after another in one flat file."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from sakdn.base.files import atomic_path
from sakdn.base.npy_file import create_npy, finish_npy, take_room, write_at
from sakdn.base.parallel import InTurn, map_ahead
from sakdn.base.progress import track
from sakdn.data.clips.spans import spans_of
from sakdn.data.readers.span import Span
from sakdn.data.readers.video import ClipPlan, opened, plan_clips, read_clip
from sakdn.options.frames import FramesOptions
from sakdn.students.frames.encoded import encode_video
from sakdn.students.frames.stored import COLUMNS, JPEG_BYTES, TIMES, times_text


class Videos(NamedTuple):
    """Videos of a shard, each once.

    Attributes:
        paths: of the files.
        rows: of the clips that are parts of each.
        spans: of these clips.
    """

    paths: Sequence[str]
    rows: Sequence[np.ndarray]
    spans: Sequence[list[Span | None]]


class Stored(NamedTuple):
    """Where a clip's frames are: offset in bytes, and the size of each where they are JPEG."""

    plan: ClipPlan
    offset: int
    sizes: str = ""


def store_frames(
    videos: pd.DataFrame,
    options: FramesOptions,
    output: Path,
    index: Path,
    pool: ThreadPoolExecutor,
) -> None:
    """Stores the frames of `videos` (columns clip, video, start_s and end_s), video after video.

    Each file is opened once, looked at and decoded, in parallel, so that memory holds a few blocks
    of frames whatever the number and length of the clips.

    Raises:
        InputError: names the video at fault.
    """
    spans = spans_of(videos)
    groups = videos.reset_index(drop=True).groupby("video", sort=False).indices
    rows = list(groups.values())
    each = Videos(list(groups), rows, [[spans[row] for row in part] for part in rows])
    write = _write_jpeg if options.store == "jpeg" else _write_raw
    with atomic_path(index) as temporary_index, atomic_path(output) as temporary:
        found = write(temporary, each, options, pool)
        order = np.argsort(np.concatenate(rows))
        _index(videos["clip"], [found[n] for n in order]).to_csv(temporary_index, index=False)


def _index(clips: Iterable[str], found: Iterable[Stored]) -> pd.DataFrame:
    rows = [
        (clip, offset, len(plan.indices), plan.height, plan.width, plan.channels, plan.fps)
        for clip, (plan, offset, _) in zip(clips, found)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    further = {
        TIMES: [times_text(each.plan.timing) for each in found],
        JPEG_BYTES: [each.sizes for each in found],
    }
    return table.assign(**{name: texts for name, texts in further.items() if any(texts)})


def _write_raw(
    temporary: Path, videos: Videos, options: FramesOptions, pool: ThreadPoolExecutor
) -> list[Stored]:
    """Every frame straight to its place: that of a video is known once those before are open."""
    start = create_npy(temporary, (0,))
    places = InTurn(start, len(videos.paths))
    store = partial(_store_video, temporary, options, places)
    done = map_ahead(pool, store, range(len(videos.paths)), videos.paths, videos.spans)
    found = [
        Stored(plan, place - start)
        for each in track(done, "frames", "videos", len(videos.paths))
        for plan, place in each
    ]
    finish_npy(temporary)
    return found


def _store_video(
    temporary: Path,
    options: FramesOptions,
    places: InTurn,
    number: int,
    video: str,
    spans: list[Span | None],
) -> list[tuple[ClipPlan, int]]:
    """Decodes a video once and writes the frames of each of its clips; says where they begin."""
    with places.turn(number) as move, opened(video) as source:
        plans = plan_clips(video, spans, options, source)
        sizes = [plan.raw_bytes for plan in plans]
        first_place = move(sum(sizes))
        take_room(temporary, first_place, sum(sizes))
        begins = (first_place + np.cumsum([0, *sizes[:-1]])).tolist()
        wanted = np.unique(np.concatenate([plan.indices for plan in plans]))
        first, ends = 0, list(begins)
        for block in read_clip(video, replace(plans[0], indices=wanted), options, source):
            frames = wanted[first : first + len(block)]
            first += len(block)
            for clip, plan in enumerate(plans):
                here = block[np.isin(frames, plan.indices)]
                write_at(temporary, ends[clip], here)
                ends[clip] += here.nbytes
    return list(zip(plans, begins))


def _write_jpeg(
    temporary: Path, videos: Videos, options: FramesOptions, pool: ThreadPoolExecutor
) -> list[Stored]:
    """Frames one after another as their sizes come out."""
    start = create_npy(temporary, (0,))
    encode = partial(encode_video, temporary.parent, options)
    done = map_ahead(pool, encode, videos.paths, videos.spans)
    found = []
    with temporary.open("ab") as file:
        for plans, encoded in track(done, "frames", "videos", len(videos.paths)):
            with encoded:
                for plan in plans:
                    offset = file.tell() - start
                    sizes = [file.write(frame) for frame in encoded.frames(plan.indices)]
                    found.append(Stored(plan, offset, " ".join(map(str, sizes))))
    finish_npy(temporary)
    return found
