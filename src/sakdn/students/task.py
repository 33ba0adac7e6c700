"""Training a student: cross-entropy on video, plus what its method asks of it."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from sakdn.base.progress import log
from sakdn.losses.scalar_weights import scalar_weights
from sakdn.models.student import Student, parameter_groups
from sakdn.options.columns import UNLABELLED
from sakdn.options.methods import SELF_TRAINING, MethodOptions
from sakdn.options.student import LearningOptions
from sakdn.students.frames.batches import ClipBatch, ClipBatches
from sakdn.students.frames.supply import supply
from sakdn.students.methods import distillation_losses
from sakdn.students.mixture import mixture_of
from sakdn.students.scores import run_student, video_logits
from sakdn.students.self_training import OwnTeacher, confident_loss
from sakdn.students.shares import LAST, Shares
from sakdn.teachers.knowledge import KnowledgeStore, Taught, told
from sakdn.training.batch_norm import recompute_statistics
from sakdn.training.batches import balanced_rows, clip_rng, epoch_rows
from sakdn.training.compute import chosen_precision
from sakdn.training.state import Tensors

WINDOW_STREAM, SAMPLING_STREAM = 7, 11


@dataclass(frozen=True)
class VideoData:
    """The clips that a student sees.

    Attributes:
        source: where they come from.
        windows: start and end of each window of each clip [clips, windows, 2].
        rows: rows of the clips table in `train` and `val`.
    """

    source: ClipBatches
    windows: np.ndarray
    rows: dict[str, np.ndarray]


@dataclass(frozen=True)
class Lesson:
    """What a student is taught beside the labels.

    Attributes:
        method: what is distilled, and how strongly.
        vectors: class vectors [classes, d].
        knowledge: what the teachers say of the training clips; None for the video alone.
        connectors: the method's own learnt parts, see `methods.method_connectors`.
        own: the student's average, where its answers are learnt; None for other methods.
        second: answers of the student alone that count beside those of the teachers, logits of
            every row of the clips table, 0 where it is not asked [clips, classes]; None for none.
    """

    method: MethodOptions
    vectors: torch.Tensor
    knowledge: KnowledgeStore | None = None
    connectors: nn.ModuleList = field(default_factory=nn.ModuleList)
    own: OwnTeacher | None = None
    second: torch.Tensor | None = None

    def learnt(self, rows: np.ndarray) -> np.ndarray:
        """Whether something is said of each clip, rows of the clips table, beside a label."""
        if self.knowledge is not None:
            return self.knowledge.place[rows] >= 0
        return np.full(len(rows), self.own is not None)

    def taught(self, rows: np.ndarray, windows: np.ndarray) -> Taught | None:
        """What is said of clips `rows` in `windows`; None by nobody.

        Signals and video of a clip of some class tell of it independently: the probability of both
        is the product (co-training: Blum and Mitchell 1998), a sum of logits.
        """
        if self.knowledge is None:
            return None
        taught = self.knowledge.take(rows, windows)
        if self.second is None:
            return taught
        unaided = told(taught.logits)
        return taught._replace(logits=unaided + self.second[rows][:, None], unaided=unaided)


class VideoTask:
    """Task of the training loop for students.

    Its module holds the student, and what is trained with it but not deployed, the connectors or
    its average, and the measured gradients: all are in the resumable state, and `student_weights`
    takes the student's out of the best.
    """

    def __init__(
        self, student: Student, data: VideoData, lesson: Lesson, options: LearningOptions, seed: int
    ) -> None:
        """Prepares the task.

        Args:
            student: the network.
            data: its clips.
            lesson: what it is taught.
            options: batches, precision and what is asked of the labels.
            seed: of order, frames, crops and windows; the same for every method.
        """
        self.student, self.data, self.lesson = student, data, lesson
        self.shares, self.epoch = Shares(lesson.method.terms()), 0
        parts = {"student": student, "connectors": lesson.connectors, "shares": self.shares}
        self.module = nn.ModuleDict(parts)
        if lesson.own is not None:
            self.module["own"] = lesson.own
        self.options, self.seed = options, seed
        self.precision = chosen_precision(options.precision, data.source.device)
        train, labels = data.rows["train"], data.source.labels
        self.labelled, self.mixture = train[labels[train] != UNLABELLED], None
        if len(self.labelled) < len(train):
            self.mixture = mixture_of(train, lesson.learnt(train), labels, options, seed)
        self.class_weights = None
        if options.class_weights == "balanced":
            of_labels = torch.from_numpy(labels[self.labelled])
            self.class_weights = inverse_frequencies(of_labels, len(lesson.vectors))

    def groups(self) -> list[dict[str, Any]]:
        """Weights, biases and norms with the multipliers of temporal segment networks."""
        return parameter_groups(self.module)

    def steps(self) -> int:
        """Batches of an epoch."""
        if self.mixture is not None:
            return self.mixture.steps
        return -(-len(self.data.rows["train"]) // self.options.batch_size)

    def batches(self, epoch: int, start: int = 0) -> Generator[ClipBatch, None, None]:
        """The training clips, each cut to a random window of its own; from `start` on."""

        def arguments(batch: tuple[np.ndarray, int]) -> tuple[Any, ...]:
            rows, turn = batch
            drawn = [
                clip_rng(self.seed + WINDOW_STREAM, turn, row).integers(self.data.windows.shape[1])
                for row in rows
            ]
            windows = np.array(drawn)
            return rows, windows, self.data.windows[rows, windows], self.seed, turn

        self.epoch = epoch
        return supply(self.data.source, "train", arguments, self.order(epoch)[start:])

    def order(self, epoch: int) -> list[tuple[np.ndarray, int]]:
        """Rows of each batch of an epoch, and of what number their random views are."""
        if self.mixture is not None:
            return self.mixture.batches(epoch)
        order = epoch_rows(self.rows(epoch), self.seed, epoch, self.options.batch_size)
        return [(rows, epoch) for rows in order]

    def rows(self, epoch: int) -> np.ndarray:
        """Rows of the clips of an epoch: `train`, once each unless classes are balanced."""
        rows = self.data.rows["train"]
        if self.options.sampling == "shuffled":
            return rows
        rng = clip_rng(self.seed + SAMPLING_STREAM, epoch, 0)
        return balanced_rows(rows, self.data.source.labels, rng)

    def losses(self, batch: ClipBatch) -> dict[str, torch.Tensor]:
        """Cross-entropy, and the losses of the method on the clips that teachers know."""
        output = run_student(self.student, batch.clips, self.precision)
        losses = {"label": self.label_loss(output.logits, batch.labels)}
        if self.lesson.own is not None:
            return losses | self.own_losses(self.lesson.own, output.logits, batch)
        taught = self.lesson.taught(batch.rows, batch.windows)
        if taught is None:
            return losses
        scalar = None
        if "released" in self.lesson.method.needs():
            scalar = self.scalar_weights(output.logits, batch.clips)
        terms = distillation_losses(
            self.lesson.method,
            output,
            taught,
            batch.labels,
            self.lesson.connectors,
            scalar,
            batch.moments,
        )
        rise = self.lesson.method.rise(self.epoch)
        label = losses["label"] if len(self.labelled) else None
        return losses | self.shares.weigh(label, terms, output.frame_taps, rise)

    def label_loss(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Cross-entropy of `logits` [N, C] as the options want it, of clips that have a label."""
        if not len(self.labelled):
            return 0 * logits.sum()
        weights = None if self.class_weights is None else self.class_weights.to(logits.device)
        smoothing = self.options.label_smoothing
        return F.cross_entropy(
            logits, labels, weights, ignore_index=UNLABELLED, label_smoothing=smoothing
        )

    def own_losses(
        self, own: OwnTeacher, logits: torch.Tensor, batch: ClipBatch
    ) -> dict[str, torch.Tensor]:
        """What the student's average says of the clips without a label."""
        own.follow(self.student, self.lesson.method.own_decay)
        unknown = np.flatnonzero(self.data.source.labels[batch.rows] == UNLABELLED)
        if not len(unknown):
            return {}
        seen = self.data.source.eval_batch(batch.rows[unknown])
        answers = own.answers(seen.clips, self.precision)
        loss = confident_loss(logits[unknown], answers, self.lesson.method.confidence)
        return {SELF_TRAINING: self.lesson.method.own_weight * loss}

    @torch.no_grad()
    def scalar_weights(self, logits: torch.Tensor, clips: torch.Tensor) -> torch.Tensor:
        """Weights [N] of GSDM's released form: `logits` [N, C] against those of a blank clip."""
        self.student.eval()
        blank = run_student(self.student, torch.zeros_like(clips[:1]), self.precision)
        self.student.train()
        return scalar_weights(logits, blank.logits.expand_as(logits), self.lesson.vectors)

    def scales(self) -> dict[str, Any]:
        """What of the training the model's JSON keeps: how its terms were weighed."""
        if 0 < self.shares.steps <= LAST:
            log(self.shares.words())
        return {"scales": {name: vars(each) for name, each in self.shares.scales().items()}}

    def validate(self) -> dict[str, float]:
        """Accuracy and cross-entropy on the whole clips of `val`."""
        if self.options.bn_recompute_batches:
            self.recompute_norms()
        rows = self.data.rows["val"]
        logits = video_logits(
            self.student, self.data.source, rows, self.options.batch_size, self.precision
        )
        labels = torch.from_numpy(self.data.source.labels[self.data.rows["val"]])
        return {
            "val_accuracy": (logits.argmax(1) == labels).double().mean().item(),
            "val_loss": F.cross_entropy(logits, labels).item(),
        }

    def recompute_norms(self) -> None:
        """Brings the student's batch norms up to its weights, on the first batches of epoch 0."""
        with closing(self.batches(0, 0)) as batches:
            recompute_statistics(
                self.student,
                lambda batch: run_student(self.student, batch.clips, self.precision),
                islice(batches, self.options.bn_recompute_batches),
            )


def inverse_frequencies(labels: torch.Tensor, classes: int) -> torch.Tensor:
    """Weights [classes] that make all classes count alike, 1 on average over `labels`.

    A class without a clip weighs nothing.
    """
    counts = labels.bincount(minlength=classes)
    weights = len(labels) / (counts.count_nonzero() * counts.clamp_min(1))
    return torch.where(counts > 0, weights, 0.0)


def student_weights(weights: Tensors) -> Tensors:
    """The student's part of the weights of a `VideoTask`'s module."""
    start = "student."
    return {k.removeprefix(start): v for k, v in weights.items() if k.startswith(start)}
