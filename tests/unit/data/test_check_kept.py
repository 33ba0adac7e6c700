"""What the data check found in a file is kept for as long as the file is the same."""

import json
import os
from dataclasses import asdict, replace

import numpy as np
import pytest
from recordings import arguments, data_options, stage_options, write_signal, write_video

from sakdn.data.checking import dataset
from sakdn.data.checking.kept import KeptFacts
from sakdn.data.checking.outliers import Spread
from sakdn.data.checking.signals import SignalFacts
from sakdn.data.checking.videos import VideoFacts
from sakdn.data.clips.problems import Finding
from sakdn.data.readers.parts import Part
from sakdn.data.readers.span import Span
from sakdn.data.readers.timing import Timing
from sakdn.stages.data_problems import main

SPLIT = {"protocol": "cross_subject", "train_subjects": [1, 2], "test_subjects": [3]}
VIDEO, SIGNAL = "RGB/a1_s1_t1_color.avi", "Inertial/a1_s2_t1_inertial.mat"


@pytest.fixture
def root(tmp_path):
    """Two actions by three people, once each; no two files are the same."""
    for seed, (action, subject) in enumerate(np.ndindex(2, 3)):
        name = f"a{action + 1}_s{subject + 1}_t1"
        write_video(tmp_path / f"data/RGB/{name}_color.avi", frames=12 + seed)
        write_signal(tmp_path / f"data/Inertial/{name}_inertial.mat", 40 + 3 * seed, seed)
    (tmp_path / "data/classes.txt").write_text("wave\npush\n")
    return tmp_path / "data"


@pytest.fixture
def check(root, monkeypatch):
    """Runs the check; the names of the files that it read, what it wrote."""
    read, really = [], dataset._check
    monkeypatch.setattr(dataset, "_check", lambda job: (read.append(job[0].name), really(job))[1])
    folder = root.parent / "run"

    def run(noted=folder / "state/recordings/check.json", **changes):
        read.clear()
        options = stage_options(root, data=data_options(root), split=SPLIT) | changes
        files = {"output": folder / "problems.csv", "summary": folder / "summary.json"}
        main(arguments(options=options, **files, **({"noted": noted} if noted else {})))
        summary = json.loads(files["summary"].read_text())
        return sorted(read), files["output"].read_text(), summary["files"]

    return run


def test_files_that_are_the_same_are_not_read_again(root, check):
    read, problems, files = check()
    assert len(read) == files == 18
    os.utime(root / VIDEO)
    assert check() == ([], problems, files)
    assert check(noted=None) == (read, problems, files)


def test_a_file_that_changed_is_read_and_so_is_one_that_was_repaired(root, check):
    _, good, _ = check()
    whole = (root / VIDEO).read_bytes()
    (root / VIDEO).write_bytes(whole[:-400])
    read, problems, _ = check()
    assert read == ["a1_s1_t1_color.avi"]
    assert "damaged" in problems
    assert problems == check(noted=None)[1]
    (root / VIDEO).write_bytes(whole)
    assert check()[:2] == (["a1_s1_t1_color.avi"], good)


def test_what_cannot_be_read_is_tried_each_time(root, check):
    (root / SIGNAL).write_bytes(b"no signal")
    _, *first = check()
    assert check() == (["a1_s2_t1_inertial.mat"] * 2, *first)


def test_other_options_of_a_sensor_read_its_files_alone(root, check):
    check()
    sensors = stage_options(root)["sensors"]
    sensors = sensors | {"gyroscope": sensors["gyroscope"] | {"rate_hz": 25}}
    read, problems, _ = check(sensors=sensors)
    assert len(read) == 6
    assert all(name.endswith(".mat") for name in read)
    assert problems == check(noted=None, sensors=sensors)[1]


def test_another_split_reads_nothing_and_says_what_reading_all_would(root, check):
    (root / "RGB/a1_s3_t1_color.avi").write_bytes((root / VIDEO).read_bytes())
    check()
    split = SPLIT | {"train_subjects": [1, 3], "test_subjects": [2]}
    read, problems, _ = check(split=split)
    assert read == []
    assert problems == check(noted=None, split=split)[1]


def test_lines_that_were_cut_off_are_read_anew(root, check):
    _, problems, _ = check()
    kept = root.parent / "run/state/checked.txt"
    assert len(kept.read_text().splitlines()) == 18
    kept.write_bytes(kept.read_bytes()[:-40])
    again, same, _ = check()
    assert len(again) == 1
    assert same == problems
    assert len(kept.read_text().splitlines()) == 18


def test_facts_come_back_as_they_were(tmp_path):
    path, part = tmp_path / "a.mp4", Part(Span(0.25, 1 / 3), 0.1)
    row = np.array([0.1, np.nan, -1e-300])
    of_video = VideoFacts(
        (Finding("gap", "note", "a – b"),),
        "x",
        1 / 7,
        None,
        row,
        Timing(3, None, row),
        {part: "ends"},
    )
    spread = Spread(row, row, np.stack([row, row]), np.arange(6).reshape(2, 3), row, 0.5)
    of_signal = SignalFacts((), "x", 3, 1.5, spread, None, row.astype(np.float32)[None])
    for number, facts in enumerate((of_video, of_signal)):
        kept, job = (
            KeptFacts(tmp_path / f"{number}.txt", "", {str(path): "x"}),
            (path, None, [part]),
        )
        kept.add(job, facts)
        back = kept.of([job])[0]
        assert back.wrong_spans == facts.wrong_spans
        same, expected = (asdict(replace(each, wrong_spans={})) for each in (back, facts))
        np.testing.assert_equal(same, expected)
