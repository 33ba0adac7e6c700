"""Clips that are spans of long recordings: columns start_s and end_s."""

import json
import re
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from recordings import arguments

from sakdn.base.errors import InputError
from sakdn.data.checking.held import wrong_spans
from sakdn.data.clips.problems import read_problems
from sakdn.data.clips.shards import shards_of
from sakdn.data.clips.spans import spans_of
from sakdn.data.clips.table import read_table, sensors_of, write_table
from sakdn.data.readers.parts import Part
from sakdn.data.readers.signals import timed_signal
from sakdn.data.readers.span import Span, cut_signal
from sakdn.data.readers.video import plan_clips
from sakdn.options.frames import FramesOptions
from sakdn.options.sensors import ImageOptions, SensorOptions, SignalOptions
from sakdn.results.report.notes import data_notes
from sakdn.results.seen_signal import seen_signal
from sakdn.stages.clips import main as clips_stage
from sakdn.stages.data_problems import main as check
from sakdn.stages.frames import main as frames_stage
from sakdn.stages.gaf import main as gaf_stage
from sakdn.students.frames import store
from sakdn.students.frames.stored import FrameStore
from sakdn.teachers.gaf.clip_signals import clip_signals
from sakdn.teachers.gaf.images import clip_images

PAGE = Path(__file__).parents[3] / "docs/own_data.md"
FPS, SECONDS, RATE = 10, 20, 50
SENSORS = {"watch": {"columns": ["x", "y"], "time_column": "t", "rate_hz": RATE}}
COLUMNS = ["clip", "action", "action_name", "subject", "video", "start_s", "end_s", "watch"]
SPANS = [(0, 3), (4.05, 8), (8, 11.5), (13, 19)]


def write_long(folder, who, stamps=True):
    """20 s: frame i is of grey level i, x of the signal is the time in s since the first sample."""
    folder.mkdir(parents=True, exist_ok=True)
    with av.open(str(folder / f"{who}.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"qp": "0", "bf": "2"})
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuv444p"
        for index in range(FPS * SECONDS):
            plane = np.full((24, 32, 3), index, np.uint8)
            plane[:, :8] = ord(who[0])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(plane, format="rgb24")))
        container.mux(stream.encode())
    times = np.arange(SECONDS * RATE) / RATE
    rows = [f"{1000 + t:.3f},{t:.3f},{np.sin(t) + ord(who[0]):.4f}" for t in times]
    head = ["t,x,y"] if stamps else ["x,y"]
    rows = rows if stamps else [row.split(",", 1)[1] for row in rows]
    (folder / f"{who}.csv").write_text("\n".join(head + rows))


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    folder = tmp_path_factory.mktemp("long")
    for who in "abcd":
        write_long(folder, who)
    return folder


@pytest.fixture
def root(long, tmp_path):
    """Four people, a long video and a signal each, and four clips of each."""
    folder = tmp_path / "data"
    folder.mkdir()
    for path in long.iterdir():
        (folder / path.name).symlink_to(path)
    rows = [
        (f"{who}{n}", n % 2, ["wave", "jump"][n % 2], who, f"{who}.mp4", *span, f"{who}.csv")
        for who in "abcd"
        for n, span in enumerate(SPANS)
    ]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(folder / "clips.csv", index=False)
    return folder


def options(root, **changes):
    data = {"source": "table", "root": str(root), "table": str(root / "clips.csv"), "shards": 2}
    split = {"protocol": "cross_subject", "train_subjects": list("abc"), "test_subjects": ["d"]}
    data["outside_root"] = True
    return {"data": data, "split": split, "sensors": SENSORS} | changes


def run_clips(root, **changes):
    output, videos = root.parent / "clips.csv", root.parent / "videos.csv"
    clips_stage(arguments(options=options(root, **changes), output=output, videos=videos))
    return read_table(output), pd.read_csv(videos, dtype=str, keep_default_na=False)


def change(root, clip, **cells):
    table = pd.read_csv(root / "clips.csv", dtype=str, keep_default_na=False)
    for column, value in cells.items():
        table.loc[table["clip"] == clip, column] = value
    table.to_csv(root / "clips.csv", index=False)


