import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from recordings import clips_stage, write_video
from scipy.io import savemat
from trees import write_stamped

from sakdn.base.errors import InputError
from sakdn.data.readers.signals import finite_signal, read_signal
from sakdn.options.sensors import SignalOptions

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))
MMACT = {"time_column": 0, "time_format": "%Y%m%d_%H:%M:%S.%f", "rate_hz": 100}


def read(path, **options):
    return read_signal(path, SignalOptions(**options))


def write(path, rows):
    path.write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n")
    return path


def test_sorted_without_repeats_on_a_uniform_grid(tmp_path):
    rows = [(0.0, 0, 5), (0.3, 30, 5), (0.1, 10, 5), (0.1, 99, 5), (0.5, 50, 5), (0.4, 40, 5)]
    signal = read(write(tmp_path / "s.csv", rows), time_column=0, rate_hz=20)
    np.testing.assert_allclose(signal[:, 0], np.arange(0, 51, 5), atol=1e-9)
    np.testing.assert_allclose(signal[:, 1], 5)


def test_rate_of_the_median_step(tmp_path):
    path = write(tmp_path / "s.csv", [(t, t) for t in (0, 4, 8, 12, 24)])
    signal = read(path, time_column=0, time_format="ms", rate_hz=None)
    np.testing.assert_allclose(signal[:, 0], [0, 4, 8, 12, 16, 20, 24], atol=1e-9)


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 1e3), ("us", 1e6), ("ns", 1e9)])
def test_numbers_of_any_unit_from_any_start(tmp_path, unit, factor):
    stamps = (1.7e9 + np.array([0, 0.25, 0.5, 1.0])) * factor
    path = write(tmp_path / "s.csv", [(f"{t:.6f}", v) for t, v in zip(stamps, (0, 1, 2, 4))])
    signal = read(path, time_column=0, time_format=unit, rate_hz=4)
    np.testing.assert_allclose(signal[:, 0], [0, 1, 2, 3, 4], atol=1e-4)


def test_named_columns_and_other_files(tmp_path):
    write(tmp_path / "s.csv", [("when", "x", "y"), (0, 1, 2), (2, 3, 6), (1, 2, 4)])
    expected = [[2, 1], [4, 2], [6, 3]]
    signal = read(tmp_path / "s.csv", columns=["y", "x"], time_column="when", rate_hz=1)
    np.testing.assert_allclose(signal, expected)
    matrix = np.array([[1, 2, 0], [3, 6, 2], [2, 4, 1]], float)
    savemat(tmp_path / "s.mat", {"d": matrix})
    np.save(tmp_path / "s.npy", matrix)
    np.savetxt(tmp_path / "s.txt", matrix)
    for name in ("s.mat", "s.npy", "s.txt"):
        signal = read(tmp_path / name, columns=[1, 0], time_column=2, rate_hz=1)
        np.testing.assert_allclose(signal, expected)
    every = read(tmp_path / "s.npy", time_column=2, rate_hz=1)
    np.testing.assert_allclose(every, np.fliplr(expected))


def test_a_gap_in_an_axis_stays_a_gap(tmp_path):
    path = write(tmp_path / "s.csv", [(0, 1, 7), (1, "", 7), (2, 3, 7)])
    signal = read(path, time_column=0, rate_hz=1)
    assert np.isnan(signal[:, 0]).tolist() == [False, True, False]
    options = SignalOptions(time_column=0, rate_hz=1.0)
    np.testing.assert_allclose(finite_signal(path, options, "interpolate")[:, 0], [1, 2, 3])


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([(0, 1), ("noon", 2), (2, 3)], {}, r"row 2: found 'noon', expected a time stamp of .*'s'"),
        ([("noon", 1), ("one", 2)], {}, r"row 1: found 'noon', expected a time stamp"),
        ([(0, 1), ("", 2), (2, 3)], {}, r"row 2: found nan, expected a time stamp"),
        ([(5, 1), (5, 2), (5, 3)], {}, r"found 1 different time stamps, expected at least 2"),
        ([(0, 1), (1, 2), (86400, 3)], {}, r"3 samples span 86400 s, expected at most 60 s at 1 H"),
        ([(0, 1), (1, 2)], {"time_column": 2}, r"no column 2: found 2 columns"),
        ([(0, 1), (1, 2)], {"time_column": "t"}, r"no column 't'; the header has 0, 1"),
        ([("1:00", 1), ("2:00", 2)], {"time_format": "%Q"}, r"time_format: found '%Q', expected s"),
    ],
)
def test_bad_time_stamps(tmp_path, rows, options, message):
    with pytest.raises(InputError, match=message):
        read(write(tmp_path / "s.csv", rows), **{"time_column": 0, "rate_hz": 1} | options)


def test_layout_of_mmact(tmp_path):
    write_stamped(tmp_path / "s.csv", seed=[1])
    signal = read(tmp_path / "s.csv", columns=[1, 2, 3], **MMACT)
    raw = pd.read_csv(tmp_path / "s.csv", header=None)
    assert raw[0].is_monotonic_increasing is False
    expected = raw.sort_values(0)[[1, 2, 3]].to_numpy()
    np.testing.assert_allclose(signal, expected, atol=1e-9)


def test_the_real_file_of_mmact():
    """890 rows at 100 Hz; six steps run backwards, two time stamps occur twice."""
    path = SHARED / "mmact/carrying.csv"
    if not path.exists():
        pytest.skip(f"no file {path}; set SAKDN_SHARED")
    raw = pd.read_csv(path, header=None)
    times = pd.to_datetime(raw[0], format=MMACT["time_format"])
    assert (times.diff().dt.total_seconds() < 0).sum() == 6
    signal = read(path, columns=[1, 2, 3], **MMACT)
    span_s = (times.max() - times.min()).total_seconds()
    assert len(signal) == int(span_s * 100) + 1 == 893
    np.testing.assert_allclose(signal[0], raw.iloc[times.argmin(), 1:].to_numpy(float))
    low, high = raw[[1, 2, 3]].min().to_numpy(), raw[[1, 2, 3]].max().to_numpy()
    assert ((signal >= low) & (signal <= high)).all()
    # Row 36 (from 1) comes 35 ms too early: its sample belongs after the one 5 ms before it.
    late = raw.iloc[35, 1:].to_numpy(float)
    early = signal[round((times[35] - times.min()).total_seconds() * 100)]
    assert np.abs(early - late).max() < 0.2


def test_the_clips_stage_checks_time_stamps(tmp_path):
    rows = ["clip,action,action_name,subject,video,watch"]
    for index in range(8):
        write_video(tmp_path / f"v{index}.mp4")
        write_stamped(tmp_path / f"s{index}.csv", seed=[index])
        rows.append(f"c{index},{index % 2},{'ab'[index % 2]},p{index // 4},v{index}.mp4,")
        rows[-1] += f"s{index}.csv"
    (tmp_path / "s3.csv").write_text("20181016_13:37:28.000000,1,2,3\nyesterday,1,2,3\n")
    (tmp_path / "clips.csv").write_text("\n".join(rows))
    options = {
        "data": {"source": "table", "root": str(tmp_path), "table": str(tmp_path / "clips.csv")},
        "split": {"protocol": "cross_subject", "train_subjects": ["p0"], "test_subjects": ["p1"]},
        "sensors": {"watch": {"columns": [1, 2, 3], **MMACT}},
    }
    with pytest.raises(InputError, match=r"1 of 16 files .*\n.*s3\.csv: row 2: found 'yesterday'"):
        clips_stage(options=options, output=tmp_path / "o.csv", videos=tmp_path / "v.csv")
