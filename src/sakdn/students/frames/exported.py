"""What an exported student is given of a clip, by what its file says; without PyTorch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sakdn.data.readers.video import plan_clip, read_clip
from sakdn.options.frames import FramesOptions
from sakdn.students.frames.sampling import eval_indices, with_previous

KEPT = ("color", "max_frames", "depth_range_mm")


def exported_input(path: Path | str, how: Mapping[str, Any]) -> np.ndarray:
    """The input of an exported student for a clip, the same frames as `predict` takes.

    Args:
        path: video, folder of images or depth maps.
        how: `preprocessing` of the exported file.

    Returns:
        float [1, segments, channels, H, W].

    Raises:
        InputError: the clip cannot be read.
    """
    options = FramesOptions.model_validate(
        {key: how[key] for key in KEPT} | {"short_side_px": how["decode_short_side_px"]}
    )
    plan = plan_clip(path, options)
    stored = np.concatenate(list(read_clip(path, plan, options)))
    middles = eval_indices(len(stored), how["segments"], plan.timing.starts())
    clip = _cut(stored[with_previous(middles, how["sees"])], how)
    differences = clip[len(middles) :] - clip[: -len(middles)]  # None where frames alone are seen.
    clip = clip[-len(middles) :]
    if how["background"] == "subtract":
        clip = clip - clip.mean(0)
    sees = {"frames": [clip], "difference": [differences], "both": [clip, differences]}
    return np.concatenate(sees[how["sees"]], -1).transpose(0, 3, 1, 2)[None]


def _cut(frames: np.ndarray, how: Mapping[str, Any]) -> np.ndarray:
    """Frames [N, h, w, channels] resized, cut from their middle and normalised."""
    short, side = how["resize_short_side_px"], how["centre_crop_px"]
    height, width = frames.shape[1:3]
    size = (width * short // min(width, height), height * short // min(width, height))
    left, top = (round((px - side) / 2) for px in size)
    box = (left, top, left + side, top + side)
    pictures = (
        Image.fromarray(f.squeeze()).resize(size, Image.Resampling.BILINEAR) for f in frames
    )
    clip = np.stack([np.array(each.crop(box)).reshape(side, side, -1) for each in pictures])
    clip = clip[..., ::-1] if how["channel_order"] == "BGR" else clip
    return (clip - np.float32(how["mean"])) / np.float32(how["std"])