def check_of(root, **changes):
    outputs = {"output": root.parent / "problems.csv", "summary": root.parent / "summary.json"}
    check(arguments(options=options(root, **changes), **outputs))
    return read_problems(outputs["output"])


def frames_of(root, shard):
    paths = {"output": root.parent / f"{shard}.npy", "index": root.parent / f"{shard}.csv"}
    about = {"videos": root.parent / "videos.csv", "shard": shard, "threads": 2}
    frames_stage(arguments(**about, options={"short_side_px": 24}, **paths))
    return paths["output"]


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


def test_good_spans_have_no_problems(root):
    assert check_of(root)["severity"].tolist() == []


def test_spans_beyond_the_file_are_refused_before_any_long_job(root):
    change(root, "b3", end_s="21.5")
    found = check_of(root)
    assert set(found["kind"]) == {"span"}
    assert sorted(found["file"]) == ["b.csv", "b.mp4"]
    assert set(found["clip"]) == {"b3"}
    assert "lasts 20.00 s, but a clip is of 13 to 21.5 s; correct" in found["message"][0]
    with pytest.raises(InputError, match=r"2 of 8 files cannot be used:\n.*b\.mp4: lasts 20\.00 s"):
        run_clips(root)
    change(root, "b3", end_s="20.08")  # Rounded.
    assert check_of(root).empty
    run_clips(root)


ENDS = [19.9, 20, 20.05, 20.09, 20.11, 20.2, 21]
STARTS = [0, 12.97, 19.85, 19.95, 19.985, 19.999, 20.05, 25]


def refused_by_the_run(file, options, span):
    """What the frames or the gaf stage says against a span; nothing if it takes it."""
    try:
        if options is None:
            plan_clips(file, [span], FramesOptions())
        else:
            list(clip_signals(file, ImageOptions(signal=options), [Part(span)]))
    except InputError as error:
        return {Part(span): str(error).removeprefix(f"{file}: ")}
    return {}


@pytest.mark.parametrize("start_s", STARTS)
def test_check_and_run_agree_on_every_span(long, start_s):
    sensor = SensorOptions(**SENSORS["watch"])
    for span in (Span(start_s, end_s) for end_s in ENDS if end_s > start_s):
        for file, options, hz, least in (("a.mp4", None, FPS, 1), ("a.csv", sensor, RATE, 2)):
            file = long / file
            wrong = wrong_spans(file, options, [Part(span), Part()])
            assert wrong == refused_by_the_run(file, options, span)
            inside = [i for i in range(20 * hz) if span.start_s <= i / hz < span.end_s]
            assert bool(wrong) == (len(inside) < least or span.end_s > 20.1)


def test_a_span_of_nothing_is_named(root):
    change(root, "b3", start_s="19.99", end_s="19.995")
    found = check_of(root)
    assert set(found["kind"]) == {"span"}
    assert sorted(found["message"].str.slice(0, 14)) == ["found 0 sample", "found no frame"]
    with pytest.raises(InputError, match="2 of 8 files cannot be used"):
        run_clips(root)


def test_overlaps(root):
    change(root, "b1", end_s="9")
    found = check_of(root)
    assert found[["clip", "kind", "severity"]].to_numpy().tolist() == [["b2", "overlap", "warning"]]
    assert found["message"][0] == "shares 1.00 s with clip b1 of the same file"


def test_a_recording_on_both_sides_and_an_overlap_that_leaks(root):
    table = pd.read_csv(root / "clips.csv", dtype=str)
    table["split"] = np.where(table["clip"].isin(["d0", "d1", "c2", "c3"]), "test", "train")
    table.to_csv(root / "clips.csv", index=False)
    split = {"protocol": "column"}
    found = check_of(root, split=split)
    told = found[found["kind"] == "split_recording"]
    assert sorted(told["file"]) == ["c.csv", "c.mp4", "d.csv", "d.mp4"]
    assert set(told["severity"]) == {"warning"}
    assert "2 clips of this recording are in test and 2 in train or val" in told["message"].iloc[0]
    change(root, "d1", end_s="8.5")
    found = check_of(root, split=split)
    leak = found[found["kind"] == "overlap"]
    assert leak[["clip", "severity"]].to_numpy().tolist() == [["d2", "error"]]
    assert (
        "shares 0.50 s with clip d1 of the same file, which is in test" in leak["message"].iloc[0]
    )


