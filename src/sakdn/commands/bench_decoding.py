"""What reading a video costs, as the frames stage does it, against decord alone."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import av

from sakdn.data.readers.video import opened, plan_clip, read_clip
from sakdn.options.frames import FramesOptions

REPEATS = 7


def decoding_ms(videos: Sequence[Path], short_side_px: int) -> dict[str, float]:
    """CPU time of a video in ms with one thread: decoded alone, by decord in colour, and as stored.

    All are tried in turn, so that other work on the machine meets all alike; the best of several
    counts.

    Args:
        videos: files of one size.
        short_side_px: to which they are resized.
    """
    import decord

    height, width = decord.VideoReader(str(videos[0]))[0].shape[:2]
    scale = short_side_px / min(height, width)
    size = {"width": round(width * scale), "height": round(height * scale)}

    def bare(path: Path) -> None:
        reader = decord.VideoReader(str(path), num_threads=1, **size)
        reader.get_batch(range(len(reader))).asnumpy()

    ways = {
        "decoding alone (floor)": _decode,
        "decord": bare,
        "ours, grey": _reader(FramesOptions(short_side_px=short_side_px, color="grey")),
        "ours, colour": _reader(FramesOptions(short_side_px=short_side_px, color="rgb")),
    }
    totals = dict.fromkeys(ways, 0.0)
    for path in videos:
        times: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(REPEATS):
            for way, read in ways.items():
                times[way].append(_cpu_s(read, path))
        totals = {way: total + min(times[way]) for way, total in totals.items()}
    return {way: 1000 * total / len(videos) for way, total in totals.items()}


def _decode(path: Path) -> None:
    """Every frame, neither resized nor turned into grey or RGB."""
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for _ in container.decode(video=0):
            pass


def _reader(options: FramesOptions) -> Callable[[Path], None]:
    def ours(path: Path) -> None:
        with opened(path) as source:
            for _ in read_clip(path, plan_clip(path, options, source), options, source):
                pass

    return ours


def _cpu_s(read: Callable[[Path], None], path: Path) -> float:
    start = time.process_time()
    read(path)
    return time.process_time() - start
