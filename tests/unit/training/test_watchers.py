"""A training that is watched is the same training."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
import torch
from safetensors.torch import load_file
from tiny_run import make_run
from tiny_task import assert_same
from unit.recordings import arguments

from sakdn.stages import student
from sakdn.training import watchers
from sakdn.training.watchers import LOGGING

PAGE = Path(__file__).parents[3] / "docs/logging.md"


def train(run, folder):
    options = {"epochs": 3, "batch_size": 4, "size_px": 16, "width": 4, "segments": 2}
    files = {"clips": run.clips, "semantics": run.semantics, "state": folder / "state"}
    named = arguments(**files, output=folder / "model.json", options=options, name="none")
    words = [*named, *arguments(method={"loss": "none"}), "--frames", *run.frames]
    student.main([str(word) for word in words])
    return load_file(folder / "model.safetensors")


def test_tensorboard_sees_everything_and_changes_nothing(tmp_path, monkeypatch):
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    run = make_run(tmp_path / "run")
    expected = train(run, tmp_path / "alone")
    assert not (tmp_path / "alone/tensorboard").exists()
    monkeypatch.setenv(LOGGING, "tensorboard")
    state = torch.get_rng_state()
    assert_same(train(run, tmp_path / "watched"), expected)
    torch.set_rng_state(state)
    seen = events.EventAccumulator(str(tmp_path / "watched/tensorboard"))
    seen.Reload()
    tags = seen.Tags()
    assert {"train/loss", "train/label", "val/accuracy", "val/loss", "lr"} <= set(tags["scalars"])
    assert [event.step for event in seen.Scalars("lr")] == [1, 2, 3]
    assert seen.Scalars("lr")[0].value == pytest.approx(0.001)
    assert set(tags["images"]) == {"images", "saliency"}
    assert [event.step for event in seen.Images("saliency")] == [1, 2, 3]
    assert seen.Images("images")[0].height == 16
    assert any("config" in tag for tag in tags["tensors"])


def test_the_hook_of_the_page_sends_everything(monkeypatch: pytest.MonkeyPatch):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    run = MagicMock()
    wandb = SimpleNamespace(init=MagicMock(return_value=run), Image=lambda part: part.shape)
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    names = dict(vars(watchers))
    exec(code, names)
    watcher = names["WeightsAndBiases"](Path("results/demo/student/sakdn/seed0/tensorboard"))
    assert wandb.init.call_args.kwargs["name"] == "student/sakdn/seed0"
    watcher.begin('{"epochs": 2}')
    watcher.epoch_done(1, {"lr": 0.1})
    watcher.pictures(1, {"saliency": torch.zeros(2, 3, 4, 4)})
    watcher.end()
    run.config.update.assert_called_once_with({"epochs": 2})
    run.log.assert_any_call({"lr": 0.1}, step=1)
    run.log.assert_called_with({"saliency": [(3, 4, 4)] * 2}, step=1)
    run.finish.assert_called_once_with()
