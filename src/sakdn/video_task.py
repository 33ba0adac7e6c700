"""Training a student: cross-entropy on video, plus what its method asks of it."""

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import torch
from torch.nn import functional as F

from sakdn.clip_batches import ClipBatch, ClipBatches
from sakdn.distillation import MethodOptions, distillation_losses
from sakdn.knowledge_store import KnowledgeStore
from sakdn.models.student import Student, StudentOutput, parameter_groups
from sakdn.training.batches import clip_rng, epoch_rows, prefetch

Precision = Literal["fp32", "bf16"]
WINDOW_STREAM = 7


class VideoTask:
    """Task of the training loop for students."""

    def __init__(
        self,
        module: Student,
        source: ClipBatches,
        windows: np.ndarray,
        rows: dict[str, np.ndarray],
        method: MethodOptions,
        knowledge: KnowledgeStore | None,
        seed: int,
        batch_size: int,
        precision: Precision = "fp32",
    ) -> None:
        """Prepares the task.

        Args:
            module: the student.
            source: where clips come from.
            windows: start and end of each window of each clip [clips, windows, 2].
            rows: rows of the clips table in `train` and `val`.
            method: what is distilled, and how strongly.
            knowledge: what the teachers say of the training clips; None for the video alone.
            seed: of order, frames, crops and windows; the same for every method.
            batch_size: clips a step.
            precision: of the network's forward and backward pass.
        """
        self.precision: Precision = precision
        self.module, self.source, self.windows, self.rows = module, source, windows, rows
        self.method, self.knowledge = method, knowledge
        self.seed, self.batch_size = seed, batch_size

    def groups(self) -> list[dict[str, Any]]:
        """Weights, biases and norms with the multipliers of temporal segment networks."""
        return parameter_groups(self.module)

    def steps(self) -> int:
        """Batches of an epoch."""
        return -(-len(self.rows["train"]) // self.batch_size)

    def batches(self, epoch: int) -> Iterable[ClipBatch]:
        """Every training clip once, each cut to a random window of its own."""

        def read(rows: np.ndarray) -> ClipBatch:
            drawn = [
                clip_rng(self.seed + WINDOW_STREAM, epoch, row).integers(self.windows.shape[1])
                for row in rows
            ]
            windows = np.array(drawn)
            cuts = self.windows[rows, windows]
            return self.source.train_batch(rows, windows, cuts, self.seed, epoch)

        order = epoch_rows(self.rows["train"], self.seed, epoch, self.batch_size)
        return prefetch(read, order)

    def losses(self, batch: ClipBatch) -> dict[str, torch.Tensor]:
        """Cross-entropy, and the losses of the method on the clips that teachers know."""
        output = run_student(self.module, batch.clips, self.precision)
        losses = {"label": F.cross_entropy(output.logits, batch.labels)}
        if self.knowledge is None:
            return losses
        taught = self.knowledge.take(batch.rows, batch.windows)
        return losses | distillation_losses(self.method, output, taught, batch.labels)

    def validate(self) -> dict[str, float]:
        """Accuracy and cross-entropy on the whole clips of `val`."""
        rows = self.rows["val"]
        logits = video_logits(self.module, self.source, rows, self.batch_size, self.precision)
        labels = torch.from_numpy(self.source.labels[self.rows["val"]])
        return {
            "val_accuracy": (logits.argmax(1) == labels).double().mean().item(),
            "val_loss": F.cross_entropy(logits, labels).item(),
        }


def run_student(module: Student, clips: torch.Tensor, precision: Precision) -> StudentOutput:
    """Output of the student for normalised clips [N, T, channels, H, W], in float32.

    The taps stay as the network computed them, so that gradients reach them.
    """
    with torch.autocast(clips.device.type, torch.bfloat16, enabled=precision == "bf16"):
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
    starts = range(0, len(rows), batch_size)
    batches = prefetch(lambda start: source.eval_batch(rows[start : start + batch_size]), starts)
    parts = [run_student(module, batch.clips, precision).logits.cpu() for batch in batches]
    return torch.cat(parts)
