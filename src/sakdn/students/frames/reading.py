"""Clips read from the frame store: frames chosen and cut, still uint8 and on the CPU."""

from typing import NamedTuple

import numpy as np
import torch

from sakdn.data.clips.windows import cut
from sakdn.data.readers.timing import Timing
from sakdn.options.student import StudentView
from sakdn.students.frames.crops import centre, eval_pixels
from sakdn.students.frames.sampling import (
    draw_crop,
    drawn_by,
    eval_indices,
    train_indices,
    with_previous,
)
from sakdn.students.frames.stored import FrameStore, Window


class CutClip(NamedTuple):
    """What is seen of a clip.

    Attributes:
        pixels: uint8 [frames read, channels, h, w], cut but perhaps not yet resized.
        flip: whether it is to be mirrored.
        moments: when each frame is, as a fraction of the whole clip [T].
    """

    pixels: torch.Tensor
    flip: bool
    moments: torch.Tensor


def read_eval_clip(store: FrameStore, clip: str, view: StudentView) -> CutClip:
    """The whole clip: middle frames, centre crop."""
    timing = store.timing(clip)
    indices = eval_indices(timing.frames, view.segments, timing.starts())
    read = with_previous(indices, view.input)
    height, width, _ = store.size(clip)
    if min(height, width) == view.short_side_px:
        pixels = _frames(store, clip, read, centre(height, width, view.size_px))
    else:
        frames = _frames(store, clip, read)
        pixels = eval_pixels(frames, view.short_side_px, view.size_px)
    return CutClip(pixels, False, moments_of(indices, timing))


def read_train_clip(
    store: FrameStore,
    clip: str,
    window: tuple[float, float],
    view: StudentView,
    rng: np.random.Generator,
    mirrored: bool,
) -> CutClip:
    """A clip randomly viewed.

    Args:
        store: of frames.
        clip: its id.
        window: [start, end] of the part that is seen, as fractions.
        view: frames, crop and pixels.
        rng: of this clip in this epoch.
        mirrored: whether it may be.
    """
    timing = store.timing(clip)
    start, end = window
    moments = None if timing.times_s is None else timing.moments()
    part = cut((start, end), timing.frames, moments)
    draw = drawn_by(rng)
    starts = timing.starts(part.start, part.stop)
    indices = part.start + train_indices(part.stop - part.start, view.segments, draw, starts)
    height, width, _ = store.size(clip)
    crop = draw_crop(width, height, view.size_px, draw)
    flip = bool(rng.integers(2)) and mirrored
    pixels = _frames(store, clip, with_previous(indices, view.input), crop.window)
    return CutClip(pixels, flip, moments_of(indices, timing))


def _frames(
    store: FrameStore, clip: str, indices: np.ndarray, window: Window | None = None
) -> torch.Tensor:
    """Stored frames, uint8 [T, channels, H, W]."""
    return torch.from_numpy(store.frames(clip, indices, window)).permute(0, 3, 1, 2)


def moments_of(indices: np.ndarray, timing: Timing) -> torch.Tensor:
    """Middles of frames `indices` [T] as fractions of a clip."""
    return torch.from_numpy(timing.moments()[indices]).float()
