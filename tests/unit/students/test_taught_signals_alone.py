"""Clips without a video teach the teachers, and no student sees them or is told of them."""

import json

import numpy as np
import pandas as pd
import pytest
from tiny_run import SENSORS, make_run, write_frames
from unit.test_selection import arguments, train_teacher

from sakdn.base.errors import InputError
from sakdn.base.files import write_json
from sakdn.commands.inspection_words import clips_words
from sakdn.data.clips.problems import write_problems
from sakdn.results.explain.choose import ExplainOptions, choose_clips
from sakdn.results.report.checked import read_checked
from sakdn.results.report.notes import data_notes
from sakdn.results.report.sample import _choose
from sakdn.stages import fusion, knowledge, student
from sakdn.stages.evaluate import main as evaluate
from sakdn.students.frames.batches import ClipBatches
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.task import SignalBatches

ALONE = (0, 1, 5, 13)  # Three of train, one of val; the first row of the table is one.


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run in which some clips of signals alone are in no shard of frames."""
    run = make_run(tmp_path_factory.mktemp("run"))
    run.table.loc[list(ALONE), "video"] = ""
    run.write_table()
    generator = np.random.default_rng(3)
    seen = run.table[run.table["video"] != ""]
    videos = [generator.integers(0, 99, (6, 18, 18, 3)) + 50 * a for a in seen["action"]]
    run.frames = [write_frames(run.root / "0.npy", seen["clip"].tolist(), videos)]
    return run


def watched(monkeypatch, owner, name):
    read, method = set(), getattr(owner, name)

    def watching(self, rows, *more):
        read.update(np.asarray(rows).tolist())
        return method(self, rows, *more)

    monkeypatch.setattr(owner, name, watching)
    return read


def test_who_learns_from_them(run, tmp_path, monkeypatch):
    taken = watched(monkeypatch, SignalBatches, "take")
    seen = watched(monkeypatch, ClipBatches, "train_batch")
    chosen = watched(monkeypatch, ClipBatches, "eval_batch")
    teachers = [train_teacher(run, tmp_path / sensor, sensor) for sensor in SENSORS]
    assert set(ALONE) < taken
    images = ("--gaf", *run.gaf)
    fusion.main(arguments(run, "fusion", tmp_path / "fusion", *images, "--teachers", *teachers))
    taken.clear()
    index = tmp_path / "know/index.json"
    told = ["--clips", run.clips, "--semantics", run.semantics, *images, "--output", index]
    told += ["--models", teachers[0], "--options", '{"map_sizes_px": [4, 4, 2, 2, 2]}']
    knowledge.main([*map(str, told)])
    train = set(run.rows("train").tolist()) - set(ALONE)
    assert taken == train
    expected = run.table["clip"].iloc[sorted(train)].tolist()
    assert json.loads(index.read_text())["clips"] == expected
    taught = ["--frames", *run.frames, "--name", "soft_target", "--knowledge", index]
    taught += ["--method", '{"loss": "soft_target"}']
    student.main(arguments(run, "student", tmp_path / "student", *taught))
    assert seen == train
    assert chosen == set(run.rows("val").tolist()) - set(ALONE)
    outputs = ["--output", tmp_path / "m.json", "--predictions", tmp_path / "p.csv"]
    model = ["--model", tmp_path / "student/model.json", "--frames", *run.frames]
    evaluate([*map(str, ["--clips", run.clips, *model, *outputs])])
    said = pd.read_csv(tmp_path / "p.csv")
    assert said["clip"].tolist() == run.table["clip"].iloc[run.rows("test")].tolist()
    assert json.loads((tmp_path / "m.json").read_text())["clips"] == 6


def test_a_training_side_of_signals_alone_has_nothing_to_tell(run, tmp_path):
    other = run.table.copy()
    other.loc[other["split"] == "train", "video"] = ""
    other.to_csv(tmp_path / "clips.csv", index=False)
    model = train_teacher(run, tmp_path / "t", SENSORS[0])
    told = ["--clips", tmp_path / "clips.csv", "--semantics", run.semantics, "--gaf", *run.gaf]
    told += ["--models", model, "--output", tmp_path / "know/index.json"]
    with pytest.raises(InputError, match="no training clip has any of the sensors and a video"):
        knowledge.main([*map(str, told)])


def test_explain_and_report(run):
    clip = run.table["clip"][ALONE[0]]
    with pytest.raises(InputError, match=f"clip '{clip}' has no video; choose another"):
        choose_clips(run.table, run.root / "none.csv", ExplainOptions(clips=[clip]))
    notes = " ".join(data_notes(run.table))
    assert "Clips without a video: 4 of 24 (3 in train and 1 in val)" in notes
    assert "without a video" not in " ".join(data_notes(run.table.assign(video="v.mp4")))
    lacking = [GafImages(path, run.table["clip"]) for path in run.gaf]
    for images in lacking:
        images.present = np.zeros(len(run.table), bool)
    assert _choose(run.table, lacking) == 2


def test_the_report_s_check_counts_them(tmp_path):
    write_problems([], tmp_path / "problems.csv")
    about = {"clips": 9, "without_video": 2, "files": 16, "seconds": 1.0}
    options = {"data": {}, "split": {}, "sensors": {}}
    write_json(tmp_path / "summary.json", about | {"options": options})
    assert read_checked(tmp_path, options).sentence.startswith("9 clips (2 without a video), 16")


def test_inspect_counts_them(run):
    assert "4 clips without a video, for the sensors' networks alone" in clips_words(run.clips)
