"""Where a clips table may point."""

import os

import numpy as np
import pytest
from PIL import Image
from recordings import write_data_set

from sakdn.base.errors import InputError
from sakdn.data.datasets.registry import candidates
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions

SENSORS = {"acc": SensorOptions()}
HEADER = "clip,action,action_name,subject,video,acc"


@pytest.fixture
def root(tmp_path):
    """A root with a video, a folder of images and a signal, and the same things beside it."""
    for folder in (tmp_path / "data/v", tmp_path / "data/images", tmp_path / "data2/images"):
        folder.mkdir(parents=True)
    for folder in (tmp_path / "data/v", tmp_path / "data/images", tmp_path / "data2"):
        Image.new("RGB", (8, 8)).save(folder / "1.png")
        np.save(folder / "s.npy", np.ones((3, 1)))
    (tmp_path / "data/link").symlink_to("v")
    (tmp_path / "data/v/a/b").mkdir(parents=True)
    (tmp_path / "data/deep").symlink_to("v/a/b")
    (tmp_path / "data/out").symlink_to("../data2")
    (tmp_path / "data/s.npy").symlink_to(tmp_path / "data2/s.npy")
    (tmp_path / "data/images/2.png").symlink_to("../v/1.png")
    return tmp_path / "data"


def found(root, video="v", signal="v/s.npy", **options):
    table = root.parent / "clips.csv"
    rows = [f"a,0,wave,1,v,v/s.npy\nb,1,push,2,{video},{signal}"]
    table.write_text("\n".join([HEADER, *rows]))
    data = DataOptions(source="table", root=str(root), table=str(table), **options)
    return candidates(data, SENSORS).iloc[1]


@pytest.mark.parametrize("video", ["v", "./v/", "v/../v", "link", "images", "{root}/v", "gone.mp4"])
def test_paths_inside_pass(root, video):
    assert found(root, video.format(root=root))["acc"] == "v/s.npy"


@pytest.mark.parametrize(
    ("video", "signal", "end"),
    [
        ("../data2/images", "v/s.npy", "data2/images"),
        ("v/../../data2/images", "v/s.npy", "data2/images"),
        ("..", "v/s.npy", ""),
        ("/etc", "v/s.npy", "/etc"),
        ("out", "v/s.npy", "data2"),
        ("out/images", "v/s.npy", "data2/images"),
        ("v", "../data2/s.npy", "data2/s.npy"),
        ("v", "s.npy", "data2/s.npy"),
        ("v", "/etc/passwd", "/etc/passwd"),
        ("v", "out/../../data2/s.npy", "data2/s.npy"),
        ("deep/../../../x", "v/s.npy", "../x"),
    ],
)
def test_paths_that_lead_outside_are_refused(root, video, signal, end):
    with pytest.raises(InputError) as error:
        found(root, video, signal)
    column, cell = ("video", video) if signal == "v/s.npy" else ("acc", signal)
    message = str(error.value)
    assert f"clips.csv: row 3, column {column}: found {cell!r}, which leads to" in message
    assert os.path.normpath(root.parent / end) in message
    assert f"outside data.root ({root})" in message
    assert "set data.outside_root: true" in message
    assert found(root, video, signal, outside_root=True)["clip"] == "b"


def test_a_neighbour_with_a_longer_name_is_outside(root):
    with pytest.raises(InputError, match=r"outside data\.root"):
        found(root, f"{root}2/images")


def test_an_image_that_is_a_link_to_the_outside(root):
    (root / "images/3.png").symlink_to("../../data2/1.png")
    with pytest.raises(InputError, match=r"'images', which leads to .*data2/1\.png"):
        found(root, "images")


def test_a_root_that_is_a_link_is_the_users_choice(root):
    (root.parent / "elsewhere").symlink_to(root)
    assert found(root.parent / "elsewhere", "images")["video"] == "images"


def test_found_files_that_are_links_to_the_outside(tmp_path):
    write_data_set(tmp_path / "data", touch=True)
    video = tmp_path / "data/RGB/a1_s1_t1_color.avi"
    video.rename(tmp_path / "secret.avi")
    video.symlink_to("../../secret.avi")
    options = {"video": "RGB/{clip}_color.avi", "classes": str(tmp_path / "data/classes.txt")}
    options["sensors_missing"] = "mask"
    sensors = {"acc": SensorOptions(path="Inertial/{clip}_inertial.mat")}
    with pytest.raises(InputError) as error:
        candidates(DataOptions(source="utd_mhad", root=str(tmp_path / "data"), **options), sensors)
    assert "column video: found 'RGB/a1_s1_t1_color.avi', which leads to" in str(error.value)
    assert f"{tmp_path}/secret.avi" in str(error.value)
    options["outside_root"] = True
    assert (
        len(
            candidates(
                DataOptions(source="utd_mhad", root=str(tmp_path / "data"), **options), sensors
            )
        )
        == 8
    )


@pytest.mark.parametrize("cell", ["x" * 256, "é" * 128, "/".join(["x" * 200] * 21)])
def test_names_that_no_file_can_have(root, cell):
    with pytest.raises(InputError, match=r"row 3, column video: found .* names of at most 255"):
        found(root, cell)
    with pytest.raises(InputError, match=r"row 3, column acc: found .* names of at most 255"):
        found(root, signal=cell, outside_root=True)


@pytest.mark.parametrize("character", ["\0", "\x1b", "\u2028", "\x7f"])
def test_control_characters_are_refused(root, character):
    with pytest.raises(InputError, match=r"row 3, column video: found .*, expected printable text"):
        found(root, f"v{character}1")
