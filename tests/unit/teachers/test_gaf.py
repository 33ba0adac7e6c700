import os

import numpy as np
import pytest
from PIL import Image
from recordings import write_signal
from scipy.io import savemat

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.clips.windows import cut, windows_of
from sakdn.options.sensors import ImageOptions
from sakdn.teachers.gaf.field import each_field, gramian_field, grey, resample
from sakdn.teachers.gaf.images import clip_images
from sakdn.teachers.gaf.ranges import axis_ranges, usual_range

WHOLE = [(0.0, 1.0)]


def signal_of(length, axes=3, seed=0):
    return np.random.default_rng(seed).standard_normal((length, axes)).cumsum(axis=0)


def published_fields(signal):
    """The formulas of the paper's code, on one axis [L]."""
    s = (2 * signal - signal.max() - signal.min()) / (signal.max() - signal.min())
    c = np.sqrt(np.clip(1 - s**2, 0, 1))
    return np.outer(s, s) - np.outer(c, c), np.outer(s, c) - np.outer(c, s)


def test_fields_are_the_published_ones_the_difference_transposed():
    signal = signal_of(30)
    for axis, (summed, differed) in enumerate(map(published_fields, signal.T)):
        np.testing.assert_allclose(gramian_field(signal, "summation")[axis], summed, atol=1e-7)
        np.testing.assert_allclose(gramian_field(signal, "difference")[axis], differed.T, atol=1e-7)


@pytest.mark.parametrize("field", ["summation", "difference"])
def test_fields_are_those_of_pyts_to_the_bit(field):
    from pyts.image import GramianAngularField  # Ours says first that it is not to compile.

    signal = signal_of(50)
    of_pyts = GramianAngularField(sample_range=(-1, 1), method=field).transform(signal.T)
    np.testing.assert_array_equal(gramian_field(signal, field), of_pyts)
    within = np.sin(signal)
    of_pyts = GramianAngularField(sample_range=None, method=field).transform(within.T)
    np.testing.assert_array_equal(gramian_field(within, field, sample_range=None), of_pyts)


def test_a_field_is_read_before_the_next_is_asked_for():
    signal = signal_of(20)
    kept = [one.copy() for one in each_field(signal, ["summation", "difference"])]
    expected = [*gramian_field(signal, "summation"), *gramian_field(signal, "difference")]
    np.testing.assert_array_equal(kept, expected)
    assert len({id(one) for one in each_field(signal, ["summation"])}) == 1


def test_image_size_averages_a_longer_signal_first():
    signal = signal_of(64, axes=1)
    means = signal.reshape(16, 4).mean(axis=1)
    field = gramian_field(signal, "summation", image_size=16)
    np.testing.assert_allclose(field[0], published_fields(means)[0], atol=1e-7)


def test_shorter_signal_is_interpolated_up_to_the_image():
    ramp = np.array([[0.0], [1.0], [4.0]])
    np.testing.assert_allclose(resample(ramp, 5)[:, 0], [0, 0.5, 1, 2.5, 4])
    assert gramian_field(ramp, "difference", image_size=8).shape == (1, 8, 8)


def test_constant_axis_is_mid_grey_and_others_are_untouched():
    signal = signal_of(20)
    still = signal.copy()
    still[:, 1] = 9.81
    for field in ("summation", "difference"):
        images, plain = grey(gramian_field(still, field)), grey(gramian_field(signal, field))
        assert (images[1] == 128).all()
        np.testing.assert_array_equal(images[[0, 2]], plain[[0, 2]])
    np.testing.assert_array_equal(gramian_field(still, "summation")[1], -np.ones((20, 20)))


def test_all_axes_constant_after_averaging():
    signal = np.tile([[1.0], [-1.0]], (8, 1))
    assert (grey(gramian_field(signal, "summation", image_size=8)) == 128).all()


def test_nan_never_becomes_an_image():
    signal = signal_of(20)
    signal[3, 1] = np.nan
    with pytest.raises(InputError, match="NaN"):
        gramian_field(signal, "summation")


def test_field_too_large_for_memory():
    with pytest.raises(InputError, match=r"found 100000 samples.*paa"):
        gramian_field(np.zeros((100_000, 1)), "summation")


def test_grey_uses_the_whole_range_and_fixed_grey_one_scale():
    fields = np.array([[[-0.5, 0.0], [0.25, 0.5]]])
    np.testing.assert_array_equal(grey(fields.copy())[0], [[0, 128], [191, 255]])
    np.testing.assert_array_equal(grey(fields * 2, fixed=True)[0], [[0, 128], [191, 255]])


def images_of(signal, ranges=None, windows=WHOLE, **options):
    return clip_images(signal, windows, ImageOptions(**options), ranges)


def test_both_fields_are_channels_axes_first():
    signal = signal_of(40)
    both = images_of(signal, scaling="clip", image_size_px=32)
    assert both.shape == (1, 6, 32, 32)
    for part, field in ((both[:, :3], "summation"), (both[:, 3:], "difference")):
        one = images_of(signal, scaling="clip", image_size_px=32, field=field)
        np.testing.assert_array_equal(part, one)


