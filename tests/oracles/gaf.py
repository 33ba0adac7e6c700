"""Checks of `gaf_*`: fields, grey images, and the JPEG step of the authors' own image."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from sakdn.teachers.gaf.field import gramian_field, grey

SENSORS = {"acc": slice(0, 3), "gyro": slice(3, 6)}


def check_gaf(path: Path) -> None:
    oracle = np.load(path)
    signal = oracle["signal"]
    # The authors' difference field has the opposite sign of the textbook's (and of pyts).
    fields = {
        "GASF": gramian_field(signal, "summation"),
        "GADF": -gramian_field(signal, "difference"),
    }
    for name, field in fields.items():
        np.testing.assert_allclose(field.transpose(1, 2, 0), oracle[name], rtol=0, atol=1e-6)
        for sensor, axes in SENSORS.items():
            levels = grey(field[axes].copy()).transpose(1, 2, 0).astype(int)
            off = np.abs(levels - oracle[f"{name}_{sensor}_rgb_uint8"])
            # Halves, such as the difference field's diagonal, round either way.
            assert off.max() <= 1, f"{name} {sensor}"
            assert off.astype(bool).mean() < 1e-4, f"{name} {sensor}"
    mirrored = -fields["GADF"].transpose(0, 2, 1)
    np.testing.assert_allclose(mirrored, fields["GADF"], rtol=0, atol=1e-12)


def check_gaf_jpeg(path: Path) -> None:
    """`path`: decoded pixels; the signal lies beside it in the file without `_jpeg_decoded`."""
    signal = np.load(path.with_name(path.name.replace("_jpeg_decoded", "")))["signal"]
    np.testing.assert_array_equal(jpeg_of(signal), np.load(path)["rgb_uint8"])


def check_authors_jpeg(image: Path, oracle: Path) -> None:
    pixels = np.array(Image.open(image))
    np.testing.assert_array_equal(jpeg_of(np.load(oracle)["signal"]), pixels)


def jpeg_of(signal: np.ndarray) -> np.ndarray:
    """The accelerometer's summation image after JPEG, quality 75, 4:2:0."""
    levels = grey(gramian_field(signal, "summation")[SENSORS["acc"]]).transpose(1, 2, 0)
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=75, subsampling="4:2:0")
    return np.array(Image.open(file))
