"""What a check says of spans, and that a run says the same."""

import numpy as np
import pandas as pd
import pytest
from long_recordings import FPS, RATE, SENSORS, change, check_of, run_clips

from sakdn.base.errors import InputError
from sakdn.data.checking.held import wrong_spans
from sakdn.data.readers.parts import Part
from sakdn.data.readers.span import Span
from sakdn.data.readers.video import plan_clips
from sakdn.options.frames import FramesOptions
from sakdn.options.sensors import ImageOptions, SensorOptions
from sakdn.results.report.notes import data_notes
from sakdn.teachers.gaf.clip_signals import clip_signals


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
