"""Signals of every format: a sane array or one message, whatever is in the file."""

import io
import struct
import zlib

import h5py
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import savemat
from spoil import CODINGS, ENDS, NUMBERS, ODD, damaged, file_of, mostly, or_refused

from sakdn.data.readers.signals import read_signal, repaired
from sakdn.options.sensors import ImageOptions, SignalOptions
from sakdn.teachers.gaf.images import clip_images

VALUES = np.random.default_rng(0).standard_normal((12, 3)).cumsum(axis=0)
OPTIONS = st.builds(
    SignalOptions,
    variable=st.sampled_from([None, None, "d_iner", "x", ""]),
    columns=st.sampled_from([None, None, [0], [1, 0], ["x", "y"], [5], [-1], ["t"], [0, "x"]]),
    rate_hz=st.sampled_from([None, 50, 1e-300, 1e300]),
    time_column=st.sampled_from([None, None, 0, "t", 7]),
    time_format=st.sampled_from(["s", "ms", "ns", "iso8601", "%H:%M:%S", "%Y%m%d", "%", "%Q", ""]),
    separator=st.sampled_from([None, None, None, ",", ";", "tab", "blank"]),
    decimal=st.sampled_from([None, None, ".", ","]),
    skip_rows=st.sampled_from([None, None, 0, 1, 100]),
    comment=st.sampled_from([None, None, "#", "1"]),
    encoding=st.sampled_from([None, None, "latin-1", "utf-16", "base64", "nonsense"]),
)
PICTURE = ImageOptions(field="both", scaling="clip", image_size_px=32)


def check(content, name, options):
    with file_of(content, name) as path:
        signal = or_refused(lambda: read_signal(path, options), "")
        if signal is None:
            return
        assert signal.dtype == np.float64
        assert signal.ndim == 2
        assert 2 <= len(signal) <= 20 * max(2, len(content))
        whole = or_refused(lambda: repaired(signal, path, "interpolate"), str(path))
        if whole is None:
            return
        assert np.isfinite(whole).all()
        images = clip_images(whole, [(0.0, 1.0)], PICTURE, None)
        assert images.shape == (1, 2 * signal.shape[1], 32, 32)


@st.composite
def texts(draw):
    """Rows of nearly the same length, with or without a header."""
    width = draw(st.integers(1, 4))
    row = st.lists(mostly(NUMBERS), min_size=width, max_size=width)
    rows = draw(st.lists(mostly(row, st.lists(ODD, max_size=5)), max_size=12))
    if draw(st.booleans()):
        rows.insert(0, draw(st.permutations(["t", "x", "y", "x"]))[:width])
    separator = draw(st.sampled_from([",", ",", " ", "\t", ";", ", ", "|"]))
    text = draw(ENDS).join(map(separator.join, rows))
    return text.encode(draw(CODINGS), "replace")


@given(texts(), st.sampled_from(["s.csv", "s.txt"]), OPTIONS)
def test_text(content, name, options):
    check(content, name, options)


def of_matlab(more, **options):
    file = io.BytesIO()
    savemat(file, {"d_iner": VALUES, "name": "x"} | more, **options)
    return file.getvalue()


def of_hdf5(**options):
    file = io.BytesIO()
    with h5py.File(file, "w") as content:
        content.create_dataset("d_iner", data=VALUES.T, **options)
    return file.getvalue()


def of_numpy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


LINES = "\n".join(
    ["t,x,y", *(f"{0.02 * i:.2f},{a:.4f},{b:.4f}" for i, (a, b, _) in enumerate(VALUES))]
)
STRUCT = {"more": {"a": [1, 2]}}
PLAIN = of_matlab({})
MATS = [of_matlab(STRUCT), of_matlab(STRUCT, do_compression=True), of_matlab({}, format="4")]
HDF5S = [of_hdf5(), of_hdf5(compression="gzip"), of_hdf5(chunks=(1, 4))]
NPYS = [of_numpy(VALUES), of_numpy(VALUES[:, 0].astype(np.int16)), of_numpy(VALUES.T.copy().T)]
CLOCK = "\n".join(f"12:00:{i:02},{a},{b}" for i, (a, b, _) in enumerate(VALUES))


@given(damaged([LINES.encode(), CLOCK.encode()]), st.sampled_from(["s.csv", "s.txt"]), OPTIONS)
def test_damaged_text(content, name, options):
    check(content, name, options)


@given(damaged(MATS), OPTIONS)
def test_damaged_matlab(content, options):
    check(content, "s.mat", options)


@given(damaged([PLAIN[128:]]), OPTIONS)
def test_damaged_before_it_was_packed(element, options):
    packed = zlib.compress(element)
    check(PLAIN[:128] + struct.pack("<II", 15, len(packed)) + packed, "s.mat", options)


@given(damaged(HDF5S), OPTIONS)
def test_damaged_hdf5(content, options):
    check(content, "s.mat", options)


@given(damaged(NPYS), OPTIONS)
def test_damaged_numpy(content, options):
    check(content, "s.npy", options)


@given(
    st.binary(max_size=300),
    st.sampled_from(["s.csv", "s.txt", "s.mat", "s.npy", "s.csv.gz", "s.TXT.zip"]),
    OPTIONS,
)
def test_any_bytes(content, name, options):
    check(content, name, options)
