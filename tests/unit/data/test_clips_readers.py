import os
from pathlib import Path

import pandas as pd
import pytest
from recordings import NAMES, SENSORS, data_options, write_data_set

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.datasets.user_table import read_user_table
from sakdn.data.datasets.utd_mhad import read_utd_mhad
from sakdn.data.readers.natural import natural_key
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))
ORACLES = Path(os.environ.get("SAKDN_ORACLES", SHARED / "oracles"))
RESOURCES = Path(__file__).parents[3] / "resources"


def sensors():
    return {name: SensorOptions(**values) for name, values in SENSORS.items()}


def read(root, **changes):
    return read_utd_mhad(DataOptions(**data_options(root, **changes)), sensors())


def remove(root, pattern):
    for path in root.glob(pattern):
        path.unlink()


def test_natural_order():
    assert sorted(["a10_s1", "a2_s1", "a1_s10", "a1_s9"], key=natural_key) == [
        "a1_s9",
        "a1_s10",
        "a2_s1",
        "a10_s1",
    ]


def test_utd_rows(tmp_path):
    clips = write_data_set(tmp_path, actions=2, subjects=2, trials=11, touch=True)
    table = read(tmp_path)
    assert table["clip"].tolist() == clips
    row = table.iloc[table["clip"].tolist().index("a2_s1_t10")]
    assert row["action"] == 1
    assert row["action_name"] == NAMES[1]
    assert (row["subject"], row["trial"]) == ("1", "10")
    assert row["video"] == "RGB/a2_s1_t10_color.avi"
    assert row["accelerometer"] == row["gyroscope"] == "Inertial/a2_s1_t10_inertial.mat"


def test_whole_utd_grid_is_the_published_list(tmp_path):
    path = ORACLES / "clips_utd_subject_specific.csv.gz"
    if not path.exists():
        pytest.skip(f"no file {path}; set SAKDN_ORACLES")
    published = pd.read_csv(path)
    clips = published["clip"].str.removesuffix("_color")
    (tmp_path / "RGB").mkdir()
    (tmp_path / "Inertial").mkdir()
    for clip in clips:
        (tmp_path / f"RGB/{clip}_color.avi").touch()
        (tmp_path / f"Inertial/{clip}_inertial.mat").touch()
    table = read(tmp_path, classes=str(RESOURCES / "classes/utd_mhad.txt"))
    assert sorted(table["clip"]) == sorted(clips)
    assert table["clip"].tolist() == sorted(clips, key=natural_key)
    labels = dict(zip(clips, published["label"]))
    assert table["action"].tolist() == [labels[clip] for clip in table["clip"]]
    assert table["action_name"].iloc[-1] == "squat two arms stretch out"


def test_video_without_signal_and_the_reverse_name_both_paths(tmp_path):
    write_data_set(tmp_path, touch=True)
    remove(tmp_path, "Inertial/a1_s1_t1*")
    remove(tmp_path, "RGB/a2_s2_t2*")
    with pytest.raises(InputError) as error:
        read(tmp_path)
    message = str(error.value)
    assert "RGB/a1_s1_t1_color.avi is there but Inertial/a1_s1_t1_inertial.mat is not" in message
    assert "Inertial/a2_s2_t2_inertial.mat is there but RGB/a2_s2_t2_color.avi is not" in message
    assert "2 recordings" in message


def test_many_unpaired_are_counted(tmp_path):
    write_data_set(tmp_path, actions=2, subjects=4, touch=True)
    remove(tmp_path, "Inertial/a1_*")
    with pytest.raises(InputError) as error:
        read(tmp_path)
    assert str(error.value).count("is there but") == 5
    assert "... and 3 more" in str(error.value)


def test_missing_root(tmp_path):
    with pytest.raises(InputError, match=r"data\.root: .*nowhere: no such folder"):
        read(tmp_path / "nowhere")


def test_empty_folder_and_nothing_that_matches(tmp_path):
    (tmp_path / "data").mkdir()
    with pytest.raises(InputError, match=r"data\.video: .*RGB/\{clip\}.*the folder is empty"):
        read(tmp_path / "data", classes="unused")
    write_data_set(tmp_path / "data", touch=True)
    with pytest.raises(InputError) as error:
        read(tmp_path / "data", video="Video/{clip}.mp4")
    assert "'Video/{clip}.mp4'" in str(error.value)
    assert "'classes.txt'" in str(error.value)


def test_pattern_without_clip(tmp_path):
    write_data_set(tmp_path, touch=True)
    with pytest.raises(InputError, match=r"data\.video: found 'RGB/\*\.avi'"):
        read(tmp_path, video="RGB/*.avi")


