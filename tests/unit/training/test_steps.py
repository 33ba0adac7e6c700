"""Averaged weights, gathered gradients and early stopping; each of them resumable."""

import pytest
import torch
from tiny_run import make_run
from tiny_task import EPOCHS, ConnectedTask, Killed, TinyTask, assert_same, curve, run_fit

from sakdn.base.stopping import Stopped
from sakdn.training import loop
from sakdn.training.average import follow

ALL = {"ema_decay": 0.8, "accumulate_steps": 2, "early_stopping_epochs": 2}
VAL = [(0.5, 0.1), (0.7, 0.9), (0.6, 0.8), (0.7, 0.9), (0.9, 0.1), (0.9, 0.1)]


@pytest.mark.parametrize("options", [*({k: v} for k, v in ALL.items()), ALL], ids="+".join)
@pytest.mark.parametrize("stop_at", [(0, 0), (1, 1), (1, 2), (1, "validation"), 2])
def test_an_interrupted_run_ends_as_if_it_had_not_been(tmp_path, monkeypatch, options, stop_at):
    monkeypatch.setattr(loop, "SAVE_EVERY_S", -1.0)
    whole = run_fit(straight := TinyTask(), tmp_path / "whole", **options)
    broken = {"die_at": stop_at} if stop_at == 2 else {"stop_at": stop_at}
    with pytest.raises((Stopped, Killed)):
        run_fit(stopped := TinyTask(**broken), tmp_path / "state", **options)
    outcome = run_fit(resumed := TinyTask(), tmp_path / "state", **options)
    assert stopped.steps_made + resumed.steps_made == straight.steps_made
    assert_same(resumed.module.state_dict(), straight.module.state_dict())
    assert_same(outcome.best, whole.best)
    assert curve(outcome) == curve(whole)


def test_a_student_with_everything_on_is_resumed_too(tmp_path):
    run = make_run(tmp_path / "run")
    tasks = [ConnectedTask(run, stop_after=after) for after in (None, 4, None)]
    for task in tasks:
        changes = ALL | {"bn_recompute_batches": 2, "sampling": "balanced", "epochs": 3}
        task.options = task.options.model_copy(update=changes)
    options = ALL | {"lr": 0.01, "epochs": 3}
    whole = run_fit(tasks[0], tmp_path / "whole", "sgd", **options)
    with pytest.raises(Stopped):
        run_fit(tasks[1], tmp_path / "state", "sgd", **options)
    outcome = run_fit(tasks[2], tmp_path / "state", "sgd", **options)
    assert_same(tasks[2].module.state_dict(), tasks[0].module.state_dict())
    assert_same(outcome.best, whole.best)
    assert curve(outcome) == curve(whole)


def test_averaged_weights_are_looked_at_and_kept_but_not_trained(tmp_path):
    plain = run_fit(without := TinyTask(), tmp_path / "plain")
    outcome = run_fit(task := TinyTask(), tmp_path / "averaged", ema_decay=0.9)
    assert_same(task.module.state_dict(), without.module.state_dict())
    assert_same(outcome.best, task.after[outcome.best_epoch])
    assert not torch.equal(outcome.best["0.weight"], plain.best["0.weight"])
    assert outcome.best["1.num_batches_tracked"] == (outcome.best_epoch + 1) * task.steps()


def test_an_average_forgets_its_first_weights_faster_at_first():
    module = torch.nn.Linear(1, 1, bias=False)
    average = {"weight": torch.zeros(1, 1)}
    with torch.no_grad():
        module.weight.fill_(1.0)
    follow(average, module, 0.9, 0)
    assert average["weight"].item() == pytest.approx(1 - 1 / 10)
    follow(average, module, 0.9, 10_000)
    assert average["weight"].item() == pytest.approx(1 - 0.9 / 10)


def test_gathered_gradients_are_averaged(tmp_path):
    """Three batches an epoch, two a step: the last of an epoch makes a step of its own."""
    options = {"accumulate_steps": 2, "epochs": 1, "clip_norm": 0.0, "warmup_epochs": 0}
    run_fit(task := TinyTask(), tmp_path / "state", "sgd", **options)
    torch.manual_seed(0)
    by_hand = TinyTask()
    optimiser = torch.optim.SGD(by_hand.module.parameters(), lr=0.05, momentum=0.9)
    torch.manual_seed(0)
    by_hand.module.train()
    batches = list(by_hand.batches(0, 0))
    for group in (batches[:2], batches[2:]):
        optimiser.zero_grad()
        totals = [sum(by_hand.losses(batch).values()) for batch in group]
        torch.stack(totals).mean().backward()
        optimiser.step()
    found = task.module.state_dict()
    for name, value in by_hand.module.state_dict().items():
        torch.testing.assert_close(found[name], value)


@pytest.mark.parametrize(("patience", "epochs"), [(0, 6), (1, 3), (2, 4), (3, 6)])
def test_training_stops_when_val_has_not_become_better_for_long(tmp_path, patience, epochs):
    options = {"early_stopping_epochs": patience, "epochs": 6}
    outcome = run_fit(TinyTask(validation=VAL), tmp_path / "state", **options)
    assert len(outcome.history) == epochs
    assert outcome.best_epoch == (1 if epochs < 6 else 4)
    assert EPOCHS < 6
