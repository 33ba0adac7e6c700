"""Rebuilds a student, and the way it sees clips, from what its JSON says."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch

from sakdn.base.errors import InputError
from sakdn.models.student import Student, build_student
from sakdn.students.about import StudentAbout, StudentPlan
from sakdn.students.folder import network_file
from sakdn.students.frames.batches import ClipBatches
from sakdn.students.frames.supply import workers_for
from sakdn.training.saved import load_weights, read_about


def load_student(path: Path) -> tuple[Student, StudentAbout]:
    """Loads a student from its JSON at `path`.

    Returns:
        The network in eval mode and what the JSON says.

    Raises:
        InputError: not a student, a description that training did not write, or damaged weights.
    """
    about = read_about(path, StudentAbout)
    network = about.network.model_copy(update={"weights": None})
    module = build_student(network, about.semantic_dim, len(about.classes))
    load_weights(path, module)
    return module.eval(), about


def video_batches(
    plan: StudentPlan,
    frames: Sequence[Path],
    clips: pd.DataFrame,
    device: torch.device,
    threads: int = 0,
) -> ClipBatches:
    """Clips of a table as the student of `plan` sees them, read by as many `threads`."""
    labels, workers = clips["action"].to_numpy(), workers_for(device, threads)
    return ClipBatches(frames, clips["clip"], labels, plan.classes, plan.view, device, workers)


def open_student(path: Path) -> tuple[Student, StudentAbout]:
    """Loads a student from its folder or its model.json.

    Returns:
        The network in eval mode, and what its JSON says; `frames` is there.

    Raises:
        InputError: no student there, or one that does not say how its frames were stored.
    """
    file = network_file(path, "student")
    module, about = load_student(file)
    if about.frames is None:
        raise InputError(f"{file}: does not say how frames were stored; train the student again")
    return module, about
