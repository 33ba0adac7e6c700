"""Spans of signals that were started after the video."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from long_recordings import (
    RATE,
    SECONDS,
    SENSORS,
    SPANS,
    check_of,
    run_clips,
)
from recordings import arguments

from sakdn.base.errors import InputError
from sakdn.options.sensors import ImageOptions, SignalOptions
from sakdn.results.seen_signal import seen_signal
from sakdn.stages.gaf import main as gaf_stage
from sakdn.teachers.gaf.images import clip_images


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
