"""Batches of video clips: frames chosen, cut and normalised; the same for the same seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from sakdn.data.clips.windows import cut
from sakdn.data.readers.timing import Timing
from sakdn.models.frame_backbones import kind_of
from sakdn.models.pixels import normalise
from sakdn.options.student import StudentView
from sakdn.students.frames.crops import eval_pixels, train_pixels
from sakdn.students.frames.flips import flippable
from sakdn.students.frames.sampling import (
    draw_crop,
    drawn_by,
    eval_indices,
    train_indices,
    with_previous,
)
from sakdn.students.frames.stored import FrameStore
from sakdn.training.batches import clip_rng

# Pixels uint8 [frames read, channels, size, size] and moments [T] of a clip.
Part = tuple[torch.Tensor, torch.Tensor]


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
    ) -> None:
        """Opens the store.

        Args:
            frames: shards of the frame store.
            clips: ids of the clips table, in its order.
            labels: of the same rows.
            names: class names.
            view: frames, crop and pixels.
            device: where batches go.
        """
        self.store, self.clips, self.labels = FrameStore(frames), list(clips), labels
        self.view, self.device = view, device
        self.mirrored = flippable(names, view.flip)

    def train_batch(
        self, rows: np.ndarray, windows: np.ndarray, cuts: np.ndarray, seed: int, epoch: int
    ) -> ClipBatch:
        """Clips `rows` [N] cut to [start, end] fractions `cuts` [N, 2], randomly viewed."""
        parts = [
            self._train_clip(row, window, clip_rng(seed, epoch, row))
            for row, window in zip(rows, cuts, strict=True)
        ]
        return self._batch(rows, windows, parts)

    def eval_batch(self, rows: np.ndarray) -> ClipBatch:
        """Whole clips `rows` [N], middle frames, centre crop."""
        parts = []
        for row in rows:
            clip = self.clips[row]
            timing = self.store.timing(clip)
            indices = eval_indices(timing.frames, self.view.segments, timing.starts())
            frames = self._frames(clip, with_previous(indices, self.view.input))
            pixels = eval_pixels(frames, self.view.short_side_px, self.view.size_px)
            parts.append((pixels, moments_of(indices, timing)))
        return self._batch(rows, np.zeros(len(rows), int), parts)

    def _train_clip(self, row: int, window: np.ndarray, rng: np.random.Generator) -> Part:
        clip = self.clips[row]
        timing = self.store.timing(clip)
        start, end = window
        moments = None if timing.times_s is None else timing.moments()
        part = cut((start, end), timing.frames, moments)
        draw = drawn_by(rng)
        starts = timing.starts(part.start, part.stop)
        drawn = train_indices(part.stop - part.start, self.view.segments, draw, starts)
        indices = part.start + drawn
        frames = self._frames(clip, with_previous(indices, self.view.input))
        height, width = frames.shape[-2:]
        crop = draw_crop(width, height, self.view.size_px, draw)
        flip = bool(rng.integers(2)) and self.labels[row] in self.mirrored
        pixels = train_pixels(frames, crop, self.view.size_px, flip)
        return pixels, moments_of(indices, timing)

    def _frames(self, clip: str, indices: np.ndarray) -> torch.Tensor:
        """Stored frames, uint8 [T, channels, H, W]."""
        return torch.from_numpy(self.store.frames(clip, indices)).permute(0, 3, 1, 2)

    def _batch(self, rows: np.ndarray, windows: np.ndarray, parts: list[Part]) -> ClipBatch:
        pixels, moments = (torch.stack(each).to(self.device) for each in zip(*parts))
        labels = torch.from_numpy(self.labels[rows]).to(self.device)
        return ClipBatch(rows, windows, network_input(pixels, self.view), labels, moments)


def moments_of(indices: np.ndarray, timing: Timing) -> torch.Tensor:
    """Middles of frames `indices` [T] as fractions of a clip."""
    return torch.from_numpy(timing.moments()[indices]).float()


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
