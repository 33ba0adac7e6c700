import copy
import json
import signal

import numpy as np
import pytest
import torch
from safetensors import safe_open
from tiny_run import DIM, make_run, tiny_student
from torch import nn
from torch.nn import functional as F

from sakdn.base.errors import InputError
from sakdn.base.stopping import Stopped
from sakdn.options.methods import MethodOptions
from sakdn.options.student import LearningOptions
from sakdn.students.single_losses import build_connectors
from sakdn.students.task import Lesson, VideoData, VideoTask
from sakdn.teachers.knowledge import Taught
from sakdn.training import loop
from sakdn.training.batches import epoch_rows
from sakdn.training.loop import fit
from sakdn.training.schedule import make_optimiser
from sakdn.training.state import fingerprint, load_state

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

    def __init__(self, run, die_at=None, stop_after=None):
        student = tiny_student(dropout=0.3)
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


@pytest.fixture
def every_epoch(monkeypatch):
    """The state is saved after every epoch, however short."""
    monkeypatch.setattr(loop, "SAVE_EVERY_S", -1.0)


def run_fit(task, path, optimiser="adam", key="key", seed=0, **changes):
    schedule = OPTIONS.model_copy(update={"optimiser": optimiser} | changes)
    return fit(task, schedule, seed, path, key, "test")


def curve(outcome):
    return [[(k, v) for k, v in row.items() if k != "seconds"] for row in outcome.history]


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


STOPS = [(0, 0), (0, 1), (1, 2), (3, 2), (1, "validation"), (3, "validation")]


@pytest.mark.parametrize("stop_at", STOPS, ids=lambda at: f"{at[0]}-{at[1]}")
@pytest.mark.parametrize(("by", "status"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_run_asked_to_stop_saves_and_goes_on_from_that_step(tmp_path, stop_at, by, status):
    whole = run_fit(straight := TinyTask(), tmp_path / "whole", "sgd")
    stopped, resumed = TinyTask(stop_at=stop_at, by=by), TinyTask()
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with pytest.raises(Stopped, match=f"^stopped by {by}: test: epoch .* saved$") as end:
        run_fit(stopped, tmp_path / "state", "sgd")
    assert end.value.status == status
    assert handlers == [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    outcome = run_fit(resumed, tmp_path / "state", "sgd")
    assert stopped.steps_made + resumed.steps_made == EPOCHS * resumed.steps()
    assert_same(resumed.module.state_dict(), straight.module.state_dict())
    assert_same(outcome.best, whole.best)
    assert curve(outcome) == curve(whole)


def test_a_run_may_be_stopped_at_every_step(tmp_path):
    whole = run_fit(straight := TinyTask(), tmp_path / "whole")
    for step in range(EPOCHS * straight.steps()):
        with pytest.raises(Stopped):
            run_fit(TinyTask(stop_at=divmod(step, straight.steps())), tmp_path / "state")
    last = TinyTask()
    outcome = run_fit(last, tmp_path / "state")
    assert last.steps_made == 0
    assert_same(outcome.best, whole.best)
    assert curve(outcome) == curve(whole)


def test_a_long_epoch_is_saved_in_its_middle(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SAVE_STEPS_EVERY_S", 0)
    whole = run_fit(TinyTask(), tmp_path / "whole")
    monkeypatch.setattr(TinyTask, "validate", raise_killed)
    with pytest.raises(Killed):
        run_fit(TinyTask(), tmp_path / "state")
    monkeypatch.undo()
    resumed = TinyTask()
    outcome = run_fit(resumed, tmp_path / "state")
    assert resumed.steps_made == (EPOCHS - 1) * resumed.steps()
    assert_same(outcome.best, whole.best)


def raise_killed(task):
    raise Killed


def test_a_student_stopped_in_mid_epoch_skips_what_it_saw(tmp_path, monkeypatch):
    run = make_run(tmp_path / "run")
    whole = run_fit(straight := ConnectedTask(run), tmp_path / "whole", "sgd", lr=0.01)
    stopped, resumed = ConnectedTask(run, stop_after=4), ConnectedTask(run)
    with pytest.raises(Stopped):
        run_fit(stopped, tmp_path / "state", "sgd", lr=0.01)
    monkeypatch.setattr(resumed.data.source, "train_batch", counted := Counted(resumed.data.source))
    outcome = run_fit(resumed, tmp_path / "state", "sgd", lr=0.01)
    assert counted.calls == EPOCHS * resumed.steps() - 5
    assert_same(resumed.module.state_dict(), straight.module.state_dict())
    assert curve(outcome) == curve(whole)


class Counted:
    """Counts the batches that are read."""

    def __init__(self, source):
        self.calls, self.read = 0, source.train_batch

    def __call__(self, *arguments):
        self.calls += 1
        return self.read(*arguments)


def test_restored_momentum_has_the_layout_of_its_weights(tmp_path):
    task = TinyTask(stop_at=(1, 1))
    task.module[0].weight.data = task.module[0].weight.data.t().contiguous().t()
    with pytest.raises(Stopped):
        run_fit(task, tmp_path / "state")
    key = fingerprint("key", 0, vars(OPTIONS))
    again = TinyTask()
    again.module[0].weight.data = again.module[0].weight.data.t().contiguous().t()
    optimiser = make_optimiser(again.groups(), OPTIONS)
    assert load_state(tmp_path / "state", key, again.module, optimiser).step == 2
    weight = again.module[0].weight
    assert weight.stride() == (1, 8)
    assert optimiser.state[weight]["exp_avg"].stride() == weight.stride()


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
