"""Clips out of long recordings: on one side of the cut of val, compared with what they are of."""

import re

import numpy as np
import pandas as pd
import pytest

from sakdn.data.checking.lags import odd_lags
from sakdn.data.checking.pairs import odd_durations
from sakdn.data.checking.signals import SignalFacts
from sakdn.data.checking.spans import odd_neighbours
from sakdn.data.checking.videos import VideoFacts
from sakdn.data.clips.neighbours import neighbours_of
from sakdn.data.clips.split import with_split
from sakdn.data.readers.timing import Timing
from sakdn.options.split import SplitOptions


def long_clips(recordings, actions=3, each=2):
    """Spans of long recordings, all of one person, and a test recording of another."""
    rows = [
        (f"{name}_{action}_{part}", action, f"act {action}", who, f"{name}.mp4", f"{name}.csv")
        for name, who in [*((name, "anna") for name in recordings), ("t", "ben")]
        for part in range(each)
        for action in range(actions)
    ]
    columns = ["clip", "action", "action_name", "subject", "video", "watch"]
    table = pd.DataFrame(rows, columns=columns)
    start = table.groupby("video").cumcount() * 3
    return table.assign(start_s=start.astype(str), end_s=(start + 3).astype(str))


CROSS = SplitOptions(protocol="cross_subject", train_subjects=["anna"], test_subjects=["ben"])


def test_val_is_made_of_whole_recordings():
    table = with_split(long_clips(["a", "b", "c", "d"]), CROSS)
    sides = table.groupby("video")["split"].agg(set)
    assert all(len(side) == 1 for side in sides)
    assert (table["split"] == "val").sum() == 6
    assert list(odd_neighbours(table, ["video", "watch"])) == []


def test_a_recording_that_alone_has_an_action_stays_in_train():
    table = long_clips(["a", "b", "c"])
    alone = (table["video"] == "c.mp4") & (table["action"] == 2)
    table = table[alone | (table["video"] != "c.mp4") & (table["action"] != 2)]
    table = pd.concat([table, long_clips([])])
    split = with_split(table.reset_index(drop=True).drop_duplicates("clip"), CROSS)
    assert set(split.loc[split["video"] == "c.mp4", "split"]) == {"train"}
    assert (split["split"] == "val").sum() == 4


def test_one_recording_is_cut_and_said_to_be(capsys):
    table = with_split(long_clips(["a"], each=5), CROSS)
    assert (table["split"] == "val").sum() == 3
    assert "train and val have clips of the same long recordings" in capsys.readouterr().err
    (of_video, of_signal) = odd_neighbours(table, ["video", "watch"])
    assert "3 clips of this recording are in val and 12 in train" in of_video.finding.message
    assert of_signal.file == "a.csv"


def test_neighbours_share_a_video_or_a_signal_and_whole_files_have_none():
    table = long_clips(["a", "b"])
    table.loc[table["video"] == "b.mp4", "watch"] = "a.csv"
    table.loc[0, ["start_s", "end_s"]] = ""
    groups = neighbours_of(table)
    joined = groups[(table["subject"] == "anna") & (table["start_s"] != "")]
    assert joined.nunique() == 1
    assert (groups == groups[0]).sum() == 1
    whole = table.drop(columns=["start_s", "end_s"])
    assert neighbours_of(whole).is_unique


def bursts(time):
    return sum(np.exp(-(((time - at) / 0.25) ** 2)) for at in (3, 7.5, 12.2, 13.1, 17, 22.3, 26))


@pytest.mark.parametrize("start_s", [0.0, 0.6, -0.6])
@pytest.mark.parametrize("told", [False, True])
def test_a_span_is_compared_with_the_signal_of_its_own_time(start_s, told):
    """The signal runs 10 s longer, and its sensor was started `start_s` after the video."""
    frames, samples = np.arange(600) / 20, np.arange(2000) / 50 + start_s
    video = VideoFacts((), "d", 20, 30, 0.1 + bursts(frames[:-1] + 0.025), Timing(600, 20.0))
    begin_s = start_s if told else 0.0
    signal = SignalFacts((), "d", 3, 40, activity=0.1 + bursts(samples), begin_s=begin_s)
    clips = long_clips([]).iloc[:1].assign(start_s="10", end_s="20")
    facts = {"t.mp4": video}, {"t.csv": signal}
    found = [problem.finding for problem in odd_lags(clips, "watch", *facts)]
    assert [finding.kind for finding in found] == ["lag"] * bool(start_s and not told)
    assert all(f"add {start_s:+.1f} to" in finding.message for finding in found)
    assert list(odd_durations(clips, "watch", *facts)) == []
    whole = clips.drop(columns=["start_s", "end_s"])
    shorter = {"t.csv": SignalFacts((), "d", 3, 12.0)}
    assert list(odd_durations(clips, "watch", facts[0], shorter)) == []
    assert list(odd_durations(whole, "watch", facts[0], shorter)) != []


def test_images_take_their_seconds_from_the_signal():
    video = VideoFacts((), "d", motion=0.1 + bursts(np.arange(240) / 240 * 30))
    signal = SignalFacts((), "d", 3, 30, activity=0.1 + bursts(np.arange(1500) / 50 + 0.7))
    clips = long_clips([]).iloc[:1].drop(columns=["start_s", "end_s"])
    (problem,) = odd_lags(clips, "watch", {"t.mp4": video}, {"t.csv": signal})
    assert re.search(r"add \+0\.[78] to", problem.finding.message)
