"""Text as devices and spreadsheets write it: cut rightly, or refused with the line and the key."""

import bz2
import gzip
import lzma
import zipfile

import numpy as np
import pytest

from sakdn.base.errors import InputError
from sakdn.data.readers.signals import finite_signal, read_signal
from sakdn.options.sensors import SignalOptions

TIME = np.arange(60) / 50
VALUES = np.round(
    np.stack([np.sin(5 * TIME), np.cos(5 * TIME), 0.3 * TIME - 0.1], axis=1), 4
)  # [60, 3]


def rows_of(separator=",", decimal=".", end="", before=None):
    columns = VALUES if before is None else np.column_stack([before, VALUES])
    return [
        separator.join(f"{value:.4f}".replace(".", decimal) for value in row) + end
        for row in columns
    ]


def write(path, head, rows, end="\n", encoding="utf-8"):
    path.write_bytes((end.join([*head, *rows]) + end).encode(encoding))
    return path


def read(path, **options):
    return read_signal(path, SignalOptions(**options))


def message_of(path, **options):
    with pytest.raises(InputError) as error:
        read(path, **options)
    assert str(error.value).startswith(f"{path}: ")
    return str(error.value)


@pytest.mark.parametrize("suffix", [".csv", ".txt", ".CSV", ".Txt"])
@pytest.mark.parametrize(
    ("separator", "decimal"),
    [(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), ("|", "."), ("   ", ".")],
)
@pytest.mark.parametrize("header", [[], ["x{0}y{0}z"]])
def test_every_separator_and_decimal_sign(tmp_path, suffix, separator, decimal, header):
    head = [line.format(separator) for line in header]
    path = write(tmp_path / f"s{suffix}", head, rows_of(separator, decimal))
    columns = ["z", "x"] if header else [2, 0]
    np.testing.assert_array_equal(read(path, columns=columns), VALUES[:, [2, 0]])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_empty_cells_stay_in_their_places(tmp_path, separator):
    rows = rows_of(separator)
    expected = VALUES.copy()
    for row, column in ((3, 0), (7, 1), (9, 2), (40, 0)):
        cells = rows[row].split(separator)
        rows[row] = separator.join([*cells[:column], "", *cells[column + 1 :]])
        expected[row, column] = np.nan
    for name in ("s.csv", "s.txt"):
        np.testing.assert_array_equal(read(write(tmp_path / name, [], rows)), expected)


def test_a_line_between_blanks_that_lacks_a_cell_is_refused(tmp_path):
    rows = rows_of(" ")
    rows[50] = " ".join(rows[50].split()[1:])
    path = write(tmp_path / "s.txt", ["x y z"], rows)
    assert "line 52: found 2 cells, expected 3" in message_of(path, columns=["x"])


def test_tabs_in_a_row_that_may_be_empty_cells_are_refused(tmp_path):
    rows = [
        "\t".join([a, "", c] if i % 2 else [a, b])
        for i, (a, b, c) in enumerate(row.split(",") for row in rows_of())
    ]
    path = write(tmp_path / "s.txt", ["x\ty\tz"], rows)
    assert "two tabs in a row" in message_of(path)
    signal = read(path, separator="tab", columns=["x", "y", "z"])
    np.testing.assert_array_equal(signal[1::2, [0, 2]], VALUES[1::2, [0, 2]])
    np.testing.assert_array_equal(
        np.isnan(signal), [[False, False, True], [False, True, False]] * 30
    )
    bare = write(tmp_path / "t.txt", [], rows)
    assert "two tabs in a row" in message_of(bare)
    assert read(bare, separator="blank").shape == (60, 2)


def test_names_between_blanks_and_numbers_between_tabs(tmp_path):
    table = np.arange(12.0).reshape(4, 3)
    path = tmp_path / "s.txt"
    np.savetxt(path, table, delimiter="\t", header="ms a b", comments="")
    np.testing.assert_array_equal(read(path, columns=["b", "a"]), table[:, [2, 1]])
    np.testing.assert_array_equal(read(path), table)