@pytest.mark.parametrize("field", ["summation", "difference"])
@pytest.mark.parametrize(("samples", "size_px"), [(90, 32), (33, 32), (700, 224), (224, 224)])
def test_paper_s_image_is_resized_as_pil_does_to_the_byte(field, samples, size_px):
    signal = signal_of(samples, axes=2)
    image = images_of(signal, scaling="clip", field=field, resize="image", image_size_px=size_px)
    for axis, levels in enumerate(grey(gramian_field(signal, field))):
        expected = Image.fromarray(levels).resize((size_px, size_px), Image.Resampling.BILINEAR)
        np.testing.assert_array_equal(image[0, axis], expected)


def test_paper_s_image_of_a_short_signal_is_interpolated():
    image = images_of(signal_of(7), scaling="clip", resize="image", image_size_px=32)
    paa = images_of(signal_of(7), scaling="clip", resize="paa", image_size_px=32)
    np.testing.assert_array_equal(image, paa)


def test_dataset_scaling_keeps_amplitude_and_sign_which_clip_scaling_forgets():
    signal = signal_of(40)
    ranges = [(-20.0, 20.0)] * 3
    by_clip = {"scaling": "clip", "image_size_px": 32}
    fixed = {"scaling": "dataset", "image_size_px": 32}
    np.testing.assert_array_equal(images_of(signal, **by_clip), images_of(signal / 2, **by_clip))
    assert (images_of(signal, ranges, **fixed) != images_of(signal / 2, ranges, **fixed)).any()


def test_dataset_scaling_clips_what_is_outside():
    signal = np.linspace(-30, 30, 61)[:, None]
    image = images_of(signal, [(-10.0, 10.0)], image_size_px=61, field="summation")[0, 0]
    inside = np.clip(signal[:, 0] / 10, -1, 1)
    corner = np.sqrt(1 - inside**2)
    expected = np.outer(inside, inside) - np.outer(corner, corner)
    np.testing.assert_array_equal(image, np.rint(127.5 * (expected + 1)))


def test_dataset_scaling_of_an_axis_without_range():
    image = images_of(np.ones((20, 1)), [(1.0, 1.0)], image_size_px=32)
    assert (image[0, 0] == 0).all()
    assert (image[0, 1] == 128).all()


def test_windows_are_the_images_of_the_parts():
    signal = signal_of(100)
    windows = windows_of("clip", 3, 0.5, 0)
    images = images_of(signal, windows=windows, scaling="clip", image_size_px=32)
    assert len(images) == 3
    for image, window in zip(images, windows):
        part = images_of(signal[cut(window, 100)], scaling="clip", image_size_px=32)
        np.testing.assert_array_equal(image, part[0])


def test_ranges_are_over_all_files(tmp_path):
    for name, low, high in (("a.mat", -1.0, 2.0), ("b.mat", -3.0, 1.0)):
        savemat(tmp_path / name, {"x": np.array([[low, 0], [high, 5]])})
    paths = [tmp_path / "a.mat", tmp_path / "b.mat"]
    assert axis_ranges(paths, ImageOptions()) == [(-3.0, 2.0), (0.0, 5.0)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"feild": "both"}, "gaf.feild is not a key; did you mean gaf.field"),
        (
            {"field": "sum"},
            r"gaf\.field: 'sum' is not one of \['summation', 'difference', 'both'\]",
        ),
        ({"scaling": "none"}, r"gaf\.scaling"),
        ({"resize": "crop"}, r"gaf\.resize"),
        ({"nan": "zero"}, r"gaf\.nan"),
        ({"image_size_px": "64"}, r"gaf\.image_size_px: found '64', expected whole number"),
        (
            {"windows": {"counts": 2}},
            r"gaf\.windows\.counts is not a key; did you mean gaf\.windows\.count",
        ),
        ({"signal": {"colums": [0]}}, "colums is not a key"),
    ],
)
def test_bad_options(values, message):
    with pytest.raises(InputError, match=message):
        parse_options(ImageOptions, values, "gaf")


def test_compiling_is_off():
    assert os.environ["NUMBA_DISABLE_JIT"] == "1"


def test_range_is_that_of_all_values_where_none_is_wild():
    values = np.random.default_rng(0).standard_normal((5000, 2)) ** 3
    usual = values[(np.abs(values) < 60).all(axis=1)]
    low, high = usual_range(usual)
    np.testing.assert_array_equal(low, usual.min(axis=0))
    np.testing.assert_array_equal(high, usual.max(axis=0))


def test_range_of_many_files_is_that_of_few(tmp_path, monkeypatch):
    for number in range(12):
        write_signal(tmp_path / f"{number}.mat", length=50, seed=number)
    paths, options = [tmp_path / f"{number}.mat" for number in range(12)], ImageOptions()
    whole = axis_ranges(paths, options)
    monkeypatch.setattr("sakdn.teachers.gaf.ranges.MAX_POOLED", 100)
    assert axis_ranges(paths, options) == whole
