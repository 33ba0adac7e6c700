"""A run that was killed or stopped ends as if it had not been."""

import json
import signal

import pytest
import torch
from safetensors import safe_open
from tiny_run import make_run
from tiny_task import EPOCHS, OPTIONS, ConnectedTask, Killed, TinyTask, assert_same, curve, run_fit
from torch.amp import GradScaler

from sakdn.base.stopping import Stopped
from sakdn.training import loop
from sakdn.training.schedule import make_optimiser
from sakdn.training.state import fingerprint, load_state


@pytest.fixture
def every_epoch(monkeypatch):
    """The state is saved after every epoch, however short."""
    monkeypatch.setattr(loop, "SAVE_EVERY_S", -1.0)


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


def scaled():
    """A scaler of fp16 that doubles its factor every three steps; powers of two are exact."""
    return GradScaler("cpu", init_scale=2.0**8, growth_interval=3)


def test_a_scaled_loss_trains_alike_and_resumes_with_its_scale(tmp_path, every_epoch):
    plain = run_fit(TinyTask(), tmp_path / "plain", clip_norm=0.0)
    whole = run_fit(TinyTask(), tmp_path / "whole", clip_norm=0.0, scaler=(last := scaled()))
    assert last.get_scale() == 2.0 ** (8 + EPOCHS * TinyTask().steps() // 3)
    assert_same(whole.best, plain.best)
    with pytest.raises(Killed):
        run_fit(TinyTask(die_at=2), tmp_path / "state", clip_norm=0.0, scaler=scaled())
    outcome = run_fit(TinyTask(), tmp_path / "state", clip_norm=0.0, scaler=(resumed := scaled()))
    assert resumed.state_dict() == last.state_dict()
    assert_same(outcome.best, whole.best)


def test_a_step_whose_gradients_overflow_is_left_out(tmp_path):
    task = TinyTask(scale=100.0)
    before = {k: v.clone() for k, v in task.module.named_parameters()}
    run_fit(task, tmp_path / "state", scaler=GradScaler("cpu", init_scale=2.0**127), epochs=1)
    assert_same(dict(task.module.named_parameters()), before)


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
    off = GradScaler("cpu", enabled=False)
    assert load_state(tmp_path / "state", key, again.module, optimiser, off).step == 2
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


def test_another_family_resumes_to_the_bit(tmp_path, every_epoch):
    network = {"backbone": "timm/test_efficientnet", "head": "average"}
    run = make_run(tmp_path / "run")
    whole = run_fit(straight := ConnectedTask(run, **network), tmp_path / "whole", "sgd", lr=0.01)
    with pytest.raises(Killed):
        run_fit(ConnectedTask(run, die_at=2, **network), tmp_path / "state", "sgd", lr=0.01)
    resumed = ConnectedTask(run, **network)
    outcome = run_fit(resumed, tmp_path / "state", "sgd", lr=0.01)
    assert_same(resumed.module.state_dict(), straight.module.state_dict())
    assert curve(outcome) == curve(whole)


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
