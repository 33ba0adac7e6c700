"""The stage that writes the images of a sensor."""

import json

import numpy as np
import pandas as pd
import pytest
from recordings import arguments, write_signal
from scipy.io import loadmat, savemat

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.clips.windows import windows_of
from sakdn.data.readers.signals import finite_signal
from sakdn.options.sensors import ImageOptions
from sakdn.stages.gaf import main
from sakdn.teachers.gaf.course import PARTS, course

OPTIONS = {
    "signal": {"variable": "d_iner", "columns": [0, 1, 2], "rate_hz": 50},
    "image_size_px": 32,
    "windows": {"count": 3, "min_fraction": 0.5, "seed": 1},
}


def write_clips(tmp_path, count=8, missing=()):
    rows = []
    for index in range(count):
        path = "" if index in missing else f"s/c{index}.mat"
        if path:
            write_signal(tmp_path / path, length=20 + index, seed=index)
        split = "train" if index < count // 2 else "test"
        rows.append((f"c{index}", index % 2, f"name {index % 2}", "1", "v.mp4", path, split))
    columns = ["clip", "action", "action_name", "subject", "video", "acc", "split"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "clips.csv", index=False)


def run_stage(tmp_path, name="acc", processes=1, sensor="acc", **changes):
    main(
        arguments(
            clips=tmp_path / "clips.csv",
            root=tmp_path,
            sensor=sensor,
            options=OPTIONS | changes,
            processes=processes,
            output=tmp_path / f"{name}.npy",
            index=tmp_path / f"{name}.json",
        )
    )
    index = json.loads((tmp_path / f"{name}.json").read_text())
    return np.load(tmp_path / f"{name}.npy"), index


def test_stage_rows_windows_and_missing(tmp_path):
    write_clips(tmp_path, missing=(2,))
    images, index = run_stage(tmp_path)
    assert images.shape == (8, 3, 6, 32, 32)
    assert images.dtype == np.uint8
    assert index["clips"] == [f"c{i}" for i in range(8)]
    assert index["missing"] == ["c2"]
    assert (images[2] == 0).all()
    assert images[[0, 1, 3, 4, 5, 6, 7]].any(axis=(1, 2, 3, 4)).all()
    assert index["windows"][5] == [list(window) for window in windows_of("c5", 3, 0.5, 1)]
    assert index["options"]["scaling"] == "dataset"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "acc.course.npy",
        "acc.json",
        "acc.npy",
        "clips.csv",
        "s",
    ]


def test_stage_s_ranges_come_from_training_clips_only(tmp_path):
    write_clips(tmp_path)
    images, index = run_stage(tmp_path)
    wild = np.random.default_rng(0).standard_normal((30, 6)) * 1e6
    savemat(tmp_path / "s/c7.mat", {"d_iner": wild})
    again, index_again = run_stage(tmp_path)
    assert index["ranges"] == index_again["ranges"]
    np.testing.assert_array_equal(images[:7], again[:7])
    savemat(tmp_path / "s/c0.mat", {"d_iner": wild})
    assert run_stage(tmp_path)[1]["ranges"] != index["ranges"]


def test_stage_in_two_processes_writes_the_same(tmp_path):
    write_clips(tmp_path)
    one, _ = run_stage(tmp_path, scaling="clip")
    two, _ = run_stage(tmp_path, name="two", processes=2, scaling="clip")
    np.testing.assert_array_equal(one, two)


def message_of(tmp_path, **changes):
    with pytest.raises(InputError) as error:
        run_stage(tmp_path, **changes)
    assert not list(tmp_path.glob("*.npy")) + list(tmp_path.glob(".*"))
    return str(error.value)


def test_stage_names_file_and_row_of_a_nan(tmp_path):
    write_clips(tmp_path)
    values = np.ones((20, 6)).cumsum(axis=0)
    values[4, 1] = np.nan
    savemat(tmp_path / "s/c6.mat", {"d_iner": values})
    message = message_of(tmp_path)
    assert "s/c6.mat: row 5, axis 2: found nan" in message
    images, _ = run_stage(tmp_path, nan="interpolate")
    assert images[6].any()


def test_stage_refuses_other_numbers_of_axes(tmp_path):
    write_clips(tmp_path)
    savemat(tmp_path / "s/c6.mat", {"d_iner": np.random.default_rng(0).random((20, 4))})
    assert "s/c6.mat: found 4 axes, expected 6" in message_of(tmp_path, signal={})


def test_stage_refuses_an_unknown_sensor_and_one_that_nobody_has(tmp_path):
    write_clips(tmp_path, missing=range(8))
    assert "no clip has this sensor" in message_of(tmp_path)
    assert "no sensor 'gyr'; it has acc" in message_of(tmp_path, sensor="gyr")


def test_stage_without_training_signals_has_no_dataset_scale(tmp_path):
    write_clips(tmp_path, missing=range(4))
    assert "no training clip has this sensor" in message_of(tmp_path)
    assert run_stage(tmp_path, scaling="clip")[1]["missing"] == ["c0", "c1", "c2", "c3"]


def test_stage_keeps_the_course_of_each_signal_beside_its_images(tmp_path):
    write_clips(tmp_path, missing=(2,))
    run_stage(tmp_path)
    found = np.load(tmp_path / "acc.course.npy")
    assert found.shape == (8, PARTS, 6)
    assert not found[2].any()
    options = parse_options(ImageOptions, OPTIONS, "gaf")
    for row in (0, 5):
        signal = finite_signal(tmp_path / f"s/c{row}.mat", options.signal, options.nan)
        np.testing.assert_allclose(found[row], course(signal), rtol=1e-6)


def test_one_wild_value_does_not_flatten_the_images_of_the_sensor(tmp_path):
    write_clips(tmp_path)
    images, index = run_stage(tmp_path)
    values = loadmat(tmp_path / "s/c0.mat")["d_iner"]
    values[3] = 32767
    savemat(tmp_path / "s/c0.mat", {"d_iner": values})
    wild, with_wild = run_stage(tmp_path)
    low, high = np.array(index["ranges"]).T
    wild_low, wild_high = np.array(with_wild["ranges"]).T
    assert (wild_low >= low).all()
    assert (wild_high <= high).all()
    assert (wild_high - wild_low > 0.5 * (high - low)).all()
    assert len(np.unique(wild[1])) > 0.8 * len(np.unique(images[1])) > 50


def test_offsets_of_the_config_and_of_a_clip_move_the_signal(tmp_path):
    write_clips(tmp_path)
    table = pd.read_csv(tmp_path / "clips.csv", dtype=str)
    offsets = ["", "0.1", *[""] * 6]
    table.assign(acc_offset_s=offsets).to_csv(tmp_path / "clips.csv", index=False)
    run_stage(tmp_path, signal=OPTIONS["signal"] | {"offset_s": -0.06})
    found = np.load(tmp_path / "acc.course.npy")
    options = parse_options(ImageOptions, OPTIONS, "gaf").signal
    for row, offset_s in ((0, -0.06), (1, 0.04)):
        moved = options.model_copy(update={"offset_s": offset_s})
        signal = finite_signal(tmp_path / f"s/c{row}.mat", moved, "error")
        np.testing.assert_allclose(found[row], course(signal), rtol=1e-5, atol=1e-6)
