"""Running a student; apart from its training, so that scoring does not depend on the losses."""

import numpy as np
import torch

from sakdn.models.student import Student, StudentOutput
from sakdn.options.training import Precision
from sakdn.students.frames.batches import ClipBatches
from sakdn.students.frames.supply import supply
from sakdn.training.compute import autocast


def run_student(module: Student, clips: torch.Tensor, precision: Precision) -> StudentOutput:
    """Output of the student for normalised clips [N, T, channels, H, W], in float32.

    The taps stay as the network computed them, so that gradients reach them.
    """
    with autocast(clips.device, precision):
        output = module(clips)
    return output._replace(
        logits=output.logits.float(),
        semantic=output.semantic.float(),
        segments=output.segments.float(),
    )


@torch.no_grad()
def video_logits(
    module: Student, source: ClipBatches, rows: np.ndarray, batch_size: int, precision: Precision
) -> torch.Tensor:
    """Logits of whole clips, float32 [len(rows), classes], on the CPU."""
    module.eval()
    parts_of = [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]
    batches = supply(source, "eval", lambda part: (part,), parts_of)
    parts = [run_student(module, batch.clips, precision).logits.cpu() for batch in batches]
    return torch.cat(parts)
