import os
import resource
import struct
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from sakdn.base.errors import InputError
from sakdn.data.readers.signals import read_signal, repaired
from sakdn.options.sensors import SignalOptions

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))
VALUES = np.arange(24.0).reshape(6, 4) / 3


def test_mat_variable_and_columns(tmp_path):
    savemat(tmp_path / "s.mat", {"d_iner": VALUES, "other": np.ones((2, 2))})
    signal = read_signal(tmp_path / "s.mat", SignalOptions(variable="d_iner", columns=[3, 1]))
    np.testing.assert_array_equal(signal, VALUES[:, [3, 1]])
    assert signal.dtype == np.float64


@pytest.mark.parametrize("layout", [{"do_compression": True}, {}])
def test_mat_formats_and_the_only_matrix(tmp_path, layout):
    savemat(tmp_path / "s.mat", {"x": VALUES.astype(np.float32)}, **layout)
    signal = read_signal(tmp_path / "s.mat", SignalOptions())
    np.testing.assert_array_equal(signal, VALUES.astype(np.float32))


def test_npy_of_one_axis_and_of_whole_numbers(tmp_path):
    np.save(tmp_path / "s.npy", np.array([3, 1, 2], np.int16))
    np.testing.assert_array_equal(read_signal(tmp_path / "s.npy", SignalOptions()), [[3], [1], [2]])


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        ("s.csv", "0.5,1.5\n2,3e0\n-4,5\n", None),
        ("s.csv", "t,x,y\n9,0.5,1.5\n9,2,3\n9,-4,5\n", ["x", "y"]),
        ("s.csv", "t,x,y\n9,0.5,1.5\n9,2,3\n9,-4,5\n", [1, 2]),
        ("s.csv", "20181016_13:37:28,0.5,1.5\n20181016_13:37:29,2,3\nlater,-4,5\n", [1, 2]),
        ("s.txt", "  0.5  1.5\n 2\t3 \n-4;5\n\n", None),
        ("s.txt", "x y\n0.5 1.5\n2 3\n-4 5", ["x", "y"]),
    ],
)
def test_text(tmp_path, name, text, columns):
    (tmp_path / name).write_text(text)
    signal = read_signal(tmp_path / name, SignalOptions(columns=columns))
    np.testing.assert_array_equal(signal, [[0.5, 1.5], [2, 3], [-4, 5]])


def test_real_mmact_file():
    path = SHARED / "mmact" / "carrying.csv"
    if not path.exists():
        pytest.skip(f"no file {path}; set SAKDN_SHARED")
    signal = read_signal(path, SignalOptions(columns=[1, 2, 3]))
    assert signal.shape == (890, 3)
    np.testing.assert_array_equal(signal[0], [-0.8051605, -9.051605, -1.0894012])


def message_of(path, variable=None, columns=None, **named):
    with pytest.raises(InputError) as error:
        read_signal(path, SignalOptions(variable=variable, columns=columns, **named))
    assert str(path) in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.ones((1, 1)), "found 1 samples, expected at least 2"),
        (np.ones((3, 40)), "3 rows and 40 columns, expected one row a sample; transpose it"),
        (np.ones((9, 2), complex), "found complex128"),
        (np.ones((9, 2, 2)), r"shape \(9, 2, 2\)"),
        (np.array([["a"], ["b"]]), "expected numbers"),
        (np.array([{}, {}]), "truncated or not a .npy file"),
    ],
)
def test_bad_npy(tmp_path, array, expected):
    np.save(tmp_path / "s.npy", array, allow_pickle=True)
    with pytest.raises(InputError, match=expected):
        read_signal(tmp_path / "s.npy", SignalOptions())


