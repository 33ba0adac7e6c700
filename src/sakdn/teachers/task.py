"""Training a teacher, of one sensor or fused: cross-entropy and regression onto class vectors."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from sakdn.models.fused import FusedTeacher
from sakdn.options.teacher import TeachingOptions
from sakdn.teachers.about import TeacherPlan
from sakdn.teachers.gaf.stored import GafImages
from sakdn.training.batches import clip_rng, epoch_rows
from sakdn.training.compute import autocast, chosen_precision, prepare


@dataclass
class SignalBatch:
    """Images of a batch, one tensor a sensor, and what they show.

    Attributes:
        images: per sensor, float [N, channels, H, W] in 0..1.
        present: bool [N, sensors].
        labels: int [N].
    """

    images: list[torch.Tensor]
    present: torch.Tensor
    labels: torch.Tensor


class SignalBatches:
    """Reads batches of all sensors; row i of every sensor is the same clip, the same window."""

    def __init__(self, sensors: list[GafImages], labels: np.ndarray, device: torch.device) -> None:
        self.sensors, self.labels, self.device = sensors, labels, device

    def take(self, rows: np.ndarray, windows: np.ndarray | int = 0) -> SignalBatch:
        """Batch of clips `rows` [N], each cut to its window [N]."""
        images = [
            torch.from_numpy(sensor.images[rows, windows]).to(self.device).float().div_(255)
            for sensor in self.sensors
        ]
        present = np.stack([sensor.present[rows] for sensor in self.sensors], axis=1)
        return SignalBatch(
            images,
            torch.from_numpy(present).to(self.device),
            torch.from_numpy(self.labels[rows]).to(self.device),
        )


@dataclass(frozen=True)
class SignalData:
    """What teachers learn from.

    Attributes:
        source: where batches come from.
        rows: rows of the clips table in `train` and `val`.
        vectors: class vectors [classes, d].
        bank: rows of the training clips that SPAMFM compares with at test; None for none.
    """

    source: SignalBatches
    rows: dict[str, np.ndarray]
    vectors: torch.Tensor
    bank: np.ndarray | None = None


class SignalTask:
    """Task of the training loop for teachers and fusion."""

    def __init__(
        self, module: FusedTeacher, data: SignalData, options: TeachingOptions, seed: int
    ) -> None:
        """Prepares the task.

        Args:
            module: one teacher or the fused teachers.
            data: what it learns from.
            options: batches, loss weights and computing.
            seed: of order and windows.
        """
        self.module, self.data, self.options, self.seed = module, data, options, seed
        device = next(module.parameters()).device
        self.precision = chosen_precision(options.precision, device)
        prepare(module, [block for stream in module.teachers for block in stream.blocks], options)

    def groups(self) -> list[dict[str, Any]]:
        """All parameters alike."""
        return [{"params": self.module.parameters()}]

    def steps(self) -> int:
        """Batches of an epoch."""
        return -(-len(self.data.rows["train"]) // self.options.batch_size)

    def batches(self, epoch: int, start: int = 0) -> Generator[SignalBatch, None, None]:
        """Every training clip once, each cut to a random window of its own; from `start` on."""
        n_windows = self.data.source.sensors[0].windows.shape[1]
        for rows in epoch_rows(self.data.rows["train"], self.seed, epoch, self.options.batch_size)[
            start:
        ]:
            drawn = [clip_rng(self.seed, epoch, row).integers(n_windows) for row in rows]
            yield self.data.source.take(rows, np.array(drawn))

    def losses(self, batch: SignalBatch) -> dict[str, torch.Tensor]:
        """Cross-entropy and semantic regression, each averaged over the sensors present."""
        with autocast(batch.labels.device, self.precision):
            output = self.module(batch.images, batch.present)
        target = self.data.vectors[batch.labels]
        distance = F.mse_loss if self.options.semantic_loss == "mse" else F.l1_loss
        label, semantic = [], []
        for stream, here in zip(output.streams, output.present.T, strict=True):
            if here.any():
                label.append(F.cross_entropy(stream.logits[here].float(), batch.labels[here]))
                semantic.append(distance(stream.semantic[here].float(), target[here]))
        return {
            "label": torch.stack(label).mean(),
            "semantic": self.options.semantic_weight * torch.stack(semantic).mean(),
        }

    def validate(self) -> dict[str, float]:
        """Accuracy and cross-entropy on the whole clips of `val`."""
        if self.data.bank is not None:
            set_bank(self.module, self.data.source, self.data.bank)
        logits = signal_logits(
            self.module, self.data.source, self.data.rows["val"], self.options.batch_size
        )
        labels = torch.from_numpy(self.data.source.labels[self.data.rows["val"]])
        return {
            "val_accuracy": (logits.argmax(1) == labels).double().mean().item(),
            "val_loss": F.cross_entropy(logits, labels).item(),
        }


@torch.no_grad()
def signal_logits(
    module: FusedTeacher, source: SignalBatches, rows: np.ndarray, batch_size: int
) -> torch.Tensor:
    """Logits of whole clips, averaged over the sensors present.

    Returns:
        Float32 [len(rows), classes], on the CPU.
    """
    module.eval()
    parts = []
    for start in range(0, len(rows), batch_size):
        batch = source.take(rows[start : start + batch_size])
        parts.append(module(batch.images, batch.present).logits.cpu())
    return torch.cat(parts)


def set_bank(module: FusedTeacher, source: SignalBatches, rows: np.ndarray) -> None:
    """Gives SPAMFM the training clips `rows` that it compares with in eval mode."""
    batch = source.take(rows)
    module.set_bank(batch.images, batch.present)


def restore_bank(
    module: FusedTeacher, source: SignalBatches, about: TeacherPlan, clips: list[str]
) -> None:
    """Gives SPAMFM the bank that it was trained with, if it has one."""
    if about.bank:
        set_bank(module, source, np.array([clips.index(clip) for clip in about.bank]))
