"""A training that is watched is the same training."""

import pytest
import torch
from safetensors.torch import load_file
from tiny_run import make_run
from tiny_task import assert_same
from unit.recordings import arguments

from sakdn.stages import student
from sakdn.training.watchers import LOGGING


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
