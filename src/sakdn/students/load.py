"""Rebuilds a student, and the way it sees clips, from what its JSON says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.readers.frames_options import FramesOptions
from sakdn.models.student import Student, StudentOptions, build_student
from sakdn.students.description import check_student
from sakdn.students.frames.batches import ClipBatches, ViewOptions
from sakdn.training.saved import load_weights, read_about


def load_student(path: Path) -> tuple[Student, dict[str, Any]]:
    """Loads a student from its JSON at `path`.

    Returns:
        The network in eval mode and the JSON's content.

    Raises:
        InputError: not a student, a description that training did not write, or damaged weights.
    """
    about = read_about(path, "student")
    check_student(path, about)
    network = StudentOptions(**about["network"] | {"weights": None})
    module = build_student(network, about["semantic_dim"], len(about["classes"]))
    load_weights(path, module)
    return module.eval(), about


def video_batches(
    about: dict[str, Any], frames: Sequence[Path], clips: pd.DataFrame, device: torch.device
) -> ClipBatches:
    """Clips of a table as the student described by `about` sees them."""
    labels = clips["action"].to_numpy()
    view = ViewOptions(**about["view"])
    return ClipBatches(frames, clips["clip"], labels, about["classes"], view, device)


def open_student(path: Path) -> tuple[Student, dict[str, Any]]:
    """Loads a student from its folder or its model.json.

    Returns:
        The network in eval mode, and its JSON's content.

    Raises:
        InputError: no student there, or one that does not say how its frames were stored.
    """
    file = path / "model.json" if path.is_dir() else path
    module, about = load_student(file)
    if about.get("frames") is None:
        raise InputError(f"{file}: does not say how frames were stored; train the student again")
    return module, about


def stored_as(about: dict[str, Any]) -> FramesOptions:
    """How the frames that the student was trained on were stored."""
    return parse_options(FramesOptions, about["frames"], "model.json: frames")
