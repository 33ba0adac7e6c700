"""Reads the frames of a clip: a video file, a folder of images, or a .mat file of depth maps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import decord
import numpy as np
from PIL import Image

from sakdn.base.errors import InputError
from sakdn.data.readers.container import inspect_video
from sakdn.data.readers.image_folder import MAX_PIXELS, image_files, read_image
from sakdn.data.readers.matfile import find_variable, load_array
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
        fps: frame rate of the file in Hz; None where the file does not say.
    """

    indices: np.ndarray
    height: int
    width: int
    channels: int
    fps: float | None


def plan_clip(path: Path | str, options: FramesOptions) -> ClipPlan:
    """Looks at a clip without decoding more than its first frame.

    Raises:
        InputError: missing, empty, damaged or truncated file, or a folder without images.
    """
    path = Path(path)
    if path.is_dir():
        files = image_files(path)
        (height, width), frames, fps = read_image(files[0], "grey").shape, len(files), None
    elif path.suffix == ".mat":
        _, (height, width, frames) = find_variable(path, None, 3)
        fps = None
    else:
        info = inspect_video(path)
        height, width, frames, fps = info.height, info.width, info.frames, info.fps
    scale = options.short_side_px / min(height, width)
    if scale * scale * height * width > MAX_PIXELS:
        raise InputError(
            f"{path}: found {width} x {height} px, whose shorter side cannot become"
            f" {options.short_side_px} px within {MAX_PIXELS} px; cut the frames or set"
            " frames.short_side_px"
        )
    return ClipPlan(
        indices=_evenly(frames, options.max_frames),
        height=round(height * scale),
        width=round(width * scale),
        channels=3 if options.color == "rgb" else 1,
        fps=fps,
    )


def read_clip(path: Path | str, plan: ClipPlan, options: FramesOptions) -> Iterator[np.ndarray]:
    """Decodes a clip in this thread, a few frames at a time.

    Args:
        path: file or folder of the clip.
        plan: of `plan_clip` with the same options.
        options: size and colour.

    Returns:
        Blocks uint8 [n, height, width, channels] for the next n of `plan.indices`.

    Raises:
        InputError: the file cannot be decoded or holds fewer frames than planned.
    """
    path = Path(path)
    if path.is_dir():
        return _image_blocks(path, plan, options)
    if path.suffix == ".mat":
        return _depth_blocks(path, plan, options)
    return _video_blocks(path, plan, options)


def _evenly(frames: int, at_most: int | None) -> np.ndarray:
    if at_most is None or at_most >= frames:
        return np.arange(frames)
    return np.linspace(0, frames - 1, at_most).round().astype(np.int64)


def _video_blocks(path: Path, plan: ClipPlan, options: FramesOptions) -> Iterator[np.ndarray]:
    try:
        reader = decord.VideoReader(
            str(path.absolute()),
            ctx=decord.cpu(0),
            width=_decoder_width(plan.width),
            height=plan.height,
            num_threads=1,
        )
        if len(reader) <= plan.indices[-1]:
            raise InputError(f"{path}: damaged: {len(reader)} frames can be read; copy it again")
        # All frames from the first on: where a container stores no presentation times (AVI), decord
        # silently gives other frames than those that it skips to.
        for start in range(0, plan.indices[-1] + 1, BLOCK_FRAMES):
            stop = min(start + BLOCK_FRAMES, plan.indices[-1] + 1)
            wanted = plan.indices[(plan.indices >= start) & (plan.indices < stop)]
            block = reader.get_batch(range(start, stop)).asnumpy()[wanted - start]
            if not len(block):
                continue
            if block.shape[2] != plan.width:
                block = _resized(block, plan)
            yield block if options.color == "rgb" else _luma(block)
    except (decord.DECORDError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[-1]
        raise InputError(f"{path}: cannot be decoded ({reason}); copy it again") from error


def _decoder_width(width: int) -> int:
    """Width to ask of decord 0.6, which fails where the width divides its padded row.

    FFmpeg pads rows to a multiple that depends on the processor; multiples of 64 need no padding.
    """
    for step in (2, 4, 8, 16, 32, 64):
        padded = -(-width // step) * step
        if padded != width and 3 * padded % width == 0:
            return -(-width // 64) * 64
    return width


def _resized(frames: Iterable[np.ndarray], plan: ClipPlan) -> np.ndarray:
    """Brings uint8 frames [h, w] or [h, w, 3] to the plan's size; stacks them."""
    size = (plan.width, plan.height)
    images = [Image.fromarray(frame).resize(size, Image.Resampling.BILINEAR) for frame in frames]
    return np.stack([np.asarray(image) for image in images])


def _luma(block: np.ndarray) -> np.ndarray:
    """Grey of RGB frames [n, H, W, 3] -> [n, H, W, 1]."""
    return np.rint(block @ LUMA).astype(np.uint8)[..., None]


def _image_blocks(folder: Path, plan: ClipPlan, options: FramesOptions) -> Iterator[np.ndarray]:
    files, size = image_files(folder), None
    if len(files) <= plan.indices[-1]:
        raise InputError(f"{folder}: found {len(files)} images, expected those that were counted")
    for start in range(0, len(plan.indices), BLOCK_FRAMES):
        chosen = [files[index] for index in plan.indices[start : start + BLOCK_FRAMES]]
        frames = [read_image(file, options.color) for file in chosen]
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
    near, far = options.depth_range_mm
    for start in range(0, len(plan.indices), BLOCK_FRAMES):
        depth = maps[:, :, plan.indices[start : start + BLOCK_FRAMES]].astype(np.float32)
        bright = np.clip(1 + 254 * (far - depth) / (far - near), 1, 255)
        grey = np.where(depth > 0, bright, 0).round().astype(np.uint8)
        small = _resized(np.moveaxis(grey, 2, 0), plan)
        yield np.repeat(small[..., None], plan.channels, axis=3)
