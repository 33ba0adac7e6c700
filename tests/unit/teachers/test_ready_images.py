"""Sensors that come as ready images: read, checked, stored, exported and taken again."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from recordings import (
    SENSORS,
    arguments,
    clips_stage,
    data_options,
    write_data_set,
    write_signal,
    write_video,
)
from tiny_run import SENSORS as TINY
from tiny_run import make_run, save_fusion

from sakdn.__main__ import main as sakdn
from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.clips.problems import read_problems
from sakdn.data.clips.table import read_table
from sakdn.data.datasets.utd_mhad import read_utd_mhad
from sakdn.data.readers.ready_image import read_ready_image, sheet_of
from sakdn.data.readers.signals import read_signal
from sakdn.options.data import DataOptions
from sakdn.options.sensors import ImageOptions, SensorOptions, SignalOptions
from sakdn.results.report.sensor import sensor_options, sensor_sample
from sakdn.stages.data_problems import main as check
from sakdn.stages.gaf import main as gaf_stage
from sakdn.stages.knowledge import main as knowledge
from sakdn.teachers.gaf.field import resize_image
from sakdn.teachers.gaf.images import clip_images
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.knowledge import KnowledgeStore

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))
SIDE = 32


def picture(seed, channels=3, side=SIDE):
    return np.random.default_rng(seed).integers(0, 256, (channels, side, side)).astype(np.uint8)


def save(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet_of(image)).save(path)
    return path


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 6, 9])
def test_what_is_written_is_read(tmp_path, channels):
    image = picture(channels, channels)
    path = save(tmp_path / "image.png", image)
    np.testing.assert_array_equal(read_ready_image(path), image)
    assert Image.open(path).mode == ("RGB" if channels % 3 == 0 else "L")


def test_axes_are_red_green_and_blue(tmp_path):
    image = np.zeros((3, 8, 8), np.uint8)
    image[1] = 200
    pixels = np.asarray(Image.open(save(tmp_path / "image.png", image)))
    assert (pixels == [0, 200, 0]).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: Image.new("RGB", (16, 20)).save(path), r"found 16 x 20 px, expected a squ"),
        (lambda path: Image.new("RGB", (4, 4)).save(path), r"found 4 x 4 px, expected a square of"),
        (lambda path: Image.new("RGBA", (16, 16)).save(path), "pixels of kind RGBA.*convert it"),
        (lambda path: Image.new("I;16", (16, 16)).save(path), "pixels of kind I;16"),
        (lambda path: path.write_bytes(b"no image"), "not an image that can be read"),
        (lambda path: path.write_bytes(b""), "not an image that can be read"),
        (lambda path: None, "not an image that can be read"),
    ],
)
def test_what_is_no_image_of_a_sensor(tmp_path, make, message):
    path = tmp_path / "image.png"
    make(path)
    with pytest.raises(InputError, match=message):
        read_ready_image(path)


def test_a_file_that_was_cut_short(tmp_path):
    path = save(tmp_path / "image.png", picture(0, side=64))
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(InputError, match=r"not an image that can be read .*copy it again"):
        read_ready_image(path)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is absent")
def test_the_authors_image_is_the_summation_field_of_its_signal():
    image = read_ready_image(SHARED / "gaf/a1_s1_t1_GASF_a.jpg").astype(float)
    assert image.shape == (3, 160, 160)
    assert np.abs(image - image.transpose(0, 2, 1)).mean() < 8  # A summation field is symmetric.
    signal = SHARED / "utd-mhad/Inertial/a1_s1_t1_inertial.mat"
    options = ImageOptions(field="summation", scaling="clip", image_size_px=160, resize="image")
    values = read_signal(signal, SignalOptions(variable="d_iner", columns=[0, 1, 2]))
    ours = clip_images(values, [(0.0, 1.0)], options, None)[0].astype(float)
    apart = np.abs(image[:, None] - ours[None]).mean((2, 3))
    assert apart.argmin(1).tolist() == [0, 1, 2]
    assert apart.diagonal().max() < 10  # Theirs is a JPEG with a quarter of the colours.


CLIPS = [f"c{number}" for number in range(8)]


def write_clips(root, column, cells):
    """Eight clips; the sensor's column as given."""
    rows = [
        (clip, n % 2, ["wave", "jump"][n % 2], "abcd"[n // 2], f"{clip}.mp4", cell)
        for n, (clip, cell) in enumerate(zip(CLIPS, cells, strict=True))
    ]
    columns = ["clip", "action", "action_name", "subject", "video", column]
    root.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=columns).to_csv(root / "table.csv", index=False)
    for n, clip in enumerate(CLIPS):
        if not (root / f"{clip}.mp4").exists():
            write_video(root / f"{clip}.mp4", frames=4 + n)


def options_of(root, sensor):
    data = {"source": "table", "root": str(root), "table": str(root / "table.csv"), "shards": 1}
    split = {"protocol": "cross_subject", "train_subjects": list("abc"), "test_subjects": ["d"]}
    return {"data": data, "split": split, "sensors": {"watch": sensor}}


def make_clips(root, sensor):
    output = root / "clips.csv"
    clips_stage(options=options_of(root, sensor), output=output, videos=root / "videos.csv")
    return read_table(output)


def make_store(root, name="watch", **options):
    paths = {"output": root / f"{name}.npy", "index": root / f"{name}.json"}
    about = {"clips": root / "clips.csv", "root": root, "sensor": "watch"}
    gaf_stage(arguments(**about, options={"image_size_px": SIDE} | options, **paths))
    return np.load(paths["output"])


def test_ready_images_are_stored_resized(tmp_path):
    images = [picture(n, side=[SIDE, 40][n % 2]) for n in range(8)]
    cells = [f"i/{clip}.png" for clip in CLIPS]
    for cell, image in zip(cells, images):
        save(tmp_path / cell, image)
    write_clips(tmp_path, "watch", [*cells[:5], "", *cells[6:]])
    make_clips(tmp_path, {"images": True})
    stored = make_store(tmp_path, images=True)
    assert stored.shape == (8, 1, 3, SIDE, SIDE)
    for row in (0, 1, 2, 3, 4, 6, 7):
        np.testing.assert_array_equal(
            stored[row, 0], [resize_image(one, SIDE) for one in images[row]]
        )
    np.testing.assert_array_equal(stored[0, 0], images[0])
    assert not stored[5].any()
    seen = GafImages(tmp_path / "watch.npy", CLIPS)
    assert seen.present.tolist() == [n != 5 for n in range(8)]
    assert seen.courses(np.arange(8)).shape[-1] == 0
    shown = sensor_sample(seen, 0, sensor_options("watch", {"images": True}), None)
    assert (shown.signal, len(shown.gafs)) == (None, 1)


def test_exported_images_taken_again_are_the_same(tmp_path, capsys):
    root = tmp_path / "signals"
    for number, clip in enumerate(CLIPS):
        write_signal(root / f"{clip}.mat", seed=number)
    cells = [f"{clip}.mat" for clip in CLIPS]
    write_clips(root, "watch", [*cells[:3], "", *cells[4:]])
    signal = {"variable": "d_iner", "columns": [0, 1, 2], "rate_hz": 50}
    make_clips(root, signal)
    ours = make_store(root, signal=signal, field="both")
    assert ours.shape == (8, 1, 6, SIDE, SIDE)
    again = tmp_path / "images"
    sakdn(["inspect", str(root / "watch.npy"), "--export", str(again)])
    assert "7 images of 7 clips written to" in capsys.readouterr().out
    listed = pd.read_csv(again / "watch.csv").set_index("clip")["watch"]
    assert listed["c0"] == "watch/c0.png"
    assert Image.open(again / listed["c0"]).size == (SIDE, 2 * SIDE)
    write_clips(again, "watch", [listed.get(clip, "") for clip in CLIPS])
    make_clips(again, {"images": True})
    np.testing.assert_array_equal(make_store(again, images=True), ours)


def test_export_of_what_has_no_images(tmp_path):
    (tmp_path / "clips.csv").write_text("clip,video\n")
    run = make_run(tmp_path / "run")
    with pytest.raises(InputError, match="found no GAF images to export; name a run's folder"):
        sakdn(["inspect", str(run.clips), "--export", str(tmp_path / "out")])


def test_a_pattern_with_class_folders(tmp_path):
    clips = write_data_set(tmp_path, touch=True)
    for number, clip in enumerate(clips):
        folder = f"GAF_{'train' if number % 2 else 'test'}/{clip.split('_')[0]}"
        save(tmp_path / f"{folder}/{clip}_GASF_a.jpg", picture(number))
    sensors = {"watch": SensorOptions(images="GAF_*/*/{clip}_GASF_a.jpg")}
    table = read_utd_mhad(DataOptions(**data_options(tmp_path)), sensors)
    assert table["watch"][0] == "GAF_test/a1/a1_s1_t1_GASF_a.jpg"
    assert (table["watch"] != "").all()
    save(tmp_path / "GAF_old/a1/a1_s1_t1_GASF_a.jpg", picture(0))
    with pytest.raises(InputError, match=r"sensors\.watch\.images: .* are of the same clip; move"):
        read_utd_mhad(DataOptions(**data_options(tmp_path)), sensors)
    both = {"watch": SensorOptions(images="{clip}.jpg", path="{clip}.mat")}
    with pytest.raises(InputError, match="path: path and images; give the path pattern"):
        read_utd_mhad(DataOptions(**data_options(tmp_path)), both)
    with pytest.raises(InputError, match="is missing; give the path pattern"):
        SensorOptions(images=True).pattern("watch")


def problems_of(root):
    outputs = {"output": root / "problems.csv", "summary": root / "summary.json"}
    check(arguments(options=options_of(root, {"images": True}), **outputs))
    return read_problems(root / "problems.csv")


def test_the_check_and_the_run_agree(tmp_path):
    cells = [f"i/{clip}.png" for clip in CLIPS]
    for number, cell in enumerate(cells):
        save(tmp_path / cell, picture(number))
    write_clips(tmp_path, "watch", cells)
    assert problems_of(tmp_path)["severity"].tolist().count("error") == 0
    save(tmp_path / cells[1], picture(1, side=24))
    save(tmp_path / cells[2], np.zeros((3, SIDE, SIDE), np.uint8))
    save(tmp_path / cells[3], picture(3, channels=1))
    (tmp_path / cells[4]).write_bytes(b"damaged")
    found = problems_of(tmp_path)
    kinds = found[found["file"].str.startswith("i/")].groupby("clip")["kind"].agg(list).to_dict()
    assert kinds == {
        "c1": ["image_size"],
        "c2": ["constant_image"],
        "c3": ["axes"],
        "c4": ["unreadable"],
    }
    assert "1 channels, most files of the sensor have 3" in found.set_index("clip")["message"]["c3"]
    with pytest.raises(InputError, match=r"1 of 16 files cannot be used:\n.*c4\.png: not an image"):
        make_clips(tmp_path, {"images": True})
    save(tmp_path / cells[4], picture(4))
    make_clips(tmp_path, {"images": True})
    with pytest.raises(InputError, match=r"c3\.png: found 1 channels, expected 3 as in the other"):
        make_store(tmp_path, images=True)


def test_images_and_signals_are_not_mixed_up(tmp_path):
    write_clips(tmp_path, "watch", [f"{clip}.png" for clip in CLIPS])
    with pytest.raises(
        InputError, match=r"row 2, column watch: .*set sensors\.watch\.images: true"
    ):
        make_clips(tmp_path, SENSORS["gyroscope"] | {"path": None})
    write_clips(tmp_path, "watch", [f"{clip}.csv" for clip in CLIPS])
    with pytest.raises(InputError, match=r"row 2, column watch: .*expected an image"):
        make_clips(tmp_path, {"images": True})


def test_ready_images_cannot_be_cut():
    with pytest.raises(InputError, match=r"gaf\.windows\.count: found 3, expected 1: ready images"):
        parse_options(ImageOptions, {"images": True, "windows": {"count": 3}}, "gaf")


def test_a_method_that_reads_signals_has_none_to_read(tmp_path):
    run = make_run(tmp_path)
    course = run.root / f"{TINY[1]}.course.npy"
    np.save(course, np.load(course)[..., :0])
    save_fusion(run.root / "fusion/model.json")
    index = run.root / "know/index.json"
    told = ["--clips", run.clips, "--semantics", run.semantics, "--gaf", *run.gaf]
    told += ["--models", run.root / "fusion/model.json", "--output", index]
    knowledge([*map(str, told), "--options", '{"map_sizes_px": [4, 4, 2, 2, 2]}'])
    assert json.loads(index.read_text())["course_widths"] == [2 * len(TINY[0]), 0]
    with pytest.raises(InputError, match=f"signal_weight: {TINY[1]} comes as ready images"):
        KnowledgeStore(index, run.table["clip"], "cpu", ["course"])
    KnowledgeStore(index, run.table["clip"], "cpu", ["logits"])
