"""Clocks of real devices: what they mean is kept, what they leave open is refused with its row."""

import numpy as np
import pytest

from sakdn.base.errors import InputError
from sakdn.data.readers.signals import SignalOptions, finite_signal, read_signal

COUNT = 200
TIME = np.arange(COUNT) / 50
VALUES = np.round(np.stack([np.sin(2 * TIME), np.cos(2 * TIME)], axis=1), 6)
DAY = np.datetime64("2024-10-27T00:59:58")


def write(path, stamps, values=VALUES, quote=""):
    rows = [
        f"{quote}{stamp}{quote},{x},{y}".replace("nan", "") for stamp, (x, y) in zip(stamps, values)
    ]
    path.write_text("\n".join(["t,x,y", *rows]) + "\n")
    return path


def read(path, **options):
    return read_signal(path, SignalOptions(**{"time_column": "t", "rate_hz": 50} | options))


def message_of(path, **options):
    with pytest.raises(InputError) as error:
        read(path, **options)
    assert str(error.value).startswith(f"{path}: row ")
    return str(error.value)


def seconds(decimals=2):
    return [f"{time:.{decimals}f}" for time in TIME]


def clock(form, times=TIME, zone_at=None):
    """Stamps from 00:59:58 UTC on; summer time ends 1 s later where `zone_at` is given."""
    found = []
    for time in times:
        stamp = (DAY + np.timedelta64(round(time * 1e6), "us")).astype("datetime64[us]")
        hours = 2 if zone_at and time < zone_at else 1
        local = (stamp + np.timedelta64(hours, "h")).item()
        found.append(local.strftime(form) + (f" +0{hours}00" if zone_at else ""))
    return found


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_quoted_and_unquoted_stamps(tmp_path, quote):
    path = write(tmp_path / "s.csv", clock("%Y-%m-%d %H:%M:%S.%f"), quote=quote)
    np.testing.assert_allclose(read(path, time_format="%Y-%m-%d %H:%M:%S.%f"), VALUES, atol=1e-9)


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M:%S.%f+01:00"])
def test_iso_8601_also_where_the_fraction_is_left_out(tmp_path, form):
    stamps = [stamp.replace(".000000", "") for stamp in clock(form)]
    path = write(tmp_path / "s.csv", stamps)
    np.testing.assert_allclose(read(path, time_format="iso8601"), VALUES, atol=1e-9)


def test_offsets_that_change_are_one_time(tmp_path):
    stamps = clock("%Y-%m-%d %H:%M:%S.%f", zone_at=1.0)
    path = write(tmp_path / "s.csv", stamps)
    form = "%Y-%m-%d %H:%M:%S.%f %z"
    np.testing.assert_allclose(read(path, time_format=form), VALUES, atol=1e-9)
    np.testing.assert_allclose(read(path, time_format="iso8601"), VALUES, atol=1e-9)


def test_stamps_of_which_only_some_have_an_offset_are_refused(tmp_path):
    stamps = clock("%Y-%m-%dT%H:%M:%S.%f")
    stamps[100:] = [stamp + "Z" for stamp in stamps[100:]]
    path = write(tmp_path / "s.csv", stamps)
    assert "row 102: found" in message_of(path, time_format="iso8601")


def test_summer_time_that_ends_without_an_offset_is_refused(tmp_path):
    stamps = [stamp[:-6] for stamp in clock("%Y-%m-%d %H:%M:%S.%f", zone_at=1.0)]
    message = message_of(write(tmp_path / "s.csv", stamps), time_format="%Y-%m-%d %H:%M:%S.%f")
    assert "row 52: the clock jumps back by 3.6e+03 s" in message


def test_a_clock_without_date_goes_on_over_midnight(tmp_path):
    stamps = clock("%H:%M:%S.%f", TIME + 22 * 3600)
    assert (stamps[99], stamps[100]) == ("23:59:59.980000", "00:00:00.000000")
    path = write(tmp_path / "s.csv", stamps)
    np.testing.assert_allclose(read(path, time_format="%H:%M:%S.%f"), VALUES, atol=1e-9)


def test_a_counter_of_32_bits_goes_on_over_its_end(tmp_path):
    counts = (2**32 - 2_000_000 + np.arange(COUNT) * 20_000) % 2**32
    path = write(tmp_path / "s.csv", counts)
    np.testing.assert_allclose(read(path, time_format="us"), VALUES, atol=1e-9)


@pytest.mark.parametrize("start", [0.0, 0.3])
def test_whole_seconds_are_spread_evenly(tmp_path, start):
    stamps = [f"{int(time + start)}" for time in TIME]
    signal = read(write(tmp_path / "s.csv", stamps))
    assert len(signal) == COUNT
    np.testing.assert_allclose(signal, VALUES, atol=0.05)


