import copy
import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from tiny_run import DIM, make_run, tiny_student
from torch import nn
from torch.nn import functional as F

from sakdn.comparison_losses import build_connectors
from sakdn.distillation import MethodOptions
from sakdn.errors import InputError
from sakdn.knowledge_store import Taught
from sakdn.training import loop
from sakdn.training.batches import epoch_rows
from sakdn.training.loop import fit
from sakdn.training.schedule import Schedule
from sakdn.video_task import VideoTask

EPOCHS = 4
ROWS = np.arange(11)


class Killed(BaseException):
    """As when the process ends."""


class TinyTask:
    """Batch norm, dropout and weights: everything that a resumed run must restore."""

    def __init__(self, validation=None, die_at=None, scale=1.0):
        torch.manual_seed(0)
        layers = (nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.4), nn.Linear(8, 2))
        self.module = nn.Sequential(*layers)
        generator = torch.Generator().manual_seed(1)
        self.inputs = torch.randn(len(ROWS), 3, generator=generator)
        self.labels = torch.from_numpy(ROWS % 2)
        self.validation, self.die_at, self.scale = validation, die_at, scale
        self.trained, self.after = [], []

    def groups(self):
        return [{"params": self.module.parameters()}]

    def steps(self):
        return 3

    def batches(self, epoch):
        if epoch == self.die_at:
            raise Killed
        self.trained.append(epoch)
        return epoch_rows(ROWS, 0, epoch, 4)

    def losses(self, rows):
        loss = F.cross_entropy(self.module(self.inputs[rows]), self.labels[rows])
        return {"label": self.scale * loss, "other": 0.1 * loss.square()}

    def validate(self):
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

    def __init__(self, run, die_at=None):
        student = tiny_student(dropout=0.3)
        connectors = build_connectors("fitnet", student.backbone.tap_widths[-2:], (5, 7), 2)
        rows = {side: run.rows(side) for side in ("train", "val")}
        method = MethodOptions("fitnet")
        vectors = torch.zeros(3, DIM)
        super().__init__(
            student, run.source(), run.windows, rows, method, Maps(), connectors, vectors, 0, 4
        )
        self.die_at = die_at

    def batches(self, epoch):
        if epoch == self.die_at:
            raise Killed
        return super().batches(epoch)


class Maps:
    """Knowledge that is the same whenever a clip is asked about."""

    def take(self, rows, windows):
        generator = torch.Generator().manual_seed(0)
        present = torch.ones(len(rows), 2, dtype=torch.bool)
        stored = [torch.rand(24, 2, count, 2, 2, generator=generator) for count in (5, 7)]
        return Taught(present, maps=[maps[rows] for maps in stored])


@pytest.fixture
def every_epoch(monkeypatch):
    """The state is saved after every epoch, however short."""
    monkeypatch.setattr(loop, "SAVE_EVERY_S", -1.0)


def run_fit(task, path, optimiser="adam", key="key", seed=0, **changes):
    options = {"epochs": EPOCHS, "batch_size": 4, "lr": 0.05, "decay": "cosine", "clip_norm": 5.0}
    schedule = Schedule(**options | {"optimiser": optimiser} | changes)
    return fit(task, schedule, seed, path, key, "test")


def curve(outcome):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in outcome.history]


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name in expected:
        assert torch.equal(found[name], expected[name]), name


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
@pytest.mark.parametrize("die_at", range(1, EPOCHS))
def test_a_killed_run_ends_as_if_it_had_not_been(tmp_path, every_epoch, optimiser, die_at):
    whole = run_fit(straight := TinyTask(), tmp_path / "whole", optimiser)
    with pytest.raises(Killed):
        run_fit(TinyTask(die_at=die_at), tmp_path / "state", optimiser)
    resumed = TinyTask()
    with torch.no_grad():
        resumed.module[0].weight.add_(1)
    outcome = run_fit(resumed, tmp_path / "state", optimiser)
    assert resumed.trained == list(range(die_at, EPOCHS))
    assert_same(resumed.module.state_dict(), straight.module.state_dict())
    assert_same(outcome.best, whole.best)
    assert curve(outcome) == curve(whole)
    assert outcome.best_epoch == whole.best_epoch


