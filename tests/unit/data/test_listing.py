from sakdn.data.datasets.listing import listing
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions

SENSORS = {"watch": SensorOptions(path="s/{clip}.csv")}


def of_pattern(root, **more):
    options = {"source": "utd_mhad", "root": str(root), "video": "v/{clip}.avi", "classes": "c"}
    return listing(DataOptions(**options | more), SENSORS)


def test_a_file_more_or_less_is_another_listing(tmp_path):
    assert of_pattern(tmp_path / "none") == ""
    for folder in ("v", "s"):
        (tmp_path / folder).mkdir()
    found = {of_pattern(tmp_path)}
    for path in ("v/a1_s1_t1.avi", "s/a1_s1_t1.csv"):
        (tmp_path / path).write_bytes(b"")
        found.add(of_pattern(tmp_path))
    assert len(found) == 3
    (tmp_path / "v/readme.txt").write_text("no recording")
    assert of_pattern(tmp_path) in found


def test_an_empty_signal_counts_where_it_is_one_that_is_missing(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s/a.csv").write_bytes(b"")
    before = of_pattern(tmp_path), of_pattern(tmp_path, sensors_missing="mask")
    (tmp_path / "s/a.csv").write_bytes(b"1")
    after = of_pattern(tmp_path), of_pattern(tmp_path, sensors_missing="mask")
    assert before[0] == after[0]
    assert before[1] != after[1]


def test_what_a_table_names(tmp_path):
    (tmp_path / "clips.csv").write_text("clip,video,watch\na,a.avi,a.csv\nb,b.avi,\n")
    data = DataOptions(source="table", root=str(tmp_path), table=str(tmp_path / "clips.csv"))
    before = listing(data, SENSORS)
    (tmp_path / "other.csv").write_text("1")
    assert listing(data, SENSORS) == before
    (tmp_path / "a.csv").write_text("1")
    assert listing(data, SENSORS) != before
