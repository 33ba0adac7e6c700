"""A video file as a student sees it: one clip, or many windows of a longer recording."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from sakdn.base.errors import InputError
from sakdn.data.readers.timing import Timing
from sakdn.data.readers.video import ClipPlan, part_of, plan_clip, read_clip
from sakdn.options.frames import FramesOptions
from sakdn.options.student import StudentView
from sakdn.students.about import ClipLength, StudentAbout
from sakdn.students.frames.batches import network_input
from sakdn.students.frames.crops import eval_pixels
from sakdn.students.frames.sampling import eval_indices, with_previous

# A video up to so many times the longest training clip is one clip, as in the evaluation.
LONGEST_CLIP = 1.5


@dataclass(frozen=True)
class WindowLength:
    """Length and distance of windows in seconds; None: as the training clips were."""

    window_s: float | None = None
    stride_s: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("--window-s", self.window_s), ("--stride-s", self.stride_s)):
            if value is not None and not value > 0:
                raise InputError(f"{name}: found {value}, expected a number above 0")


@dataclass(frozen=True)
class VideoWindows:
    """What is seen of a video.

    Attributes:
        path: its file.
        plan: frames to decode.
        options: how they are decoded.
        timing: of all frames of the file.
        windows: first and last + 1 frame of every window.
        seen: per window, the places in `plan.indices` of the frames that are read, as
            `sampling.with_previous` gives them: the first of all first, the last last.
    """

    path: Path
    plan: ClipPlan
    options: FramesOptions
    timing: Timing
    windows: list[tuple[int, int]]
    seen: list[np.ndarray]

    @property
    def seconds(self) -> float | None:
        """Length; None where the file has no times."""
        return self.timing.end_s(self.timing.frames)

    def span_s(self, window: tuple[int, int]) -> tuple[float | None, float | None]:
        """When a window begins and ends; None where the file has no times."""
        return self.timing.begin_s(window[0]), self.timing.end_s(window[1])


def plan_windows(path: Path, about: StudentAbout, length: WindowLength) -> VideoWindows:
    """Looks at a video and cuts it, without decoding it.

    Raises:
        InputError: a missing or damaged video, or one without frame rate and `window_s` given.
    """
    options, segments, sees = about.stored, about.view.segments, about.view.input
    whole = plan_clip(path, options.model_copy(update={"max_frames": None}))
    frames = len(whole.indices)
    trained = None if options.max_frames else about.clip_length
    size = _window_frames(path, whole, trained, length)
    if size is None or size >= frames:
        plan = part_of(path, whole, None, options.max_frames)
        middles = eval_indices(len(plan.indices), segments, plan.timing.starts())
        seen = [with_previous(middles, sees)]
        return VideoWindows(path, plan, options, whole.timing, [(0, frames)], seen)
    stride = size / 2 if length.stride_s is None else length.stride_s * (whole.fps or 1)
    windows = sliding(frames, size, max(1, round(stride)))
    seen = [
        with_previous(
            start + eval_indices(end - start, segments, whole.timing.starts(start, end)), sees
        )
        for start, end in windows
    ]
    return VideoWindows(path, whole, options, whole.timing, windows, seen)


def sliding(frames: int, size: int, stride: int) -> list[tuple[int, int]]:
    """Windows of `size` frames every `stride`; the last ends with the last frame."""
    starts = [*range(0, frames - size, stride), frames - size]
    return [(start, start + size) for start in starts]


def _window_frames(
    path: Path, plan: ClipPlan, trained: ClipLength | None, length: WindowLength
) -> int | None:
    """Frames of a window; None where the video is one clip.

    Args:
        path: for the error.
        plan: of all frames.
        trained: `clip_length` of the student's JSON; None where it is not that of whole clips.
        length: asked for.

    Raises:
        InputError: seconds asked for, but the video has no frame rate.
    """
    if length.window_s is None:
        if not trained:
            return None
        scale = plan.fps / trained.fps if plan.fps and trained.fps else 1.0
        if len(plan.indices) <= LONGEST_CLIP * scale * trained.longest_frames:
            return None
        return max(1, round(scale * trained.median_frames))
    if plan.fps is None:
        raise InputError(f"{path}: has no frame rate, so --window-s means nothing; leave it out")
    return max(1, round(length.window_s * plan.fps))


def read_windows(video: VideoWindows, about: StudentAbout) -> Iterator[torch.Tensor]:
    """Decodes a video once and yields its windows as the student sees them.

    Frames are kept only while a window still needs them, so memory does not grow with the video.
    All are decoded one after another, as when they were stored for training: seeking would give
    other frames in some files.

    Yields:
        Normalised float32 [T, channels, size, size].

    Raises:
        InputError: the video is damaged.
    """
    needed = np.unique(np.concatenate(video.seen))
    view, waiting, done = about.view, list(video.seen), 0
    kept: dict[int, np.ndarray] = {}
    for block in read_clip(video.path, video.plan, video.options):
        here = needed[(needed >= done) & (needed < done + len(block))]
        kept |= {int(place): block[place - done] for place in here}
        done += len(block)
        while waiting and waiting[0][-1] < done:
            yield as_seen([kept[int(place)] for place in waiting.pop(0)], view)
        first = waiting[0][0] if waiting else done
        kept = {place: frame.copy() for place, frame in kept.items() if place >= first}


def as_seen(frames: Sequence[np.ndarray], view: StudentView) -> torch.Tensor:
    """Stored frames uint8 [H, W, channels] to the student's input."""
    pixels = torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2)
    return network_input(eval_pixels(pixels, view.short_side_px, view.size_px)[None], view)[0]


class Prediction(NamedTuple):
    """What a student says of a video.

    Attributes:
        video: what was seen of it.
        windows: probabilities [windows, classes].
    """

    video: VideoWindows
    windows: np.ndarray

    @property
    def whole(self) -> np.ndarray:
        """Probabilities [classes] of the video, the mean over its windows."""
        return self.windows.mean(0)
