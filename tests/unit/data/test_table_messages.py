"""Slips in a table of one's own that are easily made: each is named, with what was meant."""

import pytest

from sakdn.base.errors import InputError
from sakdn.data.datasets.user_table import read_user_table
from sakdn.options.data import DataOptions

HEADER = "clip,action,action_name,subject,video,acc"
ROWS = ["a,0,wave,Anna,videos/a.mp4,a.csv", "b,1,bow,Ben,videos/b.mp4,b.csv"]


def read(folder, *rows, header=HEADER, root="data"):
    (folder / "data").mkdir(exist_ok=True)
    (folder / "clips.csv").write_text("\n".join([header, *(rows or ROWS)]))
    options = DataOptions(source="table", root=root, table=str(folder / "clips.csv"))
    return read_user_table(options, ["acc"])


@pytest.fixture(autouse=True)
def inside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("sign", "name"), [(";", "';'"), ("\t", "tabs"), ("|", r"'\|'")])
def test_another_separator(tmp_path, sign, name):
    rows = [row.replace(",", sign) for row in ROWS]
    with pytest.raises(InputError, match=rf"row 1: found one column .* looks separated by {name}"):
        read(tmp_path, *rows, header=HEADER.replace(",", sign))


def test_a_decimal_comma_does_not_hide_the_separator(tmp_path):
    rows = [row.replace(",", ";") + ";1,5" for row in ROWS]
    with pytest.raises(InputError, match="looks separated by ';', expected commas"):
        read(tmp_path, *rows, header=HEADER.replace(",", ";") + ";start_s")


@pytest.mark.parametrize(
    ("wrong", "right"), [("subjekt", "subject"), ("Video", "video"), ("action_nam", "action_name")]
)
def test_a_misspelt_column(tmp_path, wrong, right):
    header = HEADER.replace(f",{right},", f",{wrong},")
    with pytest.raises(InputError, match=rf"column '{wrong}' .*; did you mean {right}\?"):
        read(tmp_path, header=header)


def test_a_sensor_without_a_column_names_those_there_are(tmp_path):
    with pytest.raises(
        InputError, match=r"column acc is missing; .*; there are clip, action, .*ac"
    ):
        read(tmp_path, header=HEADER.replace(",acc", ",akk"))


def test_people_whose_names_differ_in_case_only(tmp_path):
    rows = [*ROWS, "c,0,wave,anna,videos/c.mp4,c.csv"]
    with pytest.raises(
        InputError, match="row 4, column subject: found 'anna', but row 2 has 'Anna'"
    ):
        read(tmp_path, *rows)


def test_backslashes_are_said_once(tmp_path):
    rows = [rf"c{k},{k % 2},n{k % 2},s,videos\{k}.mp4,{k}.csv" for k in range(80)]
    with pytest.raises(InputError) as error:
        read(tmp_path, *rows)
    assert "row 2, column video: found 'videos" in str(error.value)
    assert "as 80 of 80 rows have" in str(error.value)
    assert str(error.value).endswith("write 'videos/0.mp4'")
    assert "\n" not in str(error.value)


def test_the_root_once_more_is_said_once(tmp_path):
    rows = [f"c{k},{k % 2},n{k % 2},s,videos/{k}.mp4,data/{k}.csv" for k in range(80)]
    with pytest.raises(InputError) as error:
        read(tmp_path, *rows)
    assert "row 2, column acc: found 'data/0.csv', which has data.root (data) once more" in str(
        error.value
    )
    assert "as 80 of 80 rows have" in str(error.value)
    assert str(error.value).endswith("write '0.csv'")


def test_names_that_only_look_so_are_read(tmp_path):
    (tmp_path / "data/data").mkdir(parents=True)
    for name in (r"a\b.mp4", "data/a.csv"):
        (tmp_path / "data" / name).touch()
    rows = [r"a,0,wave,Anna,a\b.mp4,data/a.csv", "b,1,bow,Ben,videos/b.mp4,b.csv"]
    table = read(tmp_path, *rows)
    assert table["video"][0] == r"a\b.mp4"
    assert table["acc"][0] == "data/a.csv"
