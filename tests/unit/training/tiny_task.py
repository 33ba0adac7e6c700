"""Tasks that train in no time, and may be killed or stopped in their midst."""

import copy
import signal

import numpy as np
import pytest
import torch
from tiny_run import DIM, tiny_student
from torch import nn
from torch.nn import functional as F

from sakdn.options.methods import MethodOptions
from sakdn.options.student import LearningOptions
from sakdn.students.single_losses import build_connectors
from sakdn.students.task import Lesson, VideoData, VideoTask
from sakdn.teachers.knowledge import Taught
from sakdn.training.batches import epoch_rows
from sakdn.training.loop import fit

EPOCHS = 4
ROWS = np.arange(11)
OPTIONS = LearningOptions(epochs=EPOCHS, batch_size=4, lr=0.05, decay="cosine", clip_norm=5.0)


class Killed(BaseException):
    """As when the process ends."""


class TinyTask:
    """Batch norm, dropout and weights: everything that a resumed run must restore."""

    def __init__(self, validation=None, die_at=None, scale=1.0, stop_at=None, by="SIGTERM"):
        torch.manual_seed(0)
        layers = (nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.4), nn.Linear(8, 2))
        self.module = nn.Sequential(*layers)
        generator = torch.Generator().manual_seed(1)
        self.inputs = torch.randn(len(ROWS), 3, generator=generator)
        self.labels = torch.from_numpy(ROWS % 2)
        self.validation, self.die_at, self.scale = validation, die_at, scale
        self.stop_at, self.signal = stop_at, signal.Signals[by]
        self.trained, self.after, self.steps_made = [], [], 0

    def groups(self):
        return [{"params": self.module.parameters()}]

    def steps(self):
        return 3

    def batches(self, epoch, start):
        if epoch == self.die_at:
            raise Killed
        self.trained.append(epoch)
        for step, rows in list(enumerate(epoch_rows(ROWS, 0, epoch, 4)))[start:]:
            if (epoch, step) == self.stop_at:
                signal.raise_signal(self.signal)
            self.steps_made += 1
            yield rows

    def losses(self, rows):
        loss = F.cross_entropy(self.module(self.inputs[rows]), self.labels[rows])
        return {"label": self.scale * loss, "other": 0.1 * loss.square()}

    def validate(self):
        if self.stop_at == (len(self.after), "validation"):
            signal.raise_signal(self.signal)
            pytest.fail("validation went on")
        self.after.append(copy.deepcopy(self.module.state_dict()))
        if self.validation:
            accuracy, loss = self.validation[len(self.after) - 1]
            return {"val_accuracy": accuracy, "val_loss": loss}
        with torch.no_grad():
            logits = self.module.eval()(self.inputs)
        accuracy = (logits.argmax(1) == self.labels).double().mean().item()
        return {"val_accuracy": accuracy, "val_loss": F.cross_entropy(logits, self.labels).item()}


class ConnectedTask(VideoTask):
    """A student and the connectors of FitNet."""

    def __init__(self, run, die_at=None, stop_after=None, **network):
        student = tiny_student(dropout=0.3, **network)
        connectors = build_connectors("fitnet", student.backbone.tap_widths[-2:], (5, 7), 2)
        rows = {side: run.rows(side) for side in ("train", "val")}
        method = MethodOptions(loss="fitnet")
        vectors = torch.zeros(3, DIM)
        data = VideoData(run.source(), run.windows, rows)
        super().__init__(student, data, Lesson(method, vectors, Maps(), connectors), OPTIONS, 0)
        self.die_at, self.left = die_at, stop_after

    def losses(self, batch):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                signal.raise_signal(signal.SIGTERM)
        return super().losses(batch)

    def batches(self, epoch, start):
        if epoch == self.die_at:
            raise Killed
        return super().batches(epoch, start)


class Maps:
    """Knowledge that is the same whenever a clip is asked about."""

    def take(self, rows, windows):
        generator = torch.Generator().manual_seed(0)
        present = torch.ones(len(rows), 2, dtype=torch.bool)
        stored = [torch.rand(24, 2, count, 2, 2, generator=generator) for count in (5, 7)]
        return Taught(present, maps=[maps[rows] for maps in stored])


def run_fit(task, path, optimiser="adam", key="key", seed=0, scaler=None, **changes):
    schedule = OPTIONS.model_copy(update={"optimiser": optimiser} | changes)
    return fit(task, schedule, seed, path, key, "test", scaler)


def curve(outcome):
    return [[(k, v) for k, v in row.items() if k != "seconds"] for row in outcome.history]


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name in expected:
        assert torch.equal(found[name], expected[name]), name
