"""Stores the frames of clips, resized, one clip after another in one flat file."""

import zlib
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
from sakdn.base.progress import log, track
from sakdn.data.clips.spans import spans_of
from sakdn.data.readers.span import Span
from sakdn.data.readers.video import opened, plan_clips, read_clip
from sakdn.options.frames import FramesOptions
from sakdn.students.frames.earlier import Earlier, Found, Piece
from sakdn.students.frames.encoded import EncodedVideo, encode_video
from sakdn.students.frames.stored import COLUMNS, JPEG_BYTES, TIMES


class Videos(NamedTuple):
    """Videos of a shard, each once.

    Attributes:
        paths: of the files.
        spans: of the clips that are parts of each.
        there: what was stored of each before; None where it is to be decoded.
    """

    paths: Sequence[str]
    spans: Sequence[list[Span | None]]
    there: Sequence[list[Found] | None]


def store_frames(
    videos: pd.DataFrame,
    options: FramesOptions,
    output: Path,
    index: Path,
    pool: ThreadPoolExecutor,
    earlier: Earlier | None = None,
) -> list[Piece]:
    """Stores the frames of `videos` (columns clip, video, start_s and end_s), video after video.

    Each file is opened once, looked at and decoded, in parallel, so that memory holds a few blocks
    of frames whatever the number and length of the clips.

    Args:
        videos: of the shard.
        options: size, colour, kind of storage.
        output: .npy file to write.
        index: CSV file to write.
        pool: of threads that decode.
        earlier: what was stored before and is not decoded again.

    Returns:
        Where the frames of each clip are.

    Raises:
        InputError: names the video at fault.
    """
    spans = spans_of(videos)
    groups = videos.reset_index(drop=True).groupby("video", sort=False).indices
    each = [[spans[row] for row in rows] for rows in groups.values()]
    found = list(map((earlier or Earlier()).find, groups, each))
    if again := sum(map(bool, found)):
        log(f"frames: {again} of {len(found)} videos are stored already")
    write = _write_jpeg if options.store == "jpeg" else _write_raw
    with atomic_path(index) as temporary_index, atomic_path(output) as temporary:
        pieces = write(temporary, Videos(list(groups), each, found), options, pool)
        order = np.argsort(np.concatenate(list(groups.values())))
        pieces = [pieces[place] for place in order]
        first = min(piece.offset for piece in pieces)
        _index(videos["clip"], pieces, first).to_csv(temporary_index, index=False)
    return pieces


def _index(clips: Iterable[str], pieces: Sequence[Piece], first: int) -> pd.DataFrame:
    rows = [
        (clip, p.offset - first, p.frames, p.height, p.width, p.channels, p.fps)
        for clip, p in zip(clips, pieces)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    further = {TIMES: [p.times for p in pieces], JPEG_BYTES: [p.sizes for p in pieces]}
    return table.assign(**{name: texts for name, texts in further.items() if any(texts)})


def _write_raw(
    temporary: Path, videos: Videos, options: FramesOptions, pool: ThreadPoolExecutor
) -> list[Piece]:
    """Every frame straight to its place: that of a video is known once those before are open."""
    places = InTurn(create_npy(temporary, (0,)), len(videos.paths))
    store = partial(_store_video, temporary, options, places)
    done = map_ahead(pool, store, range(len(videos.paths)), *videos)
    pieces = [p for each in track(done, "frames", "videos", len(videos.paths)) for p in each]
    finish_npy(temporary)
    return pieces


def _store_video(
    temporary: Path,
    options: FramesOptions,
    places: InTurn,
    number: int,
    video: str,
    spans: list[Span | None],
    there: list[Found] | None,
) -> list[Piece]:
    """Decodes a video once and writes the frames of each of its clips to its place."""
    with places.turn(number) as move:
        if there:
            return _copy(temporary, there, move(sum(found.piece.size for found in there)))
        with opened(video) as source:
            plans = plan_clips(video, spans, options, source)
            sizes = [plan.raw_bytes for plan in plans]
            first_place = move(sum(sizes))
            take_room(temporary, first_place, sum(sizes))
            begins = (first_place + np.cumsum([0, *sizes[:-1]])).tolist()
            wanted = np.unique(np.concatenate([plan.indices for plan in plans]))
            first, ends, checksums = 0, list(begins), [0] * len(plans)
            for block in read_clip(video, replace(plans[0], indices=wanted), options, source):
                frames = wanted[first : first + len(block)]
                first += len(block)
                for clip, plan in enumerate(plans):
                    here = np.ascontiguousarray(block[np.isin(frames, plan.indices)])
                    write_at(temporary, ends[clip], here)
                    ends[clip] += here.nbytes
                    checksums[clip] = zlib.crc32(here.data, checksums[clip])
    return list(map(Piece.of, plans, begins, sizes, checksums))


def _copy(temporary: Path, there: list[Found], place: int) -> list[Piece]:
    """Writes what was stored before to its place."""
    pieces = []
    with temporary.open("r+b") as file:
        file.seek(place)
        for found in there:
            pieces.append(found.piece._replace(offset=file.tell()))
            file.writelines(found.blocks())
    return pieces


def _write_jpeg(
    temporary: Path, videos: Videos, options: FramesOptions, pool: ThreadPoolExecutor
) -> list[Piece]:
    """Frames one after another as their sizes come out."""
    end = create_npy(temporary, (0,))
    encode = partial(encode_video, temporary.parent, options)
    done = map_ahead(pool, encode, *videos)
    pieces: list[Piece] = []
    for encoded in track(done, "frames", "videos", len(videos.paths)):
        if isinstance(encoded, EncodedVideo):
            with encoded:
                new = encoded.append_to(temporary)
        else:
            new = _copy(temporary, encoded, end)
        pieces += new
        end = new[-1].offset + new[-1].size
    finish_npy(temporary)
    return pieces
