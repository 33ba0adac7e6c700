"""Nothing is chosen by looking at the test clips."""

import json

import numpy as np
import pytest
import torch
from tiny_run import DIM, NAMES, SENSORS, make_run, tiny_student

from sakdn.options.methods import MethodOptions
from sakdn.options.student import LearningOptions
from sakdn.stages import fusion, knowledge, student, teacher
from sakdn.students.frames.batches import ClipBatches
from sakdn.students.scores import video_logits
from sakdn.students.task import Lesson, VideoData, VideoTask
from sakdn.teachers.task import SignalBatches
from sakdn.training.loop import fit

SPLITS = "train " * 12 + "val " * 6 + "test " * 21
SCHEDULE = LearningOptions(epochs=6, batch_size=4, lr=0.01)


class WatchedTask(VideoTask):
    """Also notes what every epoch's network says of the test clips; that is not looked at."""

    said: list[np.ndarray]

    def validate(self):
        self.said.append(self.predictions(self.data.rows["test"]))
        return super().validate()

    def predictions(self, rows):
        logits = video_logits(self.student, self.data.source, rows, 8, "fp32")
        return logits.argmax(1).numpy()


def train(run, folder, val=None):
    """Trains on the run; `val` replaces the rows that choose the epoch."""
    rows = {side: run.rows(side) for side in ("train", "val", "test")}
    if val is not None:
        rows["val"] = val
    module = tiny_student(dropout=0.2)
    lesson = Lesson(MethodOptions(loss="none"), torch.zeros(len(NAMES), DIM))
    task = WatchedTask(module, VideoData(run.source(), run.windows, rows), lesson, SCHEDULE, 0)
    task.said = []
    folder.mkdir(parents=True)
    outcome = fit(task, SCHEDULE, 0, folder / "state", "key", "test")
    return outcome, task


def weights_equal(ours, theirs):
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_clips_planted_in_test_would_change_the_epoch_but_are_not_looked_at(tmp_path):
    run = make_run(tmp_path / "run", SPLITS)
    honest, task = train(run, tmp_path / "honest")
    differ = [(said != task.said[honest.best_epoch]).sum() for said in task.said]
    tempting = int(np.argmax(differ))
    assert differ[tempting] >= 3
    test = run.rows("test")
    run.table.loc[test, "action"] = task.said[tempting]
    planted, _ = train(run, tmp_path / "planted")
    cheating, _ = train(run, tmp_path / "cheating", np.concatenate([run.rows("val"), test]))
    assert cheating.best_epoch != honest.best_epoch
    assert not weights_equal(cheating.best, honest.best)
    assert planted.best_epoch == honest.best_epoch
    assert weights_equal(planted.best, honest.best)


def arguments(run, stage, folder, *more):
    options = {"epochs": 2, "batch_size": 4, "lr": 0.01}
    options |= {"teacher": {"width": 2}, "fusion": {"inference": "bank"}}.get(stage, {})
    if stage == "student":
        options |= {"width": 4, "size_px": 16, "segments": 2, "head": "tconv"}
    common = ["--clips", run.clips, "--semantics", run.semantics, *more]
    common += ["--options", json.dumps(options), "--state", folder / "state"]
    return [*map(str, [*common, "--output", folder / "model.json"])]


def train_teacher(run, folder, sensor):
    images = next(path for path in run.gaf if path.stem == sensor)
    teacher.main(arguments(run, "teacher", folder, "--gaf", images))
    return folder / "model.json"


def train_student(run, folder):
    frames = ["--frames", *run.frames, "--name", "none", "--method", '{"loss": "none"}']
    student.main(arguments(run, "student", folder, *frames))
    return folder / "model.json"


def train_all(run, root):
    """Every stage that learns or is learnt from."""
    teachers = [train_teacher(run, root / sensor, sensor) for sensor in SENSORS]
    more = ("--gaf", *run.gaf, "--teachers", *teachers)
    fusion.main(arguments(run, "fusion", root / "fusion", *more))
    told = ["--clips", run.clips, "--semantics", run.semantics, "--gaf", *run.gaf]
    told += ["--models", root / "fusion/model.json", "--output", root / "know/index.json"]
    knowledge.main([*map(str, told), "--options", '{"map_sizes_px": [4, 4, 2, 2, 2]}'])
    train_student(run, root / "student")


def test_no_stage_but_evaluate_reads_a_test_clip(tmp_path, monkeypatch):
    read = {"train_batch": set(), "eval_batch": set(), "take": set()}
    for owner, name in ((ClipBatches, "train_batch"), (ClipBatches, "eval_batch")):
        watch(monkeypatch, owner, name, read[name])
    watch(monkeypatch, SignalBatches, "take", read["take"])
    run = make_run(tmp_path / "run")
    train_all(run, tmp_path)
    train, val = (set(run.rows(side).tolist()) for side in ("train", "val"))
    assert read == {"train_batch": train, "eval_batch": val, "take": train | val}


def watch(monkeypatch, owner, name, read):
    """Notes the rows that method `name` of `owner` is asked for."""
    method = getattr(owner, name)

    def watched(self, rows, *others):
        read.update(np.asarray(rows).tolist())
        return method(self, rows, *others)

    monkeypatch.setattr(owner, name, watched)


@pytest.mark.parametrize("kind", ["teacher", "student"])
def test_other_test_labels_make_the_same_network(tmp_path, kind):
    run = make_run(tmp_path / "run")
    models = []
    for folder, shift in ((tmp_path / "a", 0), (tmp_path / "b", 1)):
        test = run.rows("test")
        run.table.loc[test, "action"] = (run.table.loc[test, "action"] + shift) % len(NAMES)
        run.table["action_name"] = [NAMES[label] for label in run.table["action"]]
        run.write_table()
        model = (
            train_student(run, folder)
            if kind == "student"
            else train_teacher(run, folder, SENSORS[0])
        )
        models.append(model)
    weights = [model.with_suffix(".safetensors").read_bytes() for model in models]
    assert weights[0] == weights[1]
    about = [json.loads(model.read_text()) for model in models]
    for name in ("best_epoch", "val_accuracy", "val_loss"):
        assert about[0][name] == about[1][name]
