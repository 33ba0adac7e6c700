import pandas as pd
import pytest

from sakdn.base.errors import InputError
from sakdn.data.clips.table import class_names, read_rows, read_table, sensors_of, write_table

HEADER = "clip,action,action_name,subject,trial,video,acc,split"
GOOD = ["one,0,sit down,1,1,v1.mp4,s1.mat,train", "two,1,stand up,1,2,v2.mp4,,test"]


def write(tmp_path, *lines, header=HEADER):
    path = tmp_path / "clips.csv"
    path.write_text("\n".join([header, *lines]))
    return path


def test_reads_types_and_sensors(tmp_path):
    table = read_table(write(tmp_path, *GOOD))
    assert table["action"].tolist() == [0, 1]
    assert table["subject"].tolist() == ["1", "1"]
    assert table["acc"].tolist() == ["s1.mat", ""]
    assert sensors_of(table) == ["acc"]
    assert class_names(table) == ["sit down", "stand up"]


def test_writes_what_it_reads_in_the_contract_s_column_order(tmp_path):
    table = read_table(write(tmp_path, *GOOD))
    shuffled = table[sorted(table.columns)]
    write_table(shuffled, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_text().splitlines()[0] == HEADER
    pd.testing.assert_frame_equal(read_table(tmp_path / "again.csv"), table)


def test_names_with_commas_quotes_and_accents_survive(tmp_path):
    line = 'one,0,"jeté, ""haut""",1,1,v1.mp4,s1.mat,train'
    table = read_table(write(tmp_path, line, GOOD[1]))
    assert table["action_name"][0] == 'jeté, "haut"'
    write_table(table, tmp_path / "again.csv")
    assert read_table(tmp_path / "again.csv")["action_name"][0] == 'jeté, "haut"'


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("one,1,stand up,1,2,v2.mp4,s,test", ["row 3", "column clip", "'one'", "no other row"]),
        ("two,2,stand up,1,2,v2.mp4,s,test", ["column action", "label 1", "without gaps"]),
        ("two,x,stand up,1,2,v2.mp4,s,test", ["row 3", "column action", "'x'"]),
        ("two,-1,stand up,1,2,v2.mp4,s,test", ["row 3", "column action", "'-1'"]),
        ("two,0,stand up,1,2,v2.mp4,s,test", ["row 3", "column action_name", "'stand up'"]),
        ("two,1,sit down,1,2,v2.mp4,s,test", ["row 3", "column action", "'1'", "each action_name"]),
        ("two,1,stand up,1,2,v2.mp4,s,dev", ["row 3", "column split", "'dev'", "train, val, test"]),
        ("two,1,stand up,,2,v2.mp4,s,test", ["row 3", "column subject", "''", "a value"]),
        ("two,1,stand up,1,,v2.mp4,s,test", ["row 3", "column trial", "''"]),
        ("two,1,stand up,1,2, ,s,test", ["row 3", "column video", "''"]),
        ("../x,1,stand up,1,2,v2.mp4,s,test", ["row 3", "column clip", "'../x'", "letters"]),
        (f"{'i' * 128},1,stand up,1,2,v.mp4,s,test", ["row 3", "column clip", "127"]),
        ("two,1,stand\tup,1,2,v2.mp4,s,test", ["row 3", "column action_name", "printable"]),
        ("two,1,stand up,1,2,v2.mp4", ["row 3", "6 cells", "expected 8"]),
        ('two,1,"stand up,1,2,v2.mp4,s,test', ["not a CSV file"]),
    ],
)
def test_bad_row_is_named(tmp_path, line, words):
    path = write(tmp_path, GOOD[0], line)
    with pytest.raises(InputError) as error:
        read_table(path)
    for word in [str(path), *words]:
        assert word in str(error.value)


def test_missing_column_is_named(tmp_path):
    lines = [line.rsplit(",", 1)[0] for line in GOOD]
    with pytest.raises(InputError, match="column split is missing"):
        read_table(write(tmp_path, *lines, header=HEADER.rsplit(",", 1)[0]))
    with pytest.raises(InputError, match="column clip is missing"):
        read_table(write(tmp_path, *GOOD, header=HEADER.replace("clip", "name")))


def test_column_twice(tmp_path):
    with pytest.raises(InputError, match="column 'subject' occurs twice"):
        read_rows(write(tmp_path, *GOOD, header=HEADER.replace("trial", "subject")))


def test_one_action_is_no_task(tmp_path):
    with pytest.raises(InputError, match="at least two"):
        read_table(write(tmp_path, GOOD[0]))


@pytest.mark.parametrize("content", [b"", b"clip,action\n", b"clip\n\xff\xfe\n"])
def test_no_table(tmp_path, content):
    path = tmp_path / "clips.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"clips\.csv: (found no rows|not a CSV)"):
        read_table(path)


def test_missing_file(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_table(tmp_path / "none.csv")