def test_tabs_for_looks_are_one_separator(tmp_path):
    rows = [row.replace(",", "\t\t") for row in rows_of()]
    np.testing.assert_array_equal(read(write(tmp_path / "s.txt", [], rows)), VALUES)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["0,0040", "0,0080", "0,0120"] * 9, "row 14: found '0,0080', which looks like a decimal"),
        (["1,234;5,678", "1,235;5,679"] * 9, "a decimal comma or thousands"),
    ],
)
def test_commas_that_may_be_decimal_are_refused_by_name(tmp_path, rows, words):
    path = write(tmp_path / "s.csv", [], rows)
    assert words in message_of(path)
    assert "set the sensor's decimal" in message_of(path)
    separator = ";" if ";" in rows[0] else None
    assert (read(path, decimal=",", separator=separator) < 10).all()


def test_decimal_commas_between_commas_do_not_fit_the_header(tmp_path):
    path = write(tmp_path / "s.csv", ["x,y,z"], rows_of(",", ","))
    assert "which looks like a decimal comma" in message_of(path, columns=["x"])
    path = write(tmp_path / "s.csv", ["x,y,z"], ["1,5,2,5,3,5", "1,7,2,9,3,1", "1,9,2,2,4,8"])
    assert "its header has 3 names, its rows 6 cells" in message_of(path, columns=["x"])


def test_commas_that_are_said_to_be_both_are_refused(tmp_path):
    path = write(tmp_path / "s.csv", [], rows_of())
    assert "commas cannot be both" in message_of(path, separator=",", decimal=",")
    path = write(tmp_path / "s.csv", ["sep=,"], rows_of())
    assert "commas cannot be both" in message_of(path, decimal=",")


def test_whole_numbers_between_commas_are_two_columns(tmp_path):
    path = write(tmp_path / "s.csv", [], ["1,2", "30,4", "5,60"])
    assert read(path).tolist() == [[1, 2], [30, 4], [5, 60]]


def test_byte_order_mark_carriage_returns_and_quotes(tmp_path):
    rows = [",".join(f'"{cell}"' for cell in row.split(",")) for row in rows_of()]
    path = write(tmp_path / "s.csv", ['\ufeff"x","y","z"'], rows, end="\r\n")
    np.testing.assert_array_equal(read(path, columns=["x", "y", "z"]), VALUES)
    commas = [";".join(f'"{cell}"' for cell in row.split(";")) for row in rows_of(";", ",")]
    np.testing.assert_array_equal(read(write(tmp_path / "t.csv", [], commas)), VALUES)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_other_encodings_by_their_key(tmp_path, encoding):
    path = write(tmp_path / "s.csv", ["x (m/s²),y,z"], rows_of(), encoding=encoding)
    assert "set the sensor's encoding" in message_of(path)
    signal = read(path, encoding=encoding, columns=["x (m/s²)", "z"])
    np.testing.assert_array_equal(signal, VALUES[:, [0, 2]])
    assert "unknown encoding" in message_of(path, encoding="no-such")


def test_comments_and_skipped_lines(tmp_path):
    rows = rows_of()
    rows.insert(20, "# the sensor was moved")
    rows[3] += "  # here it begins"
    path = write(tmp_path / "s.csv", ["17,18,19", "# x,y,z"], rows)
    assert "set the sensor's decimal, comment or skip_rows" in message_of(path, skip_rows=1)
    signal = read(path, comment="#", skip_rows=1)
    np.testing.assert_array_equal(signal, VALUES)


def test_a_header_behind_a_sign(tmp_path):
    np.savetxt(tmp_path / "s.txt", VALUES, header="x y z", fmt="%.4f")
    np.testing.assert_array_equal(read(tmp_path / "s.txt", columns=["z"]), VALUES[:, [2]])


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (["50"], "row 1: found 1 cells, expected 3 as in line 2"),
        (["a,1,2"], "row 1: found 'a', expected a number"),
        (["Rate,50", "Device,DOT"], "row 1: found 2 cells, expected 3 as in line 3"),
    ],
)
def test_lines_above_that_may_be_samples_are_refused(tmp_path, head, words):
    path = write(tmp_path / "s.csv", head, rows_of())
    assert words in message_of(path)
    assert "skip_rows" in message_of(path)
    np.testing.assert_array_equal(read(path, skip_rows=len(head)), VALUES)


