"""An untrained student of a few thousand weights, saved as the student stage saves its own."""

from pathlib import Path

import torch
from unit.tiny_run import DIM, NAMES, save, seasoned

from sakdn.models.student import build_student
from sakdn.options.student import StudentNetwork


def write_student(
    folder: Path,
    *,
    color: str = "rgb",
    frames: dict | None = None,
    view: dict | None = None,
    **network,
) -> Path:
    """A student that sees 4 frames of 28 px, stored 32 px high; returns its model.json."""
    network = {
        "width": 4,
        "dropout": 0.0,
        "segments": 4,
        "in_channels": 1 if color == "grey" else 3,
    } | network
    options = StudentNetwork(**network)
    seen = {"segments": options.segments, "size_px": 28, "short_side_px": 32}
    about = {
        "kind": "student",
        "method": "sakdn",
        "seed": 0,
        "distillation": {"loss": "sakdn", "teacher": "fusion"},
        "network": options.model_dump(),
        "view": seen | {"backbone": options.backbone} | (view or {}),
        "precision": "fp32",
        "classes": NAMES,
        "semantic_dim": DIM,
        "frames": {"short_side_px": 32, "color": color} | (frames or {}),
        "clip_length": {"median_frames": 20.0, "longest_frames": 30.0, "fps": 15.0},
        "options": {"epochs": 4},
    }
    torch.manual_seed(0)
    module = build_student(options, DIM, len(NAMES))
    channels = 3 if options.backbone != "small" else options.in_channels
    brightness = torch.rand(8, 1, channels, 1, 1)
    clips = brightness * torch.rand(8, options.segments, channels, 32, 32)
    return save(folder / "model.json", seasoned(module, clips), about)
