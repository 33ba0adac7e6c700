"""Reads the frames of a clip: a video file, a folder of images, or a .mat file of depth maps."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import compress, islice
from pathlib import Path

import av
import numpy as np
from PIL import Image

from sakdn.base.errors import InputError
from sakdn.data.readers.decoding import Scaler, Source
from sakdn.data.readers.depth import grey_of_depth
from sakdn.data.readers.image_folder import MAX_PIXELS, image_files, read_image
from sakdn.data.readers.matfile import find_variable, load_array
from sakdn.data.readers.shown import Shown, glance, look_at
from sakdn.data.readers.span import Span
from sakdn.data.readers.timing import Timing
from sakdn.options.frames import FramesOptions

BLOCK_FRAMES = 64
LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


@dataclass(frozen=True)
class ClipPlan:
    """What reading a clip will give.

    Attributes:
        indices: frames of the file that are kept, ascending.
        height: in px.
        width: in px.
        channels: 3 (RGB) or 1 (grey).
        timing: when the kept frames are shown.
        shown: the video as a player shows it; None for images and depth maps.
    """

    indices: np.ndarray
    height: int
    width: int
    channels: int
    timing: Timing
    shown: Shown | None = None

    @property
    def raw_bytes(self) -> int:
        """Size of the kept frames as they are."""
        return len(self.indices) * self.height * self.width * self.channels

    @property
    def fps(self) -> float | None:
        """Frame rate of the file in Hz, the mean where it is uneven; None if it does not say."""
        return self.timing.rate_hz


def check_opens(path: Path | str) -> None:
    """Reads a video's packets and decodes its first frame; finds a depth clip (.mat) unread.

    Of a folder of images the first is decoded.

    Raises:
        InputError: missing, empty, damaged as far as packets say, not a video, or without frames.
    """
    path = Path(path)
    if path.is_dir():
        read_image(image_files(path)[0], "grey")
    elif path.suffix == ".mat":
        find_variable(path, None, 3)
    else:
        seen = glance(path)
        refuse_damage(path, seen.wrong)
        check_pixels(path, seen.first)


def refuse_damage(path: Path, wrong: Sequence[str]) -> None:
    """Raises an InputError where something is wrong with a file."""
    if wrong:
        raise InputError(f"{path}: damaged: found {', '.join(wrong)}; copy it again")


def check_pixels(path: Path, frame: av.VideoFrame) -> None:
    """Raises an InputError for a frame whose pixels are of a kind that has no colours."""
    Scaler(path, frame.width, frame.height).rgb(frame)


def opened(path: Path | str) -> AbstractContextManager[Source | None]:
    """A context: a video file that is open to be planned and then read; None for other clips.

    Raises:
        InputError: missing, empty, or not a video.
    """
    path = Path(path)
    return nullcontext() if path.is_dir() or path.suffix == ".mat" else Source(path)


def plan_clip(path: Path | str, options: FramesOptions, source: Source | None = None) -> ClipPlan:
    """Looks at a clip, as a rule without decoding more than its first frame.

    Args:
        path: file or folder of the clip.
        options: size, colour and number of frames.
        source: the file, just opened, which `read_clip` then needs not do again.

    Raises:
        InputError: missing, empty, damaged or truncated file, or a folder without images.
    """
    path = Path(path)
    if source is None:
        with opened(path) as source:
            timing, size, shown = _looked_at(path, source)
    else:
        timing, size, shown = _looked_at(path, source)
    width, height = stored_size(path, *size, options)
    kept = timing.evenly(options.max_frames)
    return ClipPlan(
        indices=kept,
        height=height,
        width=width,
        channels=3 if options.color == "rgb" else 1,
        timing=timing.of(kept),
        shown=shown,
    )


def stored_size(
    path: Path | str, width: int, height: int, options: FramesOptions
) -> tuple[int, int]:
    """Width and height in px to which frames of this size are brought.

    Raises:
        InputError: they would become too large.
    """
    scale = options.short_side_px / min(height, width)
    if scale * scale * height * width > MAX_PIXELS:
        raise InputError(
            f"{path}: found {width} x {height} px, whose shorter side cannot become"
            f" {options.short_side_px} px within {MAX_PIXELS} px; cut the frames or set"
            " frames.short_side_px"
        )
    return round(width * scale), round(height * scale)


def plan_clips(
    path: Path | str,
    spans: Sequence[Span | None],
    options: FramesOptions,
    source: Source | None = None,
) -> list[ClipPlan]:
    """Plans of the clips that are these spans of a file, which is looked at once.

    Raises:
        InputError: as `plan_clip`, or the file does not hold a span.
    """
    whole = plan_clip(path, options.model_copy(update={"max_frames": None}), source)
    return [part_of(path, whole, span, options.max_frames) for span in spans]


def part_of(
    path: Path | str, whole: ClipPlan, span: Span | None, max_frames: int | None
) -> ClipPlan:
    """Plan of a span (None: of everything) from that of all frames of a file.

    Raises:
        InputError: the file does not hold the span.
    """
    timing = whole.timing
    frames = whole.indices if span is None else frames_of(path, timing, span)
    kept = frames[timing.of(frames).evenly(max_frames)]
    return replace(whole, indices=kept, timing=timing.of(kept))


def frames_of(path: Path | str, timing: Timing, span: Span) -> np.ndarray:
    """Indices of the frames of a span.

    Raises:
        InputError: the file does not hold the span, or no frame begins in it.
    """
    span.check(path, timing.end_s(timing.frames))
    frames = span.inside(timing.begins_s())
    if not len(frames):
        raise InputError(
            f"{path}: found no frame from {span.start_s:g} to {span.end_s:g} s; correct start_s and"
            " end_s"
        )
    return frames


def _looked_at(path: Path, source: Source | None) -> tuple[Timing, tuple[int, int], Shown | None]:
    """Timing, width and height of all frames of a clip; how a video file is shown."""
    if source:
        shown = look_at(source, path)
        refuse_damage(path, shown.wrong)
        return shown.timing, (shown.width, shown.height), shown
    if path.is_dir():
        files = image_files(path)
        height, width = read_image(files[0], "grey").shape
        return Timing(len(files), None), (width, height), None
    _, (height, width, frames) = find_variable(path, None, 3)
    return Timing(frames, None), (width, height), None


def read_clip(
    path: Path | str, plan: ClipPlan, options: FramesOptions, source: Source | None = None
) -> Iterator[np.ndarray]:
    """Decodes a clip in this thread, a few frames at a time.

    Args:
        path: file or folder of the clip.
        plan: of `plan_clip` with the same options.
        options: size and colour.
        source: the file as `plan_clip` left it.

    Returns:
        Blocks uint8 [n, height, width, channels] for the next n of `plan.indices`.

    Raises:
        InputError: the file cannot be decoded or holds other frames than planned.
    """
    path = Path(path)
    if path.is_dir():
        return _image_blocks(path, plan, options)
    if path.suffix == ".mat":
        return _depth_blocks(path, plan, options)
    return _video_blocks(path, plan, options, source)


def _video_blocks(
    path: Path, plan: ClipPlan, options: FramesOptions, left: Source | None
) -> Iterator[np.ndarray]:
    """Decodes to the end, whatever is kept: damage is refused wherever it is."""
    shown = plan.shown
    assert shown is not None  # `plan_clip` looked at the file.
    scaler = Scaler(path, *shown.orientation.size(plan.width, plan.height))
    keep = np.zeros(shown.timing.frames, bool)
    keep[plan.indices] = True
    context: AbstractContextManager[Source] = (
        Source(path) if left is None or left.spent else nullcontext(left)
    )
    with context as source:
        frames = source.frames()
        kept = compress(frames, keep.tolist())
        for start in range(0, len(plan.indices), BLOCK_FRAMES):
            count = min(BLOCK_FRAMES, len(plan.indices) - start)
            block = np.empty((count, plan.height, plan.width, plan.channels), np.uint8)
            filled = 0
            with source.heard():
                for filled, frame in enumerate(islice(kept, count), start=1):
                    rgb = shown.orientation.apply(scaler.rgb(frame))
                    block[filled - 1] = as_stored(rgb, options)
            yield block[:filled]
        with source.heard():
            for _ in frames:
                pass
        refuse_damage(path, source.wrong(shown.timing.frames))


def as_stored(block: np.ndarray, options: FramesOptions) -> np.ndarray:
    """Frames uint8 [..., H, W, 3] as uint8 [..., H, W, channels]."""
    if options.color == "rgb":
        return block
    grey = block.astype(np.float32) @ LUMA
    return np.rint(grey, out=grey).astype(np.uint8)[..., None]


def _resized(frames: Iterable[np.ndarray], plan: ClipPlan) -> np.ndarray:
    """Brings uint8 frames [h, w] or [h, w, 3] to the plan's size; stacks them."""
    size = (plan.width, plan.height)
    images = [Image.fromarray(frame).resize(size, Image.Resampling.BILINEAR) for frame in frames]
    return np.stack([np.asarray(image) for image in images])