def test_files_without_clip_id_are_said(tmp_path, capsys):
    clips = write_data_set(tmp_path, touch=True)
    (tmp_path / "RGB/._a1_s1_t1_color.avi").touch()
    assert read(tmp_path)["clip"].tolist() == clips
    assert "data.video: 1 files have no clip id" in capsys.readouterr().err


def test_clip_twice_in_the_pattern(tmp_path):
    write_data_set(tmp_path, touch=True)
    for path in list((tmp_path / "RGB").iterdir()):
        clip = path.name.removesuffix("_color.avi")
        (tmp_path / "RGB" / clip).mkdir()
        path.rename(tmp_path / "RGB" / clip / f"{clip}.avi")
    (tmp_path / "RGB/a1_s1_t1/a1_s1_t2.avi").touch()
    table = read(tmp_path, video="RGB/{clip}/{clip}.avi")
    assert table["video"][0] == "RGB/a1_s1_t1/a1_s1_t1.avi"
    assert len(table) == 8


def test_label_gap(tmp_path):
    write_data_set(tmp_path, actions=4, touch=True)
    remove(tmp_path, "*/a2_*")
    with pytest.raises(InputError, match=r"no clip of action 2 \('push'\): labels would have gaps"):
        read(tmp_path)


def test_shorter_class_file_names_the_actions_that_occur(tmp_path, capsys):
    write_data_set(tmp_path, actions=4, touch=True)
    remove(tmp_path, "*/a1_*")
    (tmp_path / "classes.txt").write_text("push\nsit to stand\nstand to sit\n")
    table = read(tmp_path)
    assert sorted(set(zip(table["clip"].str[:2], table["action"], table["action_name"]))) == [
        ("a2", 0, "push"),
        ("a3", 1, "sit to stand"),
        ("a4", 2, "stand to sit"),
    ]
    assert "names actions 2, 3, 4 in this order" in capsys.readouterr().err


def test_class_file_too_short_long_or_blank(tmp_path):
    write_data_set(tmp_path, actions=3, touch=True)
    (tmp_path / "classes.txt").write_text("one\ntwo\n")
    with pytest.raises(InputError, match=r"classes\.txt: found 2 names, expected one for each of"):
        read(tmp_path)
    (tmp_path / "classes.txt").write_text("one\n\nthree\n")
    with pytest.raises(InputError, match=r"classes\.txt: line 2: is empty"):
        read(tmp_path)
    with pytest.raises(InputError, match=r"data\.classes: .*none\.txt: cannot be read"):
        read(tmp_path, classes=str(tmp_path / "none.txt"))


def user_table(tmp_path, text, root="data", **options):
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "clips.csv").write_text(text)
    table = str(tmp_path / "clips.csv")
    data = DataOptions(source="table", root=str(tmp_path / root), table=table, **options)
    return read_user_table(data, ["acc"])


def test_user_table_keeps_order_and_makes_paths_relative(tmp_path):
    inside, outside = tmp_path / "data/v/one.mp4", tmp_path / "other/two.mp4"
    table = user_table(
        tmp_path,
        f"clip,action,action_name,subject,video,acc\nz,1,up,1,{inside},s/z.npy\n"
        f"b,0,down,2,{outside},\n",
        outside_root=True,
    )
    assert table["clip"].tolist() == ["z", "b"]
    assert table["video"].tolist() == ["v/one.mp4", str(outside)]
    assert table["acc"].tolist() == ["s/z.npy", ""]
    assert "split" not in table


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("clip,action,action_name,subject,video", "column acc is missing; sensors.acc needs it"),
        (
            "clip,action,action_name,subject,video,acc,gyr",
            "column 'gyr' is neither of the contract",
        ),
    ],
)
def test_user_table_columns(tmp_path, header, message):
    with pytest.raises(InputError, match=message):
        user_table(tmp_path, header + "\n" + ",".join("1" * (header.count(",") + 1)))


def test_user_table_without_root(tmp_path):
    with pytest.raises(InputError, match=r"data\.root"):
        user_table(tmp_path, "clip\nx", root="nowhere")


def test_options_name_the_missing_key():
    with pytest.raises(InputError, match=r"data\.table: is missing"):
        parse_options(DataOptions, {"source": "table", "root": "."}, "data")
    unnamed = {"source": "utd_mhad", "root": ".", "video": "{clip}.avi"}
    with pytest.raises(InputError, match=r"data\.classes: is missing"):
        parse_options(DataOptions, unnamed, "data")
    unsharded = {"source": "table", "root": ".", "table": "t.csv", "shards": 0}
    with pytest.raises(InputError, match=r"data\.shards: 0 is less"):
        parse_options(DataOptions, unsharded, "data")
