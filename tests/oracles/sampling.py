"""Checks of `frame_sampling_*`, `crop_sampling_*` and `pixels_eval_*`."""

import random
import re
from pathlib import Path

import numpy as np
import torch

from sakdn.models.pixels import CAFFE, normalise
from sakdn.students.frames.crops import eval_pixels
from sakdn.students.frames.sampling import (
    crop_offsets,
    crop_sizes,
    draw_crop,
    eval_indices,
    train_indices,
)

SIZE_PX, SHORT_SIDE_PX = 224, 256


def check_frame_sampling(path: Path) -> None:
    oracle = np.load(path)
    kinds = [re.fullmatch(r"train_(.*_(\d+)seg)", key) for key in oracle.files]
    kinds = [match for match in kinds if match]
    assert kinds
    for kind in kinds:
        segments, first = int(kind[2]), 1 if "one_based" in kind[1] else 0
        np.random.seed(int(oracle["numpy_legacy_seed"]))
        rows = zip(
            *(
                oracle[f"{rule}_{kind[1]}"] - first
                for rule in ("train", "eval_used", "test_mode_unused")
            )
        )
        for frames, (train, used, unused) in zip(oracle["frame_counts"].tolist(), rows):
            ours = train_indices(
                frames, segments, lambda high, count: np.random.randint(high, size=count)
            )
            middles = eval_indices(frames, segments)
            np.testing.assert_array_equal(middles, unused)
            np.testing.assert_array_equal(middles if frames > segments else 0 * middles, used)
            np.testing.assert_array_equal(ours if frames >= segments else 0 * ours, train)


def check_crop_sampling(path: Path) -> None:
    oracle = np.load(path)
    sizes = [key.rsplit("_", 1)[1] for key in oracle.files if key.startswith("sampled_")]
    assert sizes
    for size in sizes:
        width, height = map(int, size.split("x"))
        candidates = oracle[f"candidate_crops_wh_{size}"]
        np.testing.assert_array_equal(crop_sizes(width, height, SIZE_PX), candidates)
        for key in oracle.files:
            if crop := re.fullmatch(rf"offsets_xy_{size}_crop(\d+)x(\d+)", key):
                found = crop_offsets(width, height, int(crop[1]), int(crop[2]))
                np.testing.assert_array_equal(found, oracle[key])
        random.seed(int(oracle["python_random_seed"]))
        drawn = oracle[f"sampled_w_h_x_y_{size}"]
        found = [draw_crop(width, height, SIZE_PX, python_draw) for _ in drawn]
        np.testing.assert_array_equal(found, drawn)


def python_draw(high: int, count: int) -> np.ndarray:
    return np.array([random.choice(range(high)) for _ in range(count)])


def check_pixels(path: Path) -> None:
    oracle = np.load(path)
    frames = torch.from_numpy(oracle["frames_rgb_uint8"]).permute(0, 3, 1, 2)
    pixels = normalise(eval_pixels(frames, SHORT_SIDE_PX, SIZE_PX), CAFFE)
    expected = oracle["output"].reshape(len(frames), 3, SIZE_PX, SIZE_PX)
    np.testing.assert_array_equal(pixels.numpy(), expected)
