"""Batches of video clips: frames chosen, cut and normalised; the same for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from sakdn.models.frame_backbones import kind_of
from sakdn.models.pixels import normalise
from sakdn.options.student import StudentView
from sakdn.students.frames.crops import train_pixels
from sakdn.students.frames.flips import flippable
from sakdn.students.frames.reading import CutClip, read_eval_clip, read_train_clip
from sakdn.students.frames.stored import FrameStore
from sakdn.training.batches import clip_rng


class CutBatch(NamedTuple):
    """Clips of a batch as they are read: `rows` and `windows` [N] as of `ClipBatch`."""

    rows: np.ndarray
    windows: np.ndarray
    clips: list[CutClip]


@dataclass
class ClipBatch:
    """Clips of a batch.

    Attributes:
        rows: of the clips table [N].
        windows: which cut of each clip [N].
        clips: normalised frames [N, T, channels, size, size].
        labels: [N].
        moments: when each frame is, as a fraction of the whole clip [N, T].
    """

    rows: np.ndarray
    windows: np.ndarray
    clips: torch.Tensor
    labels: torch.Tensor
    moments: torch.Tensor


class ClipBatches:
    """Reads clips from the frame store."""

    def __init__(
        self,
        frames: Sequence[Path],
        clips: Sequence[str],
        labels: np.ndarray,
        names: Sequence[str],
        view: StudentView,
        device: torch.device,
        workers: int = 0,
    ) -> None:
        """Opens the store.

        Args:
            frames: shards of the frame store.
            clips: ids of the clips table, in its order.
            labels: of the same rows.
            names: class names.
            view: frames, crop and pixels.
            device: where batches go.
            workers: processes that read, see `supply`.
        """
        self.store, self.clips, self.labels = FrameStore(frames), list(clips), labels
        self.view, self.device, self.workers = view, device, workers
        self.mirrored = flippable(names, view.flip)

    def train_batch(
        self, rows: np.ndarray, windows: np.ndarray, cuts: np.ndarray, seed: int, epoch: int
    ) -> ClipBatch:
        """Clips `rows` [N] cut to [start, end] fractions `cuts` [N, 2], randomly viewed."""
        return self.finish(self.read_train(rows, windows, cuts, seed, epoch))

    def eval_batch(self, rows: np.ndarray) -> ClipBatch:
        """Whole clips `rows` [N], middle frames, centre crop."""
        return self.finish(self.read_eval(rows))

    def read_train(
        self, rows: np.ndarray, windows: np.ndarray, cuts: np.ndarray, seed: int, epoch: int
    ) -> CutBatch:
        """The part of `train_batch` that needs no device."""
        clips = []
        for row, (start, end) in zip(rows, cuts, strict=True):
            mirrored, rng = self.labels[row] in self.mirrored, clip_rng(seed, epoch, row)
            clip = read_train_clip(
                self.store, self.clips[row], (start, end), self.view, rng, mirrored
            )
            clips.append(clip if self.resizes else self._resized(clip))
        return CutBatch(rows, windows, clips)

    def read_eval(self, rows: np.ndarray) -> CutBatch:
        """The part of `eval_batch` that needs no device."""
        clips = [read_eval_clip(self.store, self.clips[row], self.view) for row in rows]
        return CutBatch(rows, np.zeros(len(rows), int), clips)

    def finish(self, batch: CutBatch) -> ClipBatch:
        """Brings a batch to the device, resizes what is not yet resized, and normalises."""
        clips = [clip._replace(pixels=self._sent(clip.pixels)) for clip in batch.clips]
        pixels = torch.stack([self._resized(clip).pixels for clip in clips])
        moments = self._sent(torch.stack([clip.moments for clip in clips]))
        labels = self._sent(torch.from_numpy(self.labels[batch.rows]))
        return ClipBatch(
            batch.rows, batch.windows, network_input(pixels, self.view), labels, moments
        )

    @property
    def resizes(self) -> bool:
        """Whether training frames are resized on the device, which a GPU does in no time."""
        return self.device.type != "cpu"

    def _sent(self, values: torch.Tensor) -> torch.Tensor:
        return values.to(self.device, non_blocking=True)

    def _resized(self, clip: CutClip) -> CutClip:
        pixels = train_pixels(clip.pixels, self.view.size_px, clip.flip)
        return clip._replace(pixels=pixels, flip=False)


def network_input(pixels: torch.Tensor, view: StudentView) -> torch.Tensor:
    """Turns cut frames into what the student's backbone takes.

    Args:
        pixels: uint8 [N, frames read, channels, size, size], see `sampling.with_previous`.
        view: of the student.

    Returns:
        float32 [N, T, channels, size, size]; frames come before their differences.
    """
    clips = normalise(pixels, kind_of(view.backbone).pixels)
    if view.input == "frames":
        return _foreground(clips, view)
    before, clips = clips.chunk(2, 1)
    differences = clips - before
    if view.input == "difference":
        return differences
    return torch.cat([_foreground(clips, view), differences], 2)


def _foreground(clips: torch.Tensor, view: StudentView) -> torch.Tensor:
    if view.background == "subtract":
        return clips - clips.mean(1, keepdim=True)
    return clips
