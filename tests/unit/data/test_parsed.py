"""What was read of text is kept: images of signals are made without reading it again."""

import os

import numpy as np
import pytest
from PIL import Image
from recordings import arguments, clips_stage, stage_options

from sakdn.data.readers import signals
from sakdn.data.readers.parsed import (
    KEPT,
    KeptSamples,
    Parsed,
    ReadOnce,
    key_of,
)
from sakdn.data.readers.signals import read_samples
from sakdn.options.sensors import SignalOptions
from sakdn.stages.gaf import main as gaf

WATCH = {"path": "watch/{clip}.csv", "columns": ["x", "y"], "time_column": "t", "rate_hz": 20}
SPLIT = {"protocol": "cross_subject", "train_subjects": [1, 2], "test_subjects": [3]}


def write_text(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).standard_normal((30 + seed, 2)).cumsum(0)
    lines = [f"{row / 20:.3f};{x:.6f};{y:.6f}" for row, (x, y) in enumerate(values)]
    path.write_text("\n".join(["t;x;y", *lines]) + "\n")


@pytest.fixture
def root(tmp_path):
    """Six signals in text, each with two images for a video."""
    for number, (action, subject) in enumerate(np.ndindex(2, 3)):
        name = f"a{action + 1}_s{subject + 1}_t1"
        (tmp_path / f"data/v/{name}").mkdir(parents=True)
        for frame in range(2):
            Image.new("L", (16, 16), number).save(tmp_path / f"data/v/{name}/{frame}.png")
        write_text(tmp_path / f"data/watch/{name}.csv", number)
    (tmp_path / "data/classes.txt").write_text("wave\npush\n")
    return tmp_path / "data"


@pytest.fixture
def images(root, monkeypatch):
    """Runs the stages; the images, and the files of text that `gaf` read."""
    read, really = [], signals.read_text_table
    monkeypatch.setattr(
        signals,
        "read_text_table",
        lambda path, options: (read.append(path.name), really(path, options))[1],
    )
    folder = root.parent / "run"

    def run(between=lambda: None, noted=True, **changes):
        data = {"source": "utd_mhad", "root": str(root), "video": "v/{clip}", "shards": 1}
        data["classes"] = str(root / "classes.txt")
        options = stage_options(root, data=data, split=SPLIT, sensors={"watch": WATCH})
        notes = folder / "state/recordings"
        named = {"options": options, "videos": folder / "videos.csv"}
        clips_stage(folder / "clips.csv", **named, noted=notes / "recordings.json")
        between()
        read.clear()
        signal = {key: value for key, value in (WATCH | changes).items() if key != "path"}
        images_of = {"signal": signal, "image_size_px": 32, "scaling": "dataset"}
        files = {"output": folder / "watch.npy", "index": folder / "watch.json"}
        more = {"noted": notes / "gaf_watch.json"} if noted else {}
        words = {"clips": folder / "clips.csv", "root": root, "sensor": "watch"}
        gaf(arguments(**words, options=images_of, **files, **more))
        return np.load(files["output"]), sorted(set(read))

    return run


ALL = [f"a{a}_s{s}_t1.csv" for a in (1, 2) for s in (1, 2, 3)]


def test_what_was_read_is_not_read_again_and_gives_the_same_images(images):
    anew, read = images(noted=False)
    assert read == ALL
    kept, read = images()
    assert read == []
    np.testing.assert_array_equal(kept, anew)


def test_a_file_that_changed_since_is_read_again(images, root):
    images()
    changed = root / "watch/a2_s1_t1.csv"
    _, read = images(between=lambda: write_text(changed, 7))
    assert read == [changed.name]
    _, read = images(between=lambda: os.utime(changed, ns=(0, 0)))
    assert read == [changed.name]


def test_other_columns_are_read_again(images):
    assert images(columns=["y", "x"])[1] == ALL


def damage_numbers(state):
    (state / KEPT).write_bytes(b"short")


def damage_index(state):
    (state / KEPT).with_suffix(".index.npy").write_bytes(b"no index")


def remove_all(state):
    for path in state.glob("signals.*"):
        path.unlink()


@pytest.mark.parametrize("damage", [damage_numbers, damage_index, remove_all])
def test_what_is_not_whole_is_not_used(images, root, damage):
    kept, _ = images()
    again, read = images(between=lambda: damage(root.parent / "run/state"))
    assert read == ALL
    np.testing.assert_array_equal(again, kept)


@pytest.mark.parametrize("timed", [True, False])
def test_samples_come_back_as_they_were(tmp_path, timed):
    path, options = (
        tmp_path / "a.csv",
        SignalOptions.model_validate(
            {key: WATCH[key] for key in ("columns", "rate_hz")}
            | {"time_column": "t" if timed else None}
        ),
    )
    write_text(path, 3)
    samples = read_samples(path, options)
    kept = KeptSamples(tmp_path / KEPT)
    kept.add(Parsed.of(key_of(path, options, "code"), samples))
    kept.finish()
    back = ReadOnce(tmp_path / KEPT, "code")._kept(key_of(path, options, "code")).samples
    for name in ("values", "rows", "seconds"):
        np.testing.assert_array_equal(getattr(back, name), getattr(samples, name))
    assert (
        ReadOnce(tmp_path / KEPT, "other code")._kept(key_of(path, options, "other code")) is None
    )


def test_a_disk_without_room_keeps_nothing(tmp_path):
    path = tmp_path / "a.csv"
    write_text(path, 3)
    options = SignalOptions(columns=["x", "y"])
    kept = KeptSamples(tmp_path / KEPT)
    with open("/dev/full", "wb", buffering=0) as kept._file:
        kept.add(Parsed.of(key_of(path, options, ""), read_samples(path, options)))
    kept.finish()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.csv"]
