"""The data check: what it says of signals, of a table, and of a data set as a whole."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from recordings import arguments, data_options, stage_options, write_signal, write_video
from scipy.io import loadmat, savemat

from sakdn.base.errors import InputError
from sakdn.data.checking.pairs import odd_axes, odd_durations, odd_rates, odd_values
from sakdn.data.checking.sides import odd_classes, same_signals, same_videos
from sakdn.data.checking.signals import SignalFacts, check_signal
from sakdn.data.checking.videos import VideoFacts
from sakdn.data.clips.problems import bad_clips, read_problems
from sakdn.data.clips.table import read_table
from sakdn.data.readers.signals import SignalOptions
from sakdn.stages.check_data import main as verdict
from sakdn.stages.clips import main as clips_stage
from sakdn.stages.data_problems import main

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is absent")


def kinds_of(facts):
    return [(finding.severity, finding.kind) for finding in facts.findings]


@needs_shared
def csv(path, rows):
    path.write_text("\n".join(",".join(map(str, row)) for row in rows))
    return path


def check_rows(tmp_path, rows, nan="error", **options):
    path = csv(tmp_path / "s.csv", rows)
    return check_signal(path, SignalOptions(rate_hz=50, **options), nan)


GOOD = [(i, i * i % 7, -i) for i in range(20)]


def test_good_signal(tmp_path):
    facts = check_rows(tmp_path, GOOD)
    assert (facts.findings, facts.axes, facts.seconds) == ((), 3, 0.4)


def test_values_that_are_no_numbers(tmp_path):
    rows = [*GOOD[:4], (4, "", 1), *GOOD[5:]]
    facts = check_rows(tmp_path, rows)
    assert kinds_of(facts) == [("error", "nan")]
    assert "1 of 60 values are no numbers, first in row 5, axis 2" in facts.findings[0].message
    assert kinds_of(check_rows(tmp_path, rows, nan="interpolate")) == [("warning", "nan")]
    nothing = [(row[0], "", row[2]) for row in GOOD]
    assert kinds_of(check_rows(tmp_path, nothing, nan="interpolate")) == [("error", "nan")]


def test_constant_axis(tmp_path):
    facts = check_rows(tmp_path, [(i, 3, -i) for i in range(9)])
    assert [finding.message for finding in facts.findings] == ["axis 2 is 3 throughout"]
    assert kinds_of(facts) == [("warning", "constant_axis")]


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({10: 0.15}, "time_backwards", "1 times, first after sample 10 by 0.03 s"),
        ({10: 0.18}, "time_repeated", "1 time stamps occur again"),
        ({19: 2.0}, "time_gap", "no samples for 1.64 s, 0.36 s after the first"),
    ],
)
def test_odd_time_stamps(tmp_path, change, kind, words):
    times = [change.get(i, i * 0.02) for i in range(20)]
    rows = [(f"{time:.3f}", *row) for time, row in zip(times, GOOD)]
    facts = check_rows(tmp_path, rows, columns=[1, 2, 3], time_column=0)
    assert [finding.kind for finding in facts.findings] == [kind]
    assert words in facts.findings[0].message


def test_time_stamps_of_another_rate_than_the_config_says(tmp_path):
    rows = [(i * 0.01, *row) for i, row in enumerate(GOOD)]
    facts = check_rows(tmp_path, rows, columns=[1, 2, 3], time_column=0)
    assert [finding.kind for finding in facts.findings] == ["sampling_rate"]
    assert facts.seconds == pytest.approx(0.2)


@needs_shared
def test_real_recording_whose_time_runs_backwards():
    options = SignalOptions(
        columns=[1, 2, 3], rate_hz=100, time_column=0, time_format="%Y%m%d_%H:%M:%S.%f"
    )
    facts = check_signal(SHARED / "mmact/carrying.csv", options, "error")
    assert ("warning", "time_backwards") in kinds_of(facts)
    assert facts.seconds == pytest.approx(8.9, abs=0.1)


def test_unreadable_signals(tmp_path):
    cut = write_signal(tmp_path / "cut.mat")
    cut.write_bytes(cut.read_bytes()[:-50])
    options = SignalOptions(variable="d_iner")
    assert kinds_of(check_signal(cut, options, "error")) == [("error", "unreadable")]
    assert kinds_of(check_signal(tmp_path / "no.mat", options, "error")) == [("error", "missing")]
    words = csv(tmp_path / "s.csv", [("1", "2"), ("a", "3"), ("4", "5")])
    assert kinds_of(check_signal(words, SignalOptions(), "error")) == [("error", "unreadable")]


def video(seconds=2.0, rate_hz=15.0):
    return VideoFacts((), "d", rate_hz, seconds)


def test_video_of_another_frame_rate_than_most():
    videos = {f"{i}.mp4": video() for i in range(5)} | {"odd.mp4": video(rate_hz=30.0)}
    ((path, finding),) = odd_rates(videos)
    assert path == "odd.mp4"
    assert finding.message == "found 30 frames a second, most videos have 15"


def test_signal_with_more_axes_than_most():
    signals = {f"{i}.csv": SignalFacts((), "d", 3) for i in range(5)}
    signals["odd.csv"] = SignalFacts((), "d", 4)
    ((path, finding),) = odd_axes(signals)
    assert (path, finding.severity) == ("odd.csv", "error")


def durations(of_signals):
    names = [f"{i}" for i in range(len(of_signals))]
    clips = pd.DataFrame({"clip": names, "video": names, "watch": names})
    signals = {name: SignalFacts((), "d", 3, s) for name, s in zip(names, of_signals)}
    return list(odd_durations(clips, "watch", {name: video() for name in names}, signals))


def test_durations_that_disagree():
    assert durations([2.0, 1.8, 2.1, 2.4]) == []
    (problem,) = durations([2.0, 1.8, 2.1, 4.4])
    assert problem.clip == "3"
    assert problem.finding.message == "signal lasts 4.4 s, video 2.0 s"


def test_wrong_sampling_rate_is_one_finding_and_not_one_a_clip():
    (problem,) = durations([4.0, 3.9, 4.1])
    assert problem.clip == ""
    assert "last 2.00 times as long as the videos" in problem.finding.message
    assert "sensors.watch.rate_hz" in problem.finding.message


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
    clips_stage(arguments(options=options_of(root), **names, **more))
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


@needs_shared
def test_real_signals_have_no_values_far_from_the_usual_ones():
    paths = sorted((SHARED / "utd-mhad/Inertial").glob("*_s[1-6]_t1_*.mat"))
    options = SignalOptions("d_iner", rate_hz=50)
    facts = {path.name: check_signal(path, options, "error") for path in paths}
    assert len(facts) > 100
    assert list(odd_values(facts)) == []