def test_batches_are_spread_evenly(tmp_path):
    noise = np.random.default_rng(0).uniform(-0.03, 0.03, COUNT // 10)
    stamps = np.repeat(TIME[::10] + noise, 10)
    signal = read(write(tmp_path / "s.csv", [f"{stamp:.3f}" for stamp in stamps]))
    count = min(len(signal), COUNT)
    assert abs(len(signal) - COUNT) < 4
    np.testing.assert_allclose(signal[:count], VALUES[:count], atol=0.15)


def test_a_clock_that_stands_still_for_a_second_is_spread_up_to_where_it_goes_on(tmp_path):
    stamps = seconds()
    stamps[50:100] = [stamps[50]] * 50
    np.testing.assert_allclose(read(write(tmp_path / "s.csv", stamps)), VALUES, atol=1e-6)


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        (lambda i: not 60 <= i < 90, "row 52: 20 samples share a time stamp, at 50 Hz"),
        (lambda i: not 60 <= i < 98, "row 52: 12 samples share a time stamp"),
    ],
)
def test_a_second_that_lacks_samples_is_refused(tmp_path, keep, words):
    kept = [i for i in range(COUNT) if keep(i)]
    path = write(tmp_path / "s.csv", [int(TIME[i]) for i in kept], VALUES[kept])
    assert words in message_of(path)
    assert "remove the sensor's time_column" in message_of(path)


def test_a_clock_that_stands_still_and_leaps_elsewhere_is_refused(tmp_path):
    stamps = seconds()
    stamps[50:100] = [stamps[50]] * 50
    stamps[100:] = [f"{float(stamp) + 60:.2f}" for stamp in stamps[100:]]
    assert "row 52: 50 samples share a time stamp" in message_of(write(tmp_path / "s.csv", stamps))


@pytest.mark.parametrize("back", [2.0, 0.5])
def test_a_clock_that_jumps_back_into_another_session_is_refused(tmp_path, back):
    stamps = [*seconds()[:120], *(f"{time - back:.2f}" for time in TIME[120:])]
    path = write(tmp_path / "s.csv", stamps)
    message = message_of(path)
    assert f"row 122: the clock jumps back by {back - 0.02:.3g} s" in message
    assert "cut the file there" in message


def test_a_second_session_before_the_first_is_refused(tmp_path):
    stamps = [f"{3600 + time:.2f}" if i < 100 else f"{time:.2f}" for i, time in enumerate(TIME)]
    assert "row 102: the clock jumps back" in message_of(write(tmp_path / "s.csv", stamps))


def test_samples_and_packets_that_come_late_are_sorted_in(tmp_path):
    order = np.arange(COUNT)
    order[[20, 21]] = order[[21, 20]]
    order[60:80] = [*order[70:80], *order[60:70]]
    path = write(tmp_path / "s.csv", np.array(seconds())[order], VALUES[order])
    np.testing.assert_allclose(read(path), VALUES, atol=1e-9)


def test_newest_first_is_turned_round(tmp_path):
    path = write(tmp_path / "s.csv", seconds()[::-1], VALUES[::-1])
    np.testing.assert_allclose(read(path), VALUES, atol=1e-9)


def test_two_rates_in_one_file_each_over_its_own_samples(tmp_path):
    values = VALUES.copy()
    values[np.arange(COUNT) % 4 != 0, 1] = np.nan
    noise = np.random.default_rng(1).uniform(-0.003, 0.003, COUNT)
    times = TIME + noise - noise[0]
    path = write(tmp_path / "s.csv", [f"{time:.4f}" for time in times], values)
    signal = finite_signal(path, SignalOptions(time_column="t", rate_hz=50), "interpolate")
    own = np.arange(0, COUNT, 4)
    grid = np.arange(len(signal)) / 50
    times = np.round(times, 4)
    np.testing.assert_allclose(signal[:, 1], np.interp(grid, times[own], VALUES[own, 1]), atol=1e-9)
    np.testing.assert_allclose(signal[:, 0], np.interp(grid, times, VALUES[:, 0]), atol=1e-9)
    with pytest.raises(InputError, match="row 3, axis 2: found nan"):
        finite_signal(path, SignalOptions(time_column="t", rate_hz=50), "error")


@pytest.mark.parametrize(("from_hz", "to_hz"), [(200, 50), (100, 50), (120, 50), (1000, 25)])
def test_a_lowered_rate_keeps_what_is_slow_and_loses_what_would_come_back_as_slow(
    tmp_path, from_hz, to_hz
):
    time = np.arange(4 * from_hz) / from_hz
    slow = np.sin(2 * np.pi * 0.15 * to_hz * time) + 9.81
    fast = np.sin(2 * np.pi * 0.8 * to_hz * time)
    if from_hz <= 1.6 * to_hz:
        pytest.skip("the fast one cannot be there")
    np.save(tmp_path / "s.npy", np.stack([time, slow, slow + fast], axis=1))
    options = SignalOptions(time_column=0, rate_hz=to_hz)
    plain, mixed = read_signal(tmp_path / "s.npy", options).T
    grid = np.arange(len(plain)) / to_hz
    middle = slice(to_hz // 2, -to_hz // 2)
    expected = np.sin(2 * np.pi * 0.15 * to_hz * grid) + 9.81
    assert np.abs(plain - expected)[middle].max() < 0.03
    assert np.abs(plain - expected).max() < 0.5
    assert np.abs(mixed - expected)[middle].max() < 0.05


def test_a_gap_in_a_signal_whose_rate_is_lowered_stays_one(tmp_path):
    time = np.arange(400) / 200
    values = np.sin(time)
    values[100:200] = np.nan
    np.save(tmp_path / "s.npy", np.stack([time, values], axis=1))
    signal = read_signal(tmp_path / "s.npy", SignalOptions(time_column=0, rate_hz=50))
    assert np.isnan(signal[:, 0]).sum() == pytest.approx(25, abs=1)
