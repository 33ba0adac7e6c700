"""Frames that are stored are taken over; what is new or damaged is decoded."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from recordings import arguments, write_video

from sakdn.stages import frames
from sakdn.students.frames import encoded, store
from sakdn.students.frames.stored import FrameStore


@pytest.fixture
def read(monkeypatch):
    """Names of the videos that are decoded."""
    names, reader = [], store.read_clip

    def watched(path, *more):
        names.append(str(path).rpartition("/")[2])
        return reader(path, *more)

    for module in (store, encoded):
        monkeypatch.setattr(module, "read_clip", watched)
    return names


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(("a.mp4", "b.mp4", "c.mp4")):
        write_video(tmp_path / name, frames=4 + number)
    return tmp_path


def run(folder, rows, shard=0, **options):
    """Stores the frames of clips (id, video, shard)."""
    table = pd.DataFrame(rows, columns=["clip", "video", "shard"])
    table["video"] = [str(folder / name) for name in table["video"]]
    table.to_csv(folder / "videos.csv", index=False)
    output = folder / f"frames/{shard}.npy"
    output.unlink(missing_ok=True)
    noted = folder / f"state/recordings/frames_{shard}.json"
    files = {"output": output, "index": output.with_suffix(".csv"), "noted": noted}
    options = {"short_side_px": 16} | options
    frames.main(arguments(videos=folder / "videos.csv", shard=shard, options=options, **files))
    return FrameStore([output])


@pytest.mark.parametrize("kind", ["raw", "jpeg"])
def test_other_names_shards_and_rows_decode_what_is_new(folder, read, kind):
    first = run(folder, [("x", "a.mp4", 0), ("y", "b.mp4", 0)], store=kind)
    shutil.move(folder / "a.mp4", folder / "d.mp4")
    rows = [("z", "c.mp4", 1), ("new", "d.mp4", 1), ("y", "b.mp4", 0)]
    second = run(folder, rows, 1, store=kind)
    assert read == ["a.mp4", "b.mp4", "c.mp4"]
    assert np.array_equal(second.frames("new", [0, 3]), first.frames("x", [0, 3]))
    assert second.timing("new") == first.timing("x")
    assert second.length("z") == 6
    third = run(folder, rows, 0, store=kind)
    assert read == ["a.mp4", "b.mp4", "c.mp4"]
    assert np.array_equal(third.frames("y", [1]), first.frames("y", [1]))
    assert len(list((folder / "state/frames").iterdir())) == 4


def test_other_options_or_content_are_decoded(folder, read):
    rows = [("x", "a.mp4", 0)]
    run(folder, rows)
    run(folder, rows, color="grey")
    write_video(folder / "a.mp4", frames=9)
    assert run(folder, rows, color="grey").length("x") == 9
    assert read == ["a.mp4"] * 3


def test_a_damaged_shard_is_not_taken_over(folder, read):
    rows = [("x", "a.mp4", 0), ("y", "b.mp4", 0)]
    whole = run(folder, rows).frames("y", [0, 1, 2])
    (kept,) = (folder / "state/frames").glob("*.npy")
    content = kept.read_bytes()
    kept.unlink()
    kept.write_bytes(content[:-9] + bytes(9))
    assert np.array_equal(run(folder, rows).frames("y", [0, 1, 2]), whole)
    assert read == ["a.mp4", "b.mp4", "b.mp4"]
    (kept,) = (folder / "state/frames").glob("*.json")
    kept.write_text(json.dumps({"pieces": {}}))
    run(folder, rows)
    assert read[3:] == ["a.mp4", "b.mp4"]
