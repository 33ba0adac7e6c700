"""Time stamps that stand digit under digit are what pandas reads, or are left to it."""

import numpy as np
import pandas as pd
import pytest

from sakdn.data.readers.fixed_stamps import fixed_stamps

MMACT = "%Y%m%d_%H:%M:%S.%f"


@pytest.mark.parametrize(
    ("time_format", "shown"),
    [
        (MMACT, "%Y%m%d_%H:%M:%S.%f"),
        ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S"),
        ("%d.%m.%Y %H.%M.%S,%f", "%d.%m.%Y %H.%M.%S,%f"),
        ("%H:%M:%S.%f", "%H:%M:%S.%f"),
        ("%M:%S", "%M:%S"),
    ],
)
def test_every_format_of_digits_is_read_as_pandas_does(time_format, shown):
    times = pd.date_range("2018-10-16 13:37:28.612", periods=500, freq="7h3min2s10007us")
    cells = list(times.strftime(shown))
    expected = pd.to_datetime(cells, format=time_format)
    stamps = fixed_stamps(cells, time_format)
    assert stamps is not None
    np.testing.assert_array_equal(stamps, expected.to_numpy().astype("datetime64[us]"))
    seconds = (expected - expected[0]).total_seconds()
    own = pd.DatetimeIndex(stamps)
    np.testing.assert_array_equal((own - own[0]).total_seconds(), seconds)


@pytest.mark.parametrize("digits", [1, 3, 6])
def test_a_fraction_may_have_fewer_digits(digits):
    cells = ["13:37:28." + "123456"[:digits], "13:37:29." + "654321"[:digits]]
    expected = pd.to_datetime(cells, format="%H:%M:%S.%f").to_numpy()
    np.testing.assert_array_equal(fixed_stamps(cells, "%H:%M:%S.%f"), expected)


@pytest.mark.parametrize(
    ("cells", "time_format"),
    [
        (["20181016_13:37:28.612000", "20181016_13:37:28.6"], MMACT),  # Another length.
        (["20181016_13:37:28.612000", "20181016-13:37:28.622000"], MMACT),
        (["20181316_13:37:28.612000", "20181016_13:37:28.622000"], MMACT),  # No such month,
        (["20180230_13:37:28.612000", "20181016_13:37:28.622000"], MMACT),  # day,
        (["20181016_24:37:28.612000", "20181016_13:37:28.622000"], MMACT),  # hour
        (["20181016_13:37:60.612000", "20181016_13:37:28.622000"], MMACT),  # or second.
        (["00001016_13:37:28.612000", "20181016_13:37:28.622000"], MMACT),
        (["20181016_13:37:2x.612000", "20181016_13:37:28.622000"], MMACT),
        (["20181016_13:37:2\u0663.612000", "20181016_13:37:28.622000"], MMACT),
        (["20181016_13:37:28.6120000", "20181016_13:37:28.6220000"], MMACT),
        (["20181016_13:37:28.", "20181016_13:37:28."], MMACT),
        (["18-10-16", "18-10-17"], "%y-%m-%d"),
        (["13:37 +0200", "13:38 +0200"], "%H:%M %z"),
        (["13:37 PM", "13:38 PM"], "%H:%M %p"),
        (["13:13", "13:14"], "%H:%H"),
        (["13:37", "13:38"], "%H:%M%"),
        (["", ""], "%H:%M"),
        (["", ""], ""),
    ],
)
def test_what_is_not_certain_is_left_to_pandas(cells, time_format):
    assert fixed_stamps(cells, time_format) is None
