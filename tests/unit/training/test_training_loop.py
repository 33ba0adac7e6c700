import pytest
import torch
from tiny_task import TinyTask, assert_same, run_fit

from sakdn.base.errors import InputError


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