def _image_blocks(folder: Path, plan: ClipPlan, options: FramesOptions) -> Iterator[np.ndarray]:
    files, size = image_files(folder), None
    if len(files) <= plan.indices[-1]:
        raise InputError(f"{folder}: found {len(files)} images, expected those that were counted")
    for start in range(0, len(plan.indices), BLOCK_FRAMES):
        chosen = [files[index] for index in plan.indices[start : start + BLOCK_FRAMES]]
        frames = [read_image(file, options.color, options.depth_range_mm) for file in chosen]
        for file, frame in zip(chosen, frames):
            size = size or frame.shape
            if frame.shape != size:
                raise InputError(
                    f"{file}: is of {frame.shape[1]} x {frame.shape[0]} px, expected"
                    f" {size[1]} x {size[0]} as the images before it; remove or resize it"
                )
        yield _resized(frames, plan).reshape(-1, plan.height, plan.width, plan.channels)


def _depth_blocks(path: Path, plan: ClipPlan, options: FramesOptions) -> Iterator[np.ndarray]:
    maps = load_array(path, None, 3)
    for start in range(0, len(plan.indices), BLOCK_FRAMES):
        depth = maps[:, :, plan.indices[start : start + BLOCK_FRAMES]]
        grey = grey_of_depth(depth, options.depth_range_mm)
        small = _resized(np.moveaxis(grey, 2, 0), plan)
        yield np.repeat(small[..., None], plan.channels, axis=3)