@pytest.mark.parametrize("size", [0, 5, 100, 200])
def test_truncated_npy(tmp_path, size):
    np.save(tmp_path / "s.npy", VALUES)
    (tmp_path / "s.npy").write_bytes((tmp_path / "s.npy").read_bytes()[:size])
    assert "truncated" in message_of(tmp_path / "s.npy")


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("1,2\n3,x\n", None, "row 2: found 'x', expected a number"),
        ("a,b\n1,2\n3,oops\n4,5\n", None, "row 3: found 'oops'"),
        ("1,2\n3,4,5\n", None, "line 2"),
        ("1,2\n3,4\n", [2], "no column 2: found 2 columns, counted from 0"),
        ("t,x\n3,4\n", ["y"], "no column 'y'; the header has t, x"),
        ("x\n3\n", ["x"], "found 1 samples"),
        ("", None, "not a table of numbers"),
        ("\x00\x01\x02,\x03", None, "found"),
    ],
)
def test_bad_text(tmp_path, text, columns, expected):
    (tmp_path / "s.csv").write_text(text)
    assert expected in message_of(tmp_path / "s.csv", columns=columns)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / "s.csv").write_bytes(b"\xff\xfe1,2\n")
    assert "not a table of numbers" in message_of(tmp_path / "s.csv")


def test_missing_and_unknown_files(tmp_path):
    for name in ("s.npy", "s.csv"):
        assert "cannot be read" in message_of(tmp_path / name)
    assert "no such file" in message_of(tmp_path / "s.mat")
    assert "expected a signal in .mat, .npy, .csv or .txt" in message_of(tmp_path / "s.wav")


def test_mat_without_the_variable(tmp_path):
    savemat(tmp_path / "s.mat", {"a": VALUES, "b": VALUES, "name": "x"})
    assert "expected variable 'd_iner' of 2 dimensions" in message_of(tmp_path / "s.mat", "d_iner")
    assert "exactly one numeric variable" in message_of(tmp_path / "s.mat")
    assert "expected variable 'name'" in message_of(tmp_path / "s.mat", "name")


def test_mat_of_format_4(tmp_path):
    savemat(tmp_path / "s.mat", {"d_iner": VALUES}, format="4")
    assert "not a .mat file of format 5 to 7" in message_of(tmp_path / "s.mat")


def test_mat_of_format_7_3(tmp_path):
    header = b"MATLAB 7.3 MAT-file".ljust(124) + struct.pack("<H", 0x0200) + b"IM"
    (tmp_path / "s.mat").write_bytes(header.ljust(512, b"\0") + b"\x89HDF\r\n\x1a\n")
    assert "save it with -v7" in message_of(tmp_path / "s.mat")


