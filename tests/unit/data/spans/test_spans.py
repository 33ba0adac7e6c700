"""Clips that are spans of long recordings: columns start_s and end_s."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from long_recordings import (
    FPS,
    RATE,
    SECONDS,
    SENSORS,
    SPANS,
    change,
    check_of,
    frames_of,
    run_clips,
    write_long,
)
from PIL import Image
from recordings import arguments

from sakdn.base.errors import InputError
from sakdn.data.clips.shards import shards_of
from sakdn.data.clips.spans import spans_of
from sakdn.data.clips.table import read_table, sensors_of, write_table
from sakdn.data.readers.signals import timed_signal
from sakdn.data.readers.span import Span, cut_signal
from sakdn.data.readers.video import plan_clips
from sakdn.options.frames import FramesOptions
from sakdn.options.sensors import ImageOptions, SignalOptions
from sakdn.results.seen_signal import seen_signal
from sakdn.stages.gaf import main as gaf_stage
from sakdn.students.frames import store
from sakdn.students.frames.stored import FrameStore
from sakdn.teachers.gaf.images import clip_images

PAGE = Path(__file__).parents[4] / "docs/own_data.md"


def test_every_clip_has_its_own_frames_and_each_video_is_decoded_once(root, monkeypatch):
    table, videos = run_clips(root)
    assert sensors_of(table) == ["watch"]
    assert videos.groupby("video")["shard"].nunique().eq(1).all()
    read, reader = [], store.read_clip
    monkeypatch.setattr(
        store, "read_clip", lambda path, *more: read.append(Path(path).name) or reader(path, *more)
    )
    stored = FrameStore([frames_of(root, shard) for shard in range(2)])
    assert sorted(read) == ["a.mp4", "b.mp4", "c.mp4", "d.mp4"]
    assert sorted(stored.clips) == sorted(table["clip"])
    for clip in stored.clips:
        start_s, end_s = SPANS[int(clip[1])]
        expected = [i for i in range(FPS * SECONDS) if start_s <= i / FPS < end_s]
        assert stored.length(clip) == len(expected)
        found = stored.frames(clip, np.arange(len(expected)))[:, :, 12:].mean((1, 2, 3))
        np.testing.assert_allclose(found, expected, atol=1.5)


def test_signals_are_cut_alike(root):
    table, _ = run_clips(root)
    paths = {"output": root.parent / "watch.npy", "index": root.parent / "watch.json"}
    made = {"image_size_px": 32, "signal": SENSORS["watch"]}
    about = {"clips": root.parent / "clips.csv", "root": root, "sensor": "watch"}
    gaf_stage(arguments(**about, options=made, **paths))
    images, ranges = np.load(paths["output"]), json.loads(paths["index"].read_text())["ranges"]
    for row, (_, about) in enumerate(table.iterrows()):
        signal = seen_signal(root, "watch", SignalOptions(**SENSORS["watch"]), about)
        start_s, end_s = SPANS[int(about["clip"][1])]
        expected = [i / RATE for i in range(SECONDS * RATE) if start_s <= i / RATE < end_s]
        np.testing.assert_allclose(signal[:, 0], expected, atol=1e-3)
        ours = clip_images(signal, [(0.0, 1.0)], ImageOptions(image_size_px=32), ranges)
        np.testing.assert_array_equal(images[row], ours)
    x_low, x_high = ranges[0]
    assert x_low == pytest.approx(0, abs=1e-3)
    assert x_high == pytest.approx(18.98, abs=0.03)  # What lies behind the last span has no part.


def test_without_stamps_by_the_rate(tmp_path):
    write_long(tmp_path, "e", stamps=False)
    path = tmp_path / "e.csv"
    signal, rate_hz = timed_signal(path, SignalOptions(rate_hz=RATE), None)
    np.testing.assert_allclose(
        cut_signal(signal, rate_hz, path, Span(2, 3))[[0, -1], 0], [2, 2.98], atol=1e-3
    )
    with pytest.raises(InputError, match=r"has neither a rate nor time stamps.*set the sensor's"):
        cut_signal(*timed_signal(path, SignalOptions(rate_hz=None), None), path, Span(2, 3))
    stamped = SignalOptions(columns=[0], time_column=0, rate_hz=None)
    assert timed_signal(path, stamped, None)[1] == pytest.approx(RATE, rel=1e-3)


def test_stamps_that_come_unevenly_count_from_the_first(tmp_path):
    times = np.cumsum(np.where(np.arange(300) % 2, 0.01, 0.03)) + 77
    path = tmp_path / "s.csv"
    path.write_text("t,x\n" + "\n".join(f"{t:.3f},{t:.3f}" for t in times))
    signal, rate_hz = timed_signal(path, SignalOptions(time_column="t", rate_hz=100), None)
    part = cut_signal(signal, rate_hz, path, Span(1, 2))
    np.testing.assert_allclose(part[[0, -1], 0], times[0] + np.array([1, 1.99]), atol=0.011)


def test_fewer_frames_are_spread_over_the_span(root):
    spans = [Span(4, 8), None]
    part, whole = plan_clips(root / "a.mp4", spans, FramesOptions(max_frames=3))
    assert part.indices.tolist() == [40, 60, 79] or part.indices.tolist() == [40, 59, 79]
    assert whole.indices[[0, -1]].tolist() == [0, 199]


def test_rows_without_a_span_are_whole(root):
    change(root, "a0", start_s="", end_s="")
    run_clips(root)
    stored = FrameStore([frames_of(root, shard) for shard in range(2)])
    assert stored.length("a0") == FPS * SECONDS
    assert stored.length("a1") == 39


def test_shards_keep_a_video_together():
    table = pd.DataFrame(
        {"clip": [f"c{n}" for n in range(12)], "subject": "a", "video": list("wwwwxxyyyyzz")}
    )
    spans = table.assign(start_s="0", end_s="1")
    shards = pd.Series(shards_of(spans, 3))
    assert shards.groupby(spans["video"]).nunique().eq(1).all()
    assert shards.nunique() == 3
    assert pd.Series(shards_of(spans, 6)).nunique() == 6


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"end_s": "4.05"}, r"row 3, column end_s: found '4\.05', expected more than start_s"),
        ({"end_s": "-1"}, "row 3, column end_s: found '-1', expected more than start_s"),
        ({"start_s": "-1"}, "row 3, column start_s: found '-1', expected seconds from 0"),
        ({"start_s": "1:02"}, "row 3, column start_s: found '1:02', expected seconds from 0"),
        ({"end_s": "inf"}, "row 3, column end_s: found 'inf', expected seconds"),
        ({"end_s": ""}, "row 3, column end_s: found '', expected seconds, as start_s has them"),
        ({"start_s": ""}, "row 3, column start_s: found '', expected seconds, as end_s has them"),
    ],
)
def test_cells_that_are_no_span(root, cells, message):
    change(root, "a1", **cells)
    for look in (run_clips, check_of):
        with pytest.raises(InputError, match=message):
            look(root)


def test_one_column_alone(root):
    table = pd.read_csv(root / "clips.csv").drop(columns="end_s")
    table.to_csv(root / "clips.csv", index=False)
    with pytest.raises(InputError, match=r"clips\.csv: column end_s is missing; start_s needs it"):
        run_clips(root)


def test_images_have_no_seconds(tmp_path):
    for index in range(5):
        Image.new("RGB", (32, 24)).save(tmp_path / f"{index}.png")
    with pytest.raises(InputError, match="has neither a rate nor time stamps"):
        plan_clips(tmp_path, [Span(0, 1)], FramesOptions())


def test_written_and_read_back(root, tmp_path):
    table, _ = run_clips(root)
    write_table(table, tmp_path / "again.csv")
    pd.testing.assert_frame_equal(read_table(tmp_path / "again.csv"), table)
    assert spans_of(table)[1] == Span(4.05, 8)
    assert (
        (tmp_path / "again.csv")
        .read_text()
        .startswith("clip,action,action_name,subject,start_s,end_s,video,watch,split")
    )


def test_the_example_of_the_docs(tmp_path):
    text = PAGE.read_text(encoding="utf-8")
    (root := tmp_path / "data/mine").mkdir(parents=True)
    table = re.search(r"^File `data/mine/long\.csv`:\n\n```csv\n(.*?)^```", text, re.M | re.S)[1]
    (root / "clips.csv").write_text(table)
    train = re.search(r"train_subjects: \[(.*)\]", text)[1].split(", ")
    split = {"protocol": "cross_subject", "train_subjects": train, "test_subjects": ["emma"]}
    for who in (*train, "emma"):
        write_long(root / "long", who)
    assert check_of(root, split=split).empty
    clips, _ = run_clips(root, split=split)
    stored = FrameStore([frames_of(root, shard) for shard in range(2)])
    assert len(clips) == len(stored) == table.count("\n") - 1
    for clip, span in zip(clips["clip"], spans_of(clips), strict=True):
        assert stored.length(clip) == round((span.end_s - span.start_s) * FPS)
