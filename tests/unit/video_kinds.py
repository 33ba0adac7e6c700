"""Writes videos of the kinds that cameras, phones, browsers and cutting tools leave behind."""

import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

WIDTH, HEIGHT = 64, 48


def level_of(index: int) -> int:
    """Grey level of the right half of frame `index`."""
    return 20 + 3 * index % 220


def picture(index: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Frame `index`: left half black above white below, right half at its level."""
    frame = np.full((height, width, 3), level_of(index), np.uint8)
    frame[: height // 2, : width // 2] = 20
    frame[height // 2 :, : width // 2] = 220
    return frame


def levels(frames: np.ndarray) -> np.ndarray:
    """Mean level of the right half of frames [n, H, W, C]."""
    return frames[:, :, 3 * frames.shape[2] // 5 :].mean(axis=(1, 2, 3))


def write_levels(
    path: Path,
    ticks: Iterable[int],
    codec: str = "libx264",
    b_frames: int = 2,
    key_every: int = 12,
    time_base: Fraction = Fraction(1, 30),
    tick: int = 1,
    container: dict[str, str] | None = None,
    **options: str,
) -> Path:
    """Frame i is `picture(i)`, shown at `tick * ticks[i]` units of `time_base`."""
    with same_priority(), av.open(str(path), "w", options=container or {}) as file:
        stream = file.add_stream(codec, rate=30, options=options)
        prepare(stream, b_frames, key_every, time_base)
        add_frames(file, stream, ticks, tick)
    return path


@contextmanager
def same_priority() -> Iterator[None]:
    """Undoes what SVT-AV1's encoder does to a root's process: before all others, in real time."""
    if not hasattr(os, "sched_getscheduler"):  # Not on macOS.
        yield
        return
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


def prepare(
    stream: av.VideoStream,
    b_frames: int = 2,
    key_every: int = 12,
    time_base: Fraction = Fraction(1, 30),
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> None:
    """Sets up a stream before anything is written."""
    stream.width, stream.height = size
    formats = {"gif": "rgb8", "mjpeg": "yuvj420p"}
    stream.pix_fmt = formats.get(stream.codec_context.name, "yuv420p")
    stream.codec_context.time_base = time_base
    stream.codec_context.gop_size = key_every
    if stream.codec_context.name in ("libx264", "mpeg4", "mpeg2video"):
        stream.codec_context.max_b_frames = b_frames


def add_frames(
    file: av.container.OutputContainer, stream: av.VideoStream, ticks: Iterable[int], tick: int = 1
) -> None:
    """Encodes `picture(i)` at each tick into a stream."""
    size, time_base = (stream.width, stream.height), stream.codec_context.time_base
    for index, at in enumerate(ticks):
        frame = av.VideoFrame.from_ndarray(picture(index, *size), format="rgb24")
        frame.pts, frame.time_base = tick * at, time_base
        file.mux(stream.encode(frame.reformat(format=stream.pix_fmt)))
    file.mux(stream.encode())


def with_matrix(path: Path, matrix: Sequence[int]) -> Path:
    """Gives an MP4 a display matrix (a, b, c, d)."""
    a, b, c, d = matrix
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 4 + 40  # After version and flags, times, layer and volume.
    fixed = [int(value * 2**16) for value in (a, b, 0, c, d, 0, 0, 0, 2**14)]
    content[place : place + 36] = struct.pack(">9i", *fixed)
    path.write_bytes(content)
    return path


def with_edit(path: Path, start: int = 0, frames: int | None = None) -> Path:
    """Trims an MP4 of 30 frames a second by its edit list, as phones and `ffmpeg -ss -c copy` do.

    Args:
        path: an MP4 with an edit list, which libavformat writes.
        start: first frame that is shown.
        frames: how many are shown; None for all.
    """
    content = bytearray(path.read_bytes())
    edit, media = content.index(b"elst") + 4, content.index(b"mdhd") + 4
    assert struct.unpack_from(">II", content, edit) == (0, 1)
    (units,) = struct.unpack_from(">I", content, media + 12)
    movie_units = struct.unpack_from(">I", content, content.index(b"mvhd") + 4 + 12)[0]
    length, begin = struct.unpack_from(">II", content, edit + 8)
    skipped = start * units // 30
    length = length - start * movie_units // 30 if frames is None else frames * movie_units // 30
    struct.pack_into(">II", content, edit + 8, length, begin + skipped)
    path.write_bytes(content)
    return path
