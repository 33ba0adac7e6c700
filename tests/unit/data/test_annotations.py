"""Long recordings with a list of what is done when."""

import pytest

from sakdn.base.errors import InputError
from sakdn.data.clips.spans import spans_of
from sakdn.data.datasets.registry import candidates
from sakdn.data.readers.span import Span
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions

TABLE = """clip,recording,subject,view,video,watch
a_1,a,anna,1,a1.mp4,a.csv
a_2,a,anna,2,a2.mp4,a.csv
b_1,b,ben,1,b1.mp4,b.csv
c_1,c,carla,1,c1.mp4,c.csv
"""
NOTES = """recording,start_s,end_s,action_name
a,2.4,5.9,sit down
b,0,3,wave
a,8,11.5,wave
b,4,6,sit down
"""


def read(folder, notes=NOTES, table=TABLE, **options):
    (folder / "notes.csv").write_text(notes)
    (folder / "table.csv").write_text(table)
    paths = {"table": str(folder / "table.csv"), "annotations": str(folder / "notes.csv")}
    data = DataOptions(source="table", root=str(folder), sensors_missing="error", **paths | options)
    return candidates(data, {"watch": SensorOptions()})


def test_annotations_become_clips(tmp_path, capsys):
    found = read(tmp_path)
    assert found["clip"].tolist() == ["a_1_1", "a_1_2", "a_2_1", "a_2_2", "b_1_1", "b_1_2"]
    assert found["recording"].tolist() == ["a_1", "a_2", "a_1", "a_2", "b_1", "b_2"]
    assert found["action"].tolist() == [0, 1, 0, 1, 1, 0]
    assert found["video"].tolist() == ["a1.mp4"] * 2 + ["a2.mp4"] * 2 + ["b1.mp4"] * 2
    assert spans_of(found)[:2] == [Span(2.4, 5.9), Span(8, 11.5)]
    assert "1 rows of" in capsys.readouterr().err


def test_labels_are_in_the_order_of_a_file_or_as_a_column_says(tmp_path):
    (tmp_path / "names.txt").write_text("wave\nsit down\n")
    by_file = read(tmp_path, classes=str(tmp_path / "names.txt"))
    assert by_file["action"].tolist() == [1, 0, 1, 0, 0, 1]
    rows = ["video,start_s,end_s,action_name,action", "a2.mp4,1,2,wave,0", "b1.mp4,3,4,push,1"]
    by_column = read(tmp_path, "\n".join(rows))
    assert by_column["clip"].tolist() == ["a_2_1", "b_1_1"]
    assert by_column["action"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("notes", "table", "words"),
    [
        (NOTES.replace("b,4,6", "d,4,6"), TABLE, "notes.csv: row 5, column recording: found 'd'"),
        (NOTES.replace("4,6", "4,"), TABLE, "notes.csv: row 5, column end_s: found ''"),
        (NOTES.replace("4,6", "6,4"), TABLE, "row 5, column end_s: found '4', expected more"),
        (NOTES.replace("start_s", "begin"), TABLE, "notes.csv: column start_s is missing"),
        (NOTES.replace("recording", "file"), TABLE, "found none of the columns recording, clip"),
        (NOTES, TABLE.replace("recording", "scene"), "table.csv: column recording is missing"),
        (NOTES, TABLE.replace("view", "end_s"), "notes.csv: column end_s is in .*table.csv too"),
    ],
)
def test_what_is_wrong_with_annotations_is_named(tmp_path, notes, table, words):
    with pytest.raises(InputError, match=words):
        read(tmp_path, notes, table)


def test_other_sources_have_no_annotations():
    with pytest.raises(ValueError, match=r"needs data\.source table"):
        DataOptions(source="mmact", root="x", video="v", classes="c", annotations="n.csv")
