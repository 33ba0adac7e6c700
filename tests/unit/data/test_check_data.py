"""The data check: what it says of signals, of a table, and of a data set as a whole."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from recordings import (
    arguments,
    clips_stage,
    data_options,
    stage_options,
    write_signal,
    write_video,
)
from scipy.io import loadmat, savemat

from sakdn.base.errors import InputError
from sakdn.data.checking.sides import odd_classes, same_signals, same_videos
from sakdn.data.clips.problems import bad_clips, read_problems
from sakdn.data.clips.table import read_table
from sakdn.stages.check_data import main as verdict
from sakdn.stages.data_problems import main


def table_of(splits, actions=None, recordings=None):
    clips = [f"c{i}" for i in range(len(splits))]
    table = pd.DataFrame({"clip": clips, "split": splits, "video": [f"{c}.mp4" for c in clips]})
    table["action"] = actions or [0] * len(splits)
    table["action_name"] = [f"action {a}" for a in table["action"]]
    table["watch"] = [f"{r}.csv" for r in recordings or clips]
    return table.assign(recording=recordings or clips)


def test_classes_that_are_few_or_absent():
    table = table_of(["train"] * 7 + ["val", "val", "test"], [0] * 6 + [1] + [0, 1, 0])
    messages = [problem.finding.message for problem in odd_classes(table)]
    assert messages == [
        "train has 6 clips of 'action 0' but 1 of 'action 1'",
        "test has no clips of 'action 1'",
    ]


def test_same_video_in_train_and_test_is_an_error_of_the_one_that_learns():
    table = table_of(["train", "test", "train", "val", "test", ""])
    (problem,) = same_videos(table, pd.Series(["x", "x", "y", "z", "w", ""]))
    assert (problem.clip, problem.file) == ("c0", "c0.mp4")
    assert problem.finding.severity == "error"
    assert "c1.mp4 of clip c1, which is in test" in problem.finding.message


def test_same_video_twice_on_one_side_is_a_warning():
    (problem,) = same_videos(table_of(["train", "train"]), pd.Series(["x", "x"]))
    assert (problem.clip, problem.finding.severity) == ("c1", "warning")


def test_views_may_share_a_signal_but_recordings_may_not():
    views = table_of(["train", "test", "train"], recordings=["r", "r", "q"])
    assert list(same_signals(views, "watch", pd.Series(["x", "x", "y"]))) == []
    copies = same_signals(views, "watch", pd.Series(["x", "x", "x"]))
    assert [(problem.clip, problem.finding.severity) for problem in copies] == [("c2", "error")]


@pytest.fixture
def root(tmp_path):
    """Two actions by three people, twice each; no two files are the same."""
    root = tmp_path / "data"
    for seed, (action, subject, trial) in enumerate(np.ndindex(2, 3, 2)):
        name = f"a{action + 1}_s{subject + 1}_t{trial + 1}"
        write_video(root / f"RGB/{name}_color.avi", frames=12 + seed)
        write_signal(root / f"Inertial/{name}_inertial.mat", length=40 + 3 * seed, seed=seed)
    (root / "classes.txt").write_text("wave\npush\n")
    return root


SPLIT = {"protocol": "cross_subject", "train_subjects": [1, 2], "test_subjects": [3]}


def options_of(root, **data):
    return stage_options(root, data=data_options(root, **data), split=SPLIT)


def check(root, processes=1, **data):
    output, summary = root.parent / "check/problems.csv", root.parent / "check/summary.json"
    options = options_of(root, **data)
    main(arguments(options=options, processes=processes, output=output, summary=summary))
    return read_problems(output), json.loads(summary.read_text())


def test_good_data_set(root):
    problems, summary = check(root)
    assert len(problems) == 0
    assert list(problems.columns) == ["clip", "file", "kind", "severity", "message"]
    assert (summary["clips"], summary["files"]) == (12, 36)
    assert summary["options"]["split"] == SPLIT


def spoil(root):
    """One bad file of each kind; the clips that are bad for it."""
    cut = root / "RGB/a1_s1_t1_color.avi"
    cut.write_bytes(cut.read_bytes()[:-900])
    (root / "RGB/a1_s1_t2_color.avi").write_bytes(b"")
    (root / "Inertial/a2_s1_t1_inertial.mat").unlink()
    values = np.random.default_rng(9).standard_normal((50, 6))
    values[3, 4] = np.nan
    savemat(root / "Inertial/a2_s2_t1_inertial.mat", {"d_iner": values})
    shutil.copy(root / "RGB/a2_s3_t1_color.avi", root / "RGB/a2_s2_t2_color.avi")
    return {"a1_s1_t1", "a1_s1_t2", "a2_s1_t1", "a2_s2_t1", "a2_s2_t2"}


def test_spoilt_data_set(root):
    bad = spoil(root)
    problems, summary = check(root, processes=2)
    assert set(bad_clips(problems)) == bad
    found = set(zip(problems["clip"], problems["kind"]))
    assert found >= {
        ("a1_s1_t1", "damaged"),
        ("a1_s1_t2", "unreadable"),
        ("a2_s1_t1", "missing_signal"),
        ("a2_s2_t1", "nan"),
        ("a2_s2_t2", "same_file"),
    }
    assert summary["problems"]["error"] == (problems["severity"] == "error").sum()
    nan = problems[problems["kind"] == "nan"]
    assert nan["file"].tolist() == ["Inertial/a2_s2_t1_inertial.mat"]


def test_missing_sensor_is_no_error_where_it_is_allowed(root):
    (root / "Inertial/a2_s1_t1_inertial.mat").unlink()
    problems, _ = check(root, sensors_missing="mask")
    assert set(problems["severity"]) == {"note"}


def run_clips(root, **more):
    names = {name: root.parent / f"{name}.csv" for name in ("output", "videos", "dropped")}
    clips_stage(options=options_of(root), **names, **more)
    dropped = pd.read_csv(names["dropped"], dtype=str)
    return read_table(names["output"]), pd.read_csv(names["videos"]), dropped


def test_bad_clips_are_dropped_and_listed(root):
    bad = spoil(root)
    check(root)
    table, videos, dropped = run_clips(root, problems=root.parent / "check/problems.csv")
    assert set(dropped["clip"]) == bad
    assert set(table["clip"]) == set(videos["clip"])
    assert len(table) == 12 - len(bad)
    assert set(table["clip"]).isdisjoint(bad)
    reason = dropped.set_index("clip")["reason"]["a1_s1_t1"]
    assert reason.startswith("damaged: RGB/a1_s1_t1_color.avi: found ")


def test_nothing_is_dropped_from_good_data(root):
    check(root)
    before, _, dropped = run_clips(root)
    after, _, _ = run_clips(root, problems=root.parent / "check/problems.csv")
    assert dropped.empty
    pd.testing.assert_frame_equal(before, after)


def test_dropping_all_clips_of_an_action_is_an_error(root):
    for path in root.glob("RGB/a1_*"):
        path.write_bytes(b"")
    check(root)
    with pytest.raises(InputError, match=r"less 6 clips that cannot be used.*no clip has label 0"):
        run_clips(root, problems=root.parent / "check/problems.csv")


def test_label_gap_of_a_table_stops_the_check(tmp_path):
    (tmp_path / "mine.csv").write_text(
        "clip,action,action_name,subject,video,accelerometer,gyroscope\n"
        "a,0,wave,1,a.mp4,,\nb,2,push,1,b.mp4,,\n"
    )
    table = {"source": "table", "table": str(tmp_path / "mine.csv")}
    with pytest.raises(InputError, match="no clip has label 1 although 2 occurs"):
        check(tmp_path, **table)


def test_verdict(root, capsys):
    problems = root.parent / "check/problems.csv"
    check(root)
    verdict(["--problems", str(problems), "--on-bad-clip", "error"])
    assert "0 problems" in capsys.readouterr().out
    spoil(root)
    check(root)
    with pytest.raises(InputError) as error:
        verdict(["--problems", str(problems), "--on-bad-clip", "error"])
    assert str(error.value).startswith("5 clips cannot be used:\n  a2_s1_t1: missing_signal: RGB/")
    assert "data.on_bad_clip: drop" in str(error.value)
    verdict(["--problems", str(problems), "--on-bad-clip", "drop"])
    assert "these 5 clips are left out" in capsys.readouterr().out


def test_reasons_of_a_clip_are_joined():
    rows = [("c", "v.mp4", "damaged", "error", "x"), ("c", "s.csv", "nan", "error", "y")]
    rows += [("d", "w.mp4", "frame_rate", "warning", "z")]
    table = pd.DataFrame(rows, columns=["clip", "file", "kind", "severity", "message"])
    assert bad_clips(table) == {"c": "damaged: v.mp4: x; nan: s.csv: y"}


def test_values_far_from_the_usual_ones_are_named_by_file_and_row(root):
    path = root / "Inertial/a2_s2_t1_inertial.mat"
    values = loadmat(path)["d_iner"]
    values[6, 2] = -32768
    savemat(path, {"d_iner": values})
    problems, _ = check(root)
    (problem,) = problems.itertuples()
    assert (problem.clip, problem.kind, problem.severity) == ("a2_s2_t1", "far_value", "warning")
    assert problem.file == "Inertial/a2_s2_t1_inertial.mat"
    assert problem.message.startswith("row 7, axis 3: found -32768, nearly all values of the")