def test_the_report_says_so(root):
    table, _ = run_clips(root)
    assert "16 clips are spans of 4 longer recordings." in data_notes(table)
    table.loc[table["clip"] == "d0", "split"] = "train"
    assert "1 of them are in test as well as in train or val" in " ".join(data_notes(table))
    assert "longer" not in " ".join(data_notes(table.assign(start_s="", end_s="")))


def test_the_same_span_twice_is_one_recording_or_a_leak(root):
    change(root, "a1", start_s="0", end_s="3")
    found = check_of(root)
    assert {"overlap", "same_file"} == set(found["kind"])


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


def late(root, who, offset_s):
    """Begins the signal of a person so long after the video, its stamps at 0."""
    times = np.arange((SECONDS - offset_s) * RATE) / RATE
    rows = [f"{t:.3f},{t + offset_s:.3f},{np.sin(t + offset_s) + ord(who):.4f}" for t in times]
    (root / f"{who}.csv").unlink()
    (root / f"{who}.csv").write_text("\n".join(["t,x,y", *rows]))


@pytest.mark.parametrize(("of_all", "of_one"), [(2, 0), (0, 2), (0.5, 1.5)])
def test_spans_are_of_the_video_s_time_whenever_the_sensor_was_started(root, of_all, of_one):
    table = pd.read_csv(root / "clips.csv", dtype=str).query("clip not in ['a0', 'b0', 'c0', 'd0']")
    for who in "abcd":
        late(root, who, 2)
    table.assign(watch_offset_s=of_one).to_csv(root / "clips.csv", index=False)
    sensor = SENSORS["watch"] | {"offset_s": of_all}
    assert check_of(root, sensors={"watch": sensor}).empty
    clips, _ = run_clips(root, sensors={"watch": sensor})
    paths = {"output": root.parent / "watch.npy", "index": root.parent / "watch.json"}
    about = {"clips": root.parent / "clips.csv", "root": root, "sensor": "watch"}
    gaf_stage(arguments(**about, options={"image_size_px": 32, "signal": sensor}, **paths))
    images, ranges = np.load(paths["output"]), json.loads(paths["index"].read_text())["ranges"]
    for row, (_, about) in enumerate(clips.iterrows()):
        signal = seen_signal(root, "watch", SignalOptions(**sensor), about)
        start_s, end_s = SPANS[int(about["clip"][1])]
        expected = [i / RATE for i in range(SECONDS * RATE) if start_s <= i / RATE < end_s]
        np.testing.assert_allclose(signal[:, 0], expected, atol=1e-3)
        ours = clip_images(signal, [(0.0, 1.0)], ImageOptions(image_size_px=32), ranges)
        np.testing.assert_array_equal(images[row], ours)


def test_a_span_from_before_the_sensor_was_started_is_refused_alike(root):
    late(root, "b", 2)
    table = pd.read_csv(root / "clips.csv", dtype=str)
    offsets = np.where(table["subject"] == "b", "2", "")
    table.assign(watch_offset_s=offsets).to_csv(root / "clips.csv", index=False)
    found = check_of(root)
    assert found[["clip", "file", "kind"]].to_numpy().tolist() == [["b0", "b.csv", "span"]]
    words = (
        "is of 2.00 to 20.00 s of the video, but a clip is of 0 to 3 s; correct its start_s and"
        " end_s, or the sensor's offset_s"
    )
    assert found["message"][0] == words
    with pytest.raises(InputError, match=re.escape(f"b.csv: {words}")):
        run_clips(root)


def test_an_offset_longer_than_the_signal_is_none_for_spans_of_it(root):
    for who in "abcd":
        late(root, who, 12)
    table = pd.read_csv(root / "clips.csv", dtype=str)
    table = table[table["clip"].str[1].isin(["3", "2"])]
    table.loc[table["clip"].str[1] == "2", ["start_s", "end_s"]] = ["12", "13"]
    table.to_csv(root / "clips.csv", index=False)
    sensor = SENSORS["watch"] | {"offset_s": 12}
    assert check_of(root, sensors={"watch": sensor})["kind"].tolist() == []
    run_clips(root, sensors={"watch": sensor})
