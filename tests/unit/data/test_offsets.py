"""Sensors that were not started with the camera: moved when read, and noticed by the data check."""

import numpy as np
import pandas as pd
import pytest

from sakdn.base.errors import InputError
from sakdn.data.checking.lags import lag_of, odd_lags
from sakdn.data.checking.motion import Motion
from sakdn.data.checking.signals import SignalFacts, check_signal
from sakdn.data.checking.videos import VideoFacts
from sakdn.data.clips.offsets import offset_columns, offsets_of
from sakdn.data.clips.table import read_table, sensors_of, validated, write_table
from sakdn.data.readers.signals import finite_signal, read_signal
from sakdn.options.sensors import SignalOptions

TIME = np.arange(200) / 50


def bursts(time):
    """How much a person moves: two bursts in 4 s."""
    return np.exp(-(((time - 1.1) / 0.2) ** 2)) + 0.6 * np.exp(-(((time - 2.6) / 0.35) ** 2))


def signal_at(path, start_s, stamped=False):
    """A sensor that was started so many seconds after the camera."""
    time = TIME + start_s
    shaken = bursts(time)[:, None] * np.sin([[30, 41, 53]] * time[:, None]) + [0, 9.81, 0]
    np.save(path, np.column_stack([TIME, shaken]) if stamped else shaken)
    return path


@pytest.mark.parametrize("stamped", [False, True])
@pytest.mark.parametrize("start_s", [0.4, -0.4, 0.13])
def test_a_signal_is_moved_to_where_the_video_was(tmp_path, start_s, stamped):
    path = signal_at(tmp_path / "s.npy", start_s, stamped)
    column = {"time_column": 0} if stamped else {}
    options = SignalOptions(rate_hz=50, offset_s=start_s, **column)
    together = signal_at(tmp_path / "t.npy", 0.0)
    expected = read_signal(together, SignalOptions(rate_hz=50))
    inside = slice(25, -25)
    for signal in (read_signal(path, options), finite_signal(path, options, "error")):
        assert signal.shape == expected.shape
        np.testing.assert_allclose(signal[inside], expected[inside], atol=0.2)
    late = read_signal(path, options)[:5] if start_s > 0 else read_signal(path, options)[-5:]
    np.testing.assert_allclose(late, np.broadcast_to(late[0], late.shape))


def test_an_offset_that_leaves_nothing_or_has_no_rate_is_refused(tmp_path):
    path = signal_at(tmp_path / "s.npy", 0.0)
    with pytest.raises(InputError, match="found 4 s of signal, 5 s away from the video"):
        read_signal(path, SignalOptions(rate_hz=50, offset_s=5))
    with pytest.raises(InputError, match="offset_s needs the sensor's rate_hz"):
        read_signal(path, SignalOptions(rate_hz=None, offset_s=0.1))


def table(offsets):
    rows = [
        (f"c{i}", i % 2, f"act {i % 2}", "p", f"{i}.mp4", f"{i}.csv", offset, "train")
        for i, offset in enumerate(offsets)
    ]
    columns = ["clip", "action", "action_name", "subject", "video", "watch"]
    return pd.DataFrame(rows, columns=[*columns, "watch_offset_s", "split"]).astype(str)


def test_offsets_of_clips_are_no_sensors(tmp_path):
    clips = validated(table(["0.25", "", "-1"]), "x")
    write_table(clips, tmp_path / "clips.csv")
    again = read_table(tmp_path / "clips.csv")
    assert sensors_of(again) == ["watch"]
    assert offset_columns(again.columns) == ["watch_offset_s"]
    assert offsets_of(again, "watch").tolist() == [0.25, 0, -1]
    assert offsets_of(again.drop(columns="watch_offset_s"), "watch").tolist() == [0, 0, 0]


@pytest.mark.parametrize("cell", ["soon", "nan", "1e9", "inf", "0,5"])
def test_an_offset_that_is_no_number_of_seconds(cell):
    with pytest.raises(InputError, match=r"x: row 3, column watch_offset_s: found .*seconds"):
        validated(table(["0.1", cell]), "x")


def facts_of(path, start_s, **options):
    return check_signal(signal_at(path, start_s), SignalOptions(rate_hz=50, **options), "error")


def video():
    steps = (np.arange(60) + 0.5) / 15
    return VideoFacts((), "d", 15.0, 4.0, 0.1 + 5 * bursts(steps))


@pytest.mark.parametrize("start_s", [-1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0])
def test_the_check_names_clips_that_are_apart_and_what_to_set(tmp_path, start_s):
    clips = pd.DataFrame({"clip": ["c"], "video": ["v"], "watch": ["s"]})
    facts = facts_of(tmp_path / "s.npy", start_s)
    problems = list(odd_lags(clips, "watch", {"v": video()}, {"s": facts}))
    lag_s, good, _ = lag_of(video().motion, facts.activity, 4.0)
    assert good > 0.8
    assert lag_s == pytest.approx(start_s, abs=0.15)
    if abs(start_s) < 0.3:
        assert problems == []
        return
    assert problems[0].finding.severity == "warning"
    assert f"add {lag_s:+.1f} to sensors.watch.offset_s" in problems[0].finding.message
    corrected = facts_of(tmp_path / "s.npy", start_s, offset_s=start_s)
    assert list(odd_lags(clips, "watch", {"v": video()}, {"s": corrected})) == []
    told = clips.assign(watch_offset_s=str(start_s))
    assert list(odd_lags(told, "watch", {"v": video()}, {"s": facts})) == []


def test_noise_is_no_lag(tmp_path):
    generator = np.random.default_rng(0)
    clips = pd.DataFrame({"clip": ["c"], "video": ["v"], "watch": ["s"]})
    for _ in range(50):
        still = VideoFacts((), "d", 15.0, 4.0, generator.uniform(0.5, 1, 60))
        signal = SignalFacts((), "d", 3, 4.0, None, generator.uniform(0.5, 1, 200))
        assert list(odd_lags(clips, "watch", {"v": still}, {"s": signal})) == []


def test_motion_is_the_change_from_frame_to_frame():
    motion = Motion()
    for level in (0, 10, 10, 255):
        motion.add(np.full((4, 6), level, np.uint8))
    assert motion.energy.tolist() == [10, 0, 245]
