"""Random access to the frames that the `frames` stage stored."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.npy_file import MapUse
from sakdn.data.readers.timing import Timing
from sakdn.students.about import ClipLength
from sakdn.students.frames.jpeg import decode

COLUMNS = ["clip", "offset", "frames", "height", "width", "channels", "fps"]
Window = tuple[slice, slice]
"""Rows and columns of a frame."""

TIMES = "times_s"  # A further column, where frames of a clip come unevenly.
JPEG_BYTES = "jpeg_bytes"  # A further column, where frames are JPEG: the size of each.


def times_text(timing: Timing) -> str:
    """When frames that come unevenly are shown, as the index has it; empty where evenly."""
    return "" if timing.times_s is None else " ".join(f"{time:.6g}" for time in timing.times_s)


def _timing_of(row: Any) -> Timing:
    times = np.array(row.times_s.split(), dtype=float) if row.times_s else None
    return Timing(row.frames, float(row.fps) if row.fps else None, times)


class FrameStore:
    """Frames of several shards, memory-mapped; picklable, so that worker processes can use it.

    Attributes:
        clips: their ids, shard by shard.
    """

    def __init__(self, paths: Iterable[Path | str]) -> None:
        """Opens shards.

        Args:
            paths: the .npy files, each with its index (.csv) beside it.

        Raises:
            InputError: a shard or its index is missing or damaged, or a clip is in two shards.
        """
        self._paths = [Path(path) for path in paths]
        self._rows: dict[str, tuple[int, int, int, tuple[int, int, int]]] = {}
        self._timings: dict[str, Timing] = {}
        self._ends: dict[str, np.ndarray] = {}
        for shard, path in enumerate(self._paths):
            for row in _read_index(path.with_suffix(".csv")).itertuples():
                if row.clip in self._rows:
                    raise InputError(
                        f"{path}: clip {row.clip} is in another shard too; make both again"
                    )
                size = (row.height, row.width, row.channels)
                self._rows[row.clip] = (shard, row.offset, row.frames, size)
                self._timings[row.clip] = _timing_of(row)
                if row.jpeg_bytes:
                    sizes = np.array(row.jpeg_bytes.split(), dtype=np.int64)
                    self._ends[row.clip] = np.concatenate([[0], np.cumsum(sizes)])
        self.clips = list(self._rows)
        self._open()

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in ("_maps", "_uses")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    def __len__(self) -> int:
        """Number of clips."""
        return len(self._rows)

    def length(self, clip: str) -> int:
        """Number of frames of a clip."""
        return self._rows[clip][2]

    def timing(self, clip: str) -> Timing:
        """When the frames of a clip are shown."""
        return self._timings[clip]

    def size(self, clip: str) -> tuple[int, int, int]:
        """Height in px, width in px and channels of a clip's frames."""
        return self._rows[clip][3]

    def frames(
        self, clip: str, indices: np.ndarray | list[int], window: Window | None = None
    ) -> np.ndarray:
        """Copies frames of a clip.

        Args:
            clip: its id.
            indices: frames [T], 0..length-1, in any order, repeats allowed.
            window: the part of each that is wanted; None for all of it.

        Returns:
            uint8 [T, h, w, C].

        Raises:
            KeyError: no such clip.
            IndexError: no such frame.
        """
        if clip in self._ends:
            return self._decoded(clip, np.asarray(indices), window)
        shard, offset, length, size = self._rows[clip]
        flat = self._maps[shard][offset : offset + length * int(np.prod(size))]
        whole = np.asarray(flat).reshape(length, *size)
        frames = whole[(np.asarray(indices, dtype=np.int64), *(window or ()))]
        self._uses[shard].add(frames.nbytes)
        return frames

    def _decoded(self, clip: str, indices: np.ndarray, window: Window | None) -> np.ndarray:
        shard, offset, _, size = self._rows[clip]
        ends = offset + self._ends[clip]
        frames = []
        for index in indices:
            data = self._maps[shard][ends[index] : ends[index + 1]]
            frame = self._decode(data, f"frame {index} of clip {clip}", shard, size)
            frames.append(frame[window] if window else frame)
            self._uses[shard].add(data.nbytes)
        return np.stack(frames)

    def _decode(
        self, data: np.ndarray, name: str, shard: int, size: tuple[int, int, int]
    ) -> np.ndarray:
        try:
            frame = decode(data)
        except ValueError as error:
            raise _damaged(self._paths[shard], f"{name}: {error}") from error
        if frame.shape != size:
            raise _damaged(self._paths[shard], f"{name}: found {frame.shape}, expected {size}")
        return frame

    def _open(self) -> None:
        self._maps = [self._map(path) for path in self._paths]
        self._uses = [MapUse(shard) for shard in self._maps]
        for clip, (shard, offset, length, size) in self._rows.items():
            used = self._ends[clip][-1] if clip in self._ends else length * np.prod(size)
            if offset + used > len(self._maps[shard]):
                raise _damaged(self._paths[shard], f"it ends within clip {clip}")

    def _map(self, path: Path) -> np.ndarray:
        try:
            return np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {error}; delete it and run again") from error


def _damaged(path: Path, what: str) -> InputError:
    return InputError(f"{path}: damaged: {what}; delete it and run again")


def _read_index(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(
            path, dtype={"clip": str, TIMES: str, JPEG_BYTES: str}, keep_default_na=False
        )
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}; delete it and run again") from error
    for further in (TIMES, JPEG_BYTES):
        if further not in table:
            table[further] = ""
    if set(table.columns) != {*COLUMNS, TIMES, JPEG_BYTES}:
        raise InputError(f"{path}: not an index of frames; delete it and run again")
    return table


def clip_length(frames: Sequence[Path], clips: pd.DataFrame) -> ClipLength:
    """Stored frames of the training clips, and their rate in Hz (None if unknown)."""
    index = pd.concat([pd.read_csv(path.with_suffix(".csv")) for path in frames])
    index = index[index["clip"].isin(clips["clip"][clips["split"] == "train"])]
    fps = index["fps"].median()
    return ClipLength(
        median_frames=float(index["frames"].median()),
        longest_frames=float(index["frames"].max()),
        fps=None if pd.isna(fps) else float(fps),
    )