def test_a_run_may_be_killed_again_and_again(tmp_path, every_epoch):
    whole = run_fit(TinyTask(), tmp_path / "whole")
    for die_at in (0, 1, 1, 3):
        with pytest.raises(Killed):
            run_fit(TinyTask(die_at=die_at), tmp_path / "state")
    outcome = run_fit(TinyTask(), tmp_path / "state")
    assert_same(outcome.best, whole.best)
    assert curve(outcome) == curve(whole)


def test_the_cost_of_interrupted_runs_adds_up(tmp_path, every_epoch):
    path = tmp_path / "state"
    with pytest.raises(Killed):
        run_fit(TinyTask(die_at=2), path)
    with safe_open(path, framework="pt") as file:
        spent = json.loads(file.metadata()["progress"])["wall_s"]
    assert spent > 0
    assert run_fit(TinyTask(), path).cost["wall_s"] >= spent


def test_connectors_are_trained_and_restored_with_the_student(tmp_path, every_epoch):
    run = make_run(tmp_path / "run")
    fresh = ConnectedTask(run).module.state_dict()
    whole = run_fit(straight := ConnectedTask(run), tmp_path / "whole", "sgd", lr=0.01)
    with pytest.raises(Killed):
        run_fit(ConnectedTask(run, die_at=2), tmp_path / "state", "sgd", lr=0.01)
    resumed = ConnectedTask(run)
    outcome = run_fit(resumed, tmp_path / "state", "sgd", lr=0.01)
    end = resumed.module.state_dict()
    assert_same(end, straight.module.state_dict())
    assert curve(outcome) == curve(whole)
    connectors = [name for name in end if name.startswith("connectors.")]
    assert len(connectors) == 4
    assert not any(torch.equal(end[name], fresh[name]) for name in connectors)


@pytest.mark.parametrize("change", [{"key": "other"}, {"seed": 1}, {"lr": 0.01}, {"epochs": 5}])
def test_a_state_of_other_options_is_not_resumed(tmp_path, every_epoch, change):
    with pytest.raises(Killed):
        run_fit(TinyTask(die_at=2), tmp_path / "state")
    task, afresh = TinyTask(), TinyTask()
    run_fit(task, tmp_path / "state", **change)
    assert task.trained == list(range(change.get("epochs", EPOCHS)))
    run_fit(afresh, tmp_path / "none", **change)
    assert_same(task.module.state_dict(), afresh.module.state_dict())


@pytest.mark.parametrize("damage", ["empty", "cut", "noise"])
def test_a_damaged_state_starts_anew(tmp_path, every_epoch, damage):
    whole = run_fit(TinyTask(), tmp_path / "whole")
    path = tmp_path / "state"
    with pytest.raises(Killed):
        run_fit(TinyTask(die_at=2), path)
    content = path.read_bytes()
    kept = {"empty": b"", "cut": content[: len(content) // 2], "noise": b"\xff" * len(content)}
    path.write_bytes(kept[damage])
    task = TinyTask()
    outcome = run_fit(task, path)
    assert task.trained == list(range(EPOCHS))
    assert_same(outcome.best, whole.best)


def test_best_epoch_has_the_highest_accuracy_then_the_lowest_loss(tmp_path):
    task = TinyTask(validation=[(0.5, 0.1), (0.7, 0.9), (0.7, 0.8), (0.7, 0.8)])
    outcome = run_fit(task, tmp_path / "state")
    assert outcome.best_epoch == 2
    assert_same(outcome.best, task.after[2])
    assert not torch.equal(outcome.best["0.weight"], task.after[3]["0.weight"])
    assert [row["epoch"] for row in outcome.history] == [1, 2, 3, 4]


def test_curve_has_every_loss_and_their_sum(tmp_path):
    for row in run_fit(TinyTask(), tmp_path / "state").history:
        assert row["train_loss"] == pytest.approx(row["train_label"] + row["train_other"])
        assert row["train_other"] > 0


@pytest.mark.parametrize("scale", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_is_refused(tmp_path, scale):
    with pytest.raises(InputError, match=r"epoch 1 is not finite .*lower `lr`"):
        run_fit(TinyTask(scale=scale), tmp_path / "state")
    assert not (tmp_path / "state").exists()
