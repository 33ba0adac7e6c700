"""What the student alone answers of clips without a label, beside what teachers say of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from sakdn.base.errors import InputError
from sakdn.base.progress import log
from sakdn.options.columns import UNLABELLED
from sakdn.students.load import load_student, video_batches
from sakdn.students.scores import video_logits

BATCH_SIZE = 16


def second_opinion(
    alone: Path | None,
    frames: Sequence[Path],
    clips: pd.DataFrame,
    train: np.ndarray,
    device: torch.device,
) -> Tensor:
    """Logits of the student alone [clips, classes]; 0 for all but clips that lack a label.

    Args:
        alone: its model.json.
        frames: shards of the frame store.
        clips: clips table.
        train: its rows that have a video and train.
        device: where it is run, and where the logits are.

    Raises:
        InputError: no student, one that is taught, or one that had no label to learn from.
    """
    if alone is None:
        raise InputError("--alone: found none, but second_opinion asks the student alone; name it")
    module, about = load_student(alone)
    if about.distillation.loss != "none":
        raise InputError(
            f"{alone}: found a student that was taught by {about.method}, expected that of none"
        )
    labels = clips["action"].to_numpy()[train]
    if (labels == UNLABELLED).all():
        raise InputError(
            "second_opinion: no training video has a label, so that the student alone knows"
            " nothing; leave it out, or label some"
        )
    rows = train[labels == UNLABELLED]
    answers = torch.zeros(len(clips), len(about.classes), device=device)
    if not len(rows):
        log("second opinion: every training video has a label; the student alone is not asked")
        return answers
    source = video_batches(about, frames, clips, device)
    logits = video_logits(module.to(device), source, rows, BATCH_SIZE, about.precision)
    answers[torch.from_numpy(rows).to(device)] = logits.to(device)
    return answers
