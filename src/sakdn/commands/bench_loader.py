"""Frames that are supplied to a network, raw and as JPEG, for the benchmark."""

import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import torch

from sakdn.commands.bench_floors import copied_bytes_per_s
from sakdn.options.student import StudentView
from sakdn.students.frames.batches import ClipBatches
from sakdn.students.frames.stored import FrameStore
from sakdn.students.frames.supply import supply

VIEW = StudentView(segments=8, size_px=224, short_side_px=256, backbone="bninception")
BATCH_SIZE = 8
WORKERS = (0, 1, 2, 4)
SEEN_BYTES = 3 * VIEW.size_px**2  # Of a frame that the network sees.

Rate = Callable[[Callable[[], object], int], float]


def loader_rates(shard: Path, device: torch.device, rate: Rate) -> dict[str, float]:
    """Frames a second of training batches at paper size, by the thread and by worker processes.

    Args:
        shard: stored frames.
        device: where batches go.
        rate: items a second of a function that handles so many.
    """
    clips = FrameStore([shard]).clips
    labels, rows = np.zeros(len(clips), int), np.arange(len(clips))
    source = ClipBatches([shard], clips, labels, ["any"], VIEW, device)
    batches = [rows[start : start + BATCH_SIZE] for start in range(0, len(rows), BATCH_SIZE)]

    def seen(part: np.ndarray) -> tuple[object, ...]:
        return part, part, np.tile([0.0, 1.0], (len(part), 1)), 0, 0

    def read() -> None:
        with closing(supply(source, "train", seen, batches)) as supplied:
            for _ in supplied:
                pass

    rates = {}
    for source.workers in WORKERS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # More processes than cores are asked for.
            rates[f"{source.workers} processes"] = rate(read, len(rows) * VIEW.segments)
    return rates


def read_rates(shard: Path, rate: Rate) -> float:
    """Whole frames a second that a core reads of a store, decoded where they are JPEG."""
    store = FrameStore([shard])

    def read() -> None:
        for clip in store.clips:
            store.frames(clip, np.arange(store.length(clip)))

    return rate(read, sum(map(store.length, store.clips)))


def copied_frames_per_s(raw: Path) -> float:
    """Whole raw frames a second, if they were copied only."""
    store = FrameStore([raw])
    return copied_bytes_per_s() / store.frames(store.clips[0], np.arange(1)).nbytes


def bytes_a_clip(shard: Path) -> float:
    """Mean size of a stored clip."""
    return shard.stat().st_size / len(FrameStore([shard]))


def psnr_db(shard: Path, raw: Path) -> float:
    """Peak signal-to-noise ratio of a store against the raw frames, over all clips."""
    stores = FrameStore([shard]), FrameStore([raw])
    squares, count = 0.0, 0
    for clip in stores[0].clips:
        found, expected = (s.frames(clip, np.arange(s.length(clip))) for s in stores)
        squares += float(np.square(found.astype(np.float32) - expected).sum())
        count += found.size
    return float(10 * np.log10(255**2 * count / max(squares, 1e-9)))