def write_hdf5(path, **variables):
    """As MATLAB's `save -v7.3`: axes turned, complex numbers in two parts, shapes of empties."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, values in variables.items():
            empty = values.size == 0
            stored = np.array(values.shape, np.uint64) if empty else values.T.copy()
            if np.iscomplexobj(values):
                stored = stored.view([("real", "<f8"), ("imag", "<f8")])
            there = file.create_dataset(name, data=stored)
            there.attrs["MATLAB_class"] = np.bytes_("double")
            if empty:
                there.attrs["MATLAB_empty"] = np.uint8(1)
    header = b"MATLAB 7.3 MAT-file".ljust(124) + struct.pack("<H", 0x0200) + b"IM"
    with path.open("r+b") as file:
        file.write(header)
    return path


def test_mat_of_format_7_3_is_read(tmp_path):
    path = write_hdf5(tmp_path / "s.mat", d_iner=VALUES, other=np.ones((2, 2)))
    np.testing.assert_array_equal(
        read_signal(path, SignalOptions(variable="d_iner", columns=[3, 1])), VALUES[:, [3, 1]]
    )
    assert "expected exactly one numeric variable of 2 dimensions" in message_of(path)
    assert "expected variable 'none' of 2 dim" in message_of(path, variable="none")


@pytest.mark.parametrize("of_7_3", [True, False])
def test_mat_of_complex_empty_or_transposed_values(tmp_path, of_7_3):
    for values, words in (
        (VALUES + 1j, "variable x holds complex numbers, expected real ones; store their real"),
        (np.zeros((0, 3)), "variable x claims shape (0, 3), so it is empty, expected values"),
        (VALUES.T, "found 4 rows and 6 columns, expected one row a sample; transpose it"),
    ):
        if of_7_3:
            write_hdf5(tmp_path / "s.mat", x=values)
        else:
            savemat(tmp_path / "s.mat", {"x": values})
        assert words in message_of(tmp_path / "s.mat")


def test_mat_of_format_7_3_brings_in_no_other_file(tmp_path):
    write_hdf5(tmp_path / "other.mat", secret=VALUES)
    path = write_hdf5(tmp_path / "s.mat", x=VALUES)
    with h5py.File(path, "a") as file:
        file["link"] = h5py.ExternalLink(str(tmp_path / "other.mat"), "secret")
        layout = h5py.VirtualLayout((4, 6), float)
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.mat"), "secret", (4, 6))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("raw", (4, 6), float, external=[(str(tmp_path / "other.mat"), 0, 192)])
    for name in ("link", "virtual", "raw"):
        assert f"expected variable {name!r}" in message_of(path, variable=name)
    np.testing.assert_array_equal(read_signal(path, SignalOptions()), VALUES)


def claiming_mat(rows: int, columns: int, byte_count: int) -> bytes:
    """A compressed .mat whose matrix claims more than there is."""
    flags = struct.pack("<IIII", 6, 8, 6, 0)
    shape = struct.pack("<IIii", 5, 8, rows, columns)
    name = struct.pack("<II", 1, 6) + b"d_iner\0\0"
    data = struct.pack("<II", 9, byte_count) + bytes(64)
    matrix = struct.pack("<II", 14, len(flags + shape + name) + 8 + byte_count)
    packed = zlib.compress(matrix + flags + shape + name + data)
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"
    return header + struct.pack("<II", 15, len(packed)) + packed


@pytest.mark.parametrize(
    ("rows", "columns", "byte_count"),
    [(2**31 - 1, 6, 2**32 - 200), (8, 1, 2**32 - 200), (2**27, 16, 64)],
)
def test_mat_that_claims_absurd_sizes_costs_no_memory(tmp_path, rows, columns, byte_count):
    (tmp_path / "s.mat").write_bytes(claiming_mat(rows, columns, byte_count))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    message = message_of(tmp_path / "s.mat", "d_iner", [0])
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert "claims shape" in message or "damaged" in message
    assert grown_kb < 50_000


def test_mat_cut_anywhere_is_refused(tmp_path):
    savemat(tmp_path / "whole.mat", {"d_iner": VALUES}, do_compression=True)
    whole = (tmp_path / "whole.mat").read_bytes()
    for size in range(0, len(whole), 7):
        (tmp_path / "s.mat").write_bytes(whole[:size])
        assert "truncated" in message_of(tmp_path / "s.mat", "d_iner")


def test_nan_is_an_error_naming_file_and_row_unless_interpolated():
    signal = np.array([[np.nan, 1.0], [2.0, 1.0], [np.nan, 1.0], [8.0, np.inf]])
    with pytest.raises(InputError, match=r"s\.mat: row 1, axis 1: found nan.*interpolate"):
        repaired(signal, "s.mat", "error")
    np.testing.assert_array_equal(
        repaired(signal, "s.mat", "interpolate"), [[2, 1], [2, 1], [5, 1], [8, 1]]
    )


def test_axis_of_nan_only_cannot_be_interpolated():
    with pytest.raises(InputError, match="nothing to interpolate"):
        repaired(np.array([[np.nan, 1.0], [np.nan, 2.0]]), "s.mat", "interpolate")


def test_gap_in_a_csv_is_a_nan(tmp_path):
    (tmp_path / "s.csv").write_text("1,2\n,4\n5,\n")
    signal = read_signal(tmp_path / "s.csv", SignalOptions())
    np.testing.assert_array_equal(signal, [[1, 2], [np.nan, 4], [5, np.nan]])
