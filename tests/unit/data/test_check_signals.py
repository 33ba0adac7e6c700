"""What is odd about a signal, and about the signals and videos of a data set together."""

import os
from pathlib import Path

import pandas as pd
import pytest
from recordings import write_signal

from sakdn.data.checking.pairs import odd_axes, odd_durations, odd_rates, odd_values
from sakdn.data.checking.signals import SignalFacts, check_signal
from sakdn.data.checking.videos import VideoFacts
from sakdn.options.sensors import SignalOptions

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


@needs_shared
def test_real_signals_have_no_values_far_from_the_usual_ones():
    paths = sorted((SHARED / "utd-mhad/Inertial").glob("*_s[1-6]_t1_*.mat"))
    options = SignalOptions(variable="d_iner", rate_hz=50)
    facts = {path.name: check_signal(path, options, "error") for path in paths}
    assert len(facts) > 100
    assert list(odd_values(facts)) == []
