import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.clips.windows import cut, windows_of
from sakdn.options.gaf import WindowOptions


def test_first_window_is_the_whole_clip():
    assert windows_of("a1_s1_t1", 1, 0.5, 0) == [(0.0, 1.0)]


def test_windows_depend_on_clip_and_seed_only():
    windows = windows_of("a1_s1_t1", 6, 0.4, 3)
    assert windows == windows_of("a1_s1_t1", 6, 0.4, 3)
    assert windows[:4] == windows_of("a1_s1_t1", 4, 0.4, 3)
    assert windows[1:] != windows_of("a1_s1_t2", 6, 0.4, 3)[1:]
    assert windows[1:] != windows_of("a1_s1_t1", 6, 0.4, 4)[1:]


def test_values_do_not_change_between_versions():
    """Stored images refer to them."""
    expected = [(0.0, 1.0), (0.0428406, 0.99613353), (0.00432197, 0.99743428)]
    np.testing.assert_allclose(windows_of("a1_s1_t1", 3, 0.5, 0), expected, atol=1e-8)


@given(st.text(max_size=20), st.floats(0.01, 1.0), st.integers(0, 2**32))
def test_windows_lie_in_the_clip_and_are_long_enough(clip, min_fraction, seed):
    for start, end in windows_of(clip, 5, min_fraction, seed):
        assert 0 <= start < end <= 1
        assert end - start >= min_fraction - 1e-12


@given(st.floats(0, 1), st.floats(0, 1), st.integers(2, 500))
def test_cut_has_two_samples_at_least(first, second, length):
    part = cut((min(first, second), max(first, second)), length)
    assert 0 <= part.start <= part.stop - 2
    assert part.stop <= length


def test_cut():
    assert cut((0.0, 1.0), 77) == slice(0, 77)
    assert cut((0.25, 0.75), 8) == slice(2, 6)
    assert cut((0.5, 0.5), 1) == slice(0, 1)


def test_video_and_signal_are_cut_at_the_same_times():
    window = (0.3, 0.7)
    for length in (50, 177, 1000):
        part = cut(window, length)
        assert abs(part.start / length - 0.3) <= 0.5 / length + 1e-12
        assert abs(part.stop / length - 0.7) <= 0.5 / length + 1e-12


@pytest.mark.parametrize("bad", [{"count": 0}, {"min_fraction": 0}, {"min_fraction": 1.5}])
def test_bad_options(bad):
    with pytest.raises(InputError, match=r"gaf\.windows\."):
        parse_options(WindowOptions, bad, "gaf.windows")
