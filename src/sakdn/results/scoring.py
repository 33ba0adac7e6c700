"""A trained model's answers on the test clips."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch

from sakdn.base.errors import InputError
from sakdn.data.clips.recordings import places_of, split_rows, with_label
from sakdn.students.about import StudentPlan
from sakdn.students.load import load_student, video_batches
from sakdn.students.scores import video_logits
from sakdn.teachers.about import TeacherPlan
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.load import load_teacher
from sakdn.teachers.task import SignalBatches, restore_bank, signal_logits

BATCH_SIZE = 16


def teacher_scores(
    path: Path, gaf: list[Path], clips: pd.DataFrame, device: torch.device
) -> tuple[np.ndarray, torch.Tensor]:
    """Test rows that have the model's sensors, and their logits [rows, classes].

    The views of a recording share its signals, so that a recording is scored once.
    """
    module, about = load_teacher(path)
    by_name = {image.stem: image for image in gaf}
    sensors = [GafImages(by_name[name], clips["clip"]) for name in about.sensors]
    source = SignalBatches(sensors, clips["action"].to_numpy(), device)
    restore_bank(module.to(device), source, about, clips["clip"].tolist())
    rows = scored_rows(path, clips, np.any([s.present for s in sensors], axis=0))
    _, first, views = np.unique(places_of(clips)[rows], return_index=True, return_inverse=True)
    return rows, signal_logits(module, source, rows[first], BATCH_SIZE)[views]


def student_scores(
    path: Path, frames: list[Path], clips: pd.DataFrame, device: torch.device, threads: int
) -> tuple[np.ndarray, torch.Tensor]:
    """Test rows and their logits [rows, classes], from video alone."""
    module, about = load_student(path)
    source = video_batches(about, frames, clips, device, threads)
    rows = scored_rows(path, clips)
    return rows, video_logits(module.to(device), source, rows, BATCH_SIZE, about.precision)


def scored_rows(path: Path, clips: pd.DataFrame, keep: np.ndarray | None = None) -> np.ndarray:
    """Labelled test rows that the model at `path` can score, of those with `keep`.

    Raises:
        InputError: there are none.
    """
    known = with_label(clips) if keep is None else keep & with_label(clips)
    rows = split_rows(clips["split"], known)["test"]
    if not len(rows):
        raise InputError(f"clips table: found no test clip that {path} can score; see `split`")
    return rows


def model_name(about: StudentPlan | TeacherPlan) -> str:
    """`teacher_<sensor>`, `fusion` or `student_<method>`."""
    if isinstance(about, StudentPlan):
        return f"student_{about.method}"
    return "fusion" if about.kind == "fusion" else f"teacher_{about.sensors[0]}"


def predictions_table(clips: pd.DataFrame, rows: np.ndarray, logits: torch.Tensor) -> pd.DataFrame:
    """One row a test clip: `clip`, `action`, `subject`, `predicted`, `p_0` ... `p_{C-1}`."""
    table = clips.iloc[rows][["clip", "action", "subject"]].reset_index(drop=True)
    table["predicted"] = logits.numpy().argmax(1)
    probabilities = logits.softmax(1).numpy()
    columns = [f"p_{label}" for label in range(probabilities.shape[1])]
    return pd.concat([table, pd.DataFrame(probabilities, columns=columns)], axis=1)
