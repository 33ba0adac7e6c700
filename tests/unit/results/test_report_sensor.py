"""The pictures of a sensor say what they are, and that one is flat where it is."""

import json

import numpy as np
import pytest

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.options.sensors import SensorOptions
from sakdn.results.report.sensor import sensor_options, sensor_sample
from sakdn.teachers.gaf.stored import GafImages


def gaf(folder, channels, **options):
    """Images of one clip: a channel a given spread of grey levels."""
    ramp = np.linspace(0, 1, 32)[:, None] * np.ones(32)
    image = np.stack([100 + spread * ramp for spread in channels]).round().astype(np.uint8)
    np.save(folder / "watch.npy", image[None, None])
    index = {"clips": ["a"], "windows": [[[0, 1]]], "missing": [], "options": options}
    (folder / "watch.json").write_text(json.dumps(index))
    return GafImages(folder / "watch.npy", ["a"])


def captions(stored, **options):
    sample = sensor_sample(stored, 0, sensor_options("watch", options), None)
    return [caption for caption, _ in sample.gafs]


def test_fields_and_axes_have_their_names(tmp_path):
    images = gaf(tmp_path, [90] * 6)
    assert captions(images, columns=["ax", "ay", "az"]) == [
        "summation field: ax red, ay green, az blue",
        "difference field: ax red, ay green, az blue",
    ]
    assert captions(images, axes=["x", "y", "z"])[0] == "summation field: x red, y green, z blue"
    assert captions(images)[1] == "difference field: axis 1 red, axis 2 green, axis 3 blue"


def test_axes_that_are_no_three_have_a_picture_each(tmp_path):
    images = gaf(tmp_path, [90, 90], field="difference")
    assert captions(images, columns=[0, 1]) == [
        "difference field of axis 1",
        "difference field of axis 2",
    ]


def test_a_flat_field_is_said_to_be_flat(tmp_path):
    images = gaf(tmp_path, [0, 90, 9], field="summation")
    (said,) = captions(images, axes=["x", "y", "z"])
    assert said.endswith("; flat: x and z hardly move on the scale of all clips")
    images = gaf(tmp_path, [0, 90, 90], field="summation", scaling="clip")
    assert captions(images)[0].endswith("; flat: axis 1 hardly moves on its own scale")


def test_ready_images_are_called_so(tmp_path):
    images = gaf(tmp_path, [90] * 3, images=True)
    (said,) = captions(images, images=True)
    assert said == "image: channel 1 red, channel 2 green, channel 3 blue"


def test_the_signal_has_a_unit(tmp_path):
    options = sensor_options("watch", {"unit": "g", "axes": ["x", "y", "z"]})
    signal = sensor_sample(gaf(tmp_path, [90] * 6), 0, options, np.zeros((9, 3))).signal
    assert signal.alt == "Signal of the watch: 3 axes over 0.2 s."


def test_a_name_too_many_is_refused():
    with pytest.raises(InputError, match=r"sensors\.watch\.axes: found 2 names, expected 3"):
        parse_options(SensorOptions, {"axes": ["x", "y"], "columns": [0, 1, 2]}, "sensors.watch")