def test_numbers_above_the_header_are_refused(tmp_path):
    path = write(tmp_path / "s.csv", ["1,2,3", "x,y,z"], rows_of())
    assert "row 1: found numbers above the header" in message_of(path, columns=["x"])


def test_a_header_of_pandas_numbers_is_no_sample(tmp_path):
    rows = [f"{number},{row}" for number, row in enumerate(rows_of())]
    path = write(tmp_path / "s.csv", [",0,1,2"], rows)
    np.testing.assert_array_equal(read(path, columns=[1, 2, 3]), VALUES)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, None])
def test_packed_text(tmp_path, pack):
    plain = write(tmp_path / "s.csv", ["x,y,z"], rows_of())
    suffix = {gzip.compress: ".gz", bz2.compress: ".bz2", lzma.compress: ".XZ", None: ".zip"}[pack]
    path = tmp_path / f"s.csv{suffix}"
    if pack:
        path.write_bytes(pack(plain.read_bytes()))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(plain, "s.csv")
    np.testing.assert_array_equal(read(path), VALUES)
    path.write_bytes(path.read_bytes()[:40])
    assert "cannot be unpacked" in message_of(path)


def test_a_packed_file_that_is_larger_than_text_may_be(tmp_path):
    path = tmp_path / "s.csv.gz"
    path.write_bytes(gzip.compress(b"1,2\n" * (2**24 + 1)))
    assert "expected at most" in message_of(path)


def test_a_transposed_table_is_refused_in_every_format(tmp_path):
    np.savetxt(tmp_path / "s.csv", VALUES.T, delimiter=",")
    np.savetxt(tmp_path / "s.txt", VALUES.T)
    np.save(tmp_path / "s.npy", VALUES.T)
    for name in ("s.csv", "s.txt", "s.npy"):
        assert "found 3 rows and 60 columns, expected one row a sample" in message_of(
            tmp_path / name, columns=[0, 1]
        )
    named = ",".join(f"t{number}" for number in range(60))
    path = write(tmp_path / "n.csv", [named], [",".join(map(str, row)) for row in VALUES.T])
    assert "transpose it" in message_of(path)


def test_a_short_table_with_names_is_not_transposed(tmp_path):
    path = write(tmp_path / "s.csv", ["t,a,b,c,d,e"], ["0,1,2,3,4,5", "1,1,2,3,4,5"])
    assert read(path, columns=["b", "c"]).tolist() == [[2, 3], [2, 3]]


def test_missing_values_name_their_line(tmp_path):
    rows = rows_of()
    rows[4] = ",0.1,0.2"
    path = write(tmp_path / "s.csv", ["Device 7", "", "x,y,z"], rows)
    with pytest.raises(InputError, match="row 8, axis 1: found nan"):
        finite_signal(path, SignalOptions(columns=["x"]), "error")


@pytest.mark.parametrize("separator", [",", " ", ";"])
def test_numbers_are_read_to_their_last_digit(tmp_path, separator):
    values = np.random.default_rng(0).standard_normal((40, 3)) * [[1e-7, 1, 1e9]]
    rows = [separator.join(map(repr, row)) for row in values.tolist()]
    np.testing.assert_array_equal(read(write(tmp_path / "a.csv", [], rows)), values)


@pytest.mark.parametrize("cell", ["", "NA", '"0.5"'])
def test_a_cell_that_is_not_plain_changes_no_other(tmp_path, cell):
    plain = read(write(tmp_path / "a.csv", [], rows_of()))
    rows = rows_of()
    rows[7] = f"{cell},{rows[7].partition(',')[2]}"
    odd = read(write(tmp_path / "b.csv", [], rows))
    np.testing.assert_allclose(np.delete(odd, 7, axis=0), np.delete(plain, 7, axis=0), rtol=1e-15)
    assert odd[7, 0] == 0.5 if "5" in cell else np.isnan(odd[7, 0])
