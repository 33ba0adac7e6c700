import subprocess

import av
import numpy as np
import pandas as pd
import pytest
from recordings import (
    SENSORS,
    arguments,
    clips_stage,
    data_options,
    stage_options,
    write_data_set,
    write_signal,
    write_video,
)
from scipy.io import savemat
from served.session import served_python

from sakdn.base.errors import InputError
from sakdn.data.clips.table import read_table
from sakdn.stages.clips import main as clips


@pytest.fixture
def root(tmp_path):
    write_data_set(tmp_path / "data")
    return tmp_path / "data"


def run_stage(root, processes=1, **changes):
    output, videos = root.parent / "clips.csv", root.parent / "videos.csv"
    options = stage_options(root, **changes)
    clips_stage(options=options, output=output, videos=videos, processes=processes)
    return read_table(output), pd.read_csv(videos, dtype=str)


def message_of(root, processes=1, **changes):
    with pytest.raises(InputError) as error:
        run_stage(root, processes, **changes)
    assert not (root.parent / "clips.csv").exists()
    assert not (root.parent / "videos.csv").exists()
    return str(error.value)


def test_table_and_videos(root):
    table, videos = run_stage(root)
    assert table["split"].value_counts().to_dict() == {"test": 4, "train": 2, "val": 2}
    assert list(videos.columns) == ["clip", "video", "shard"]
    assert videos["clip"].tolist() == table["clip"].tolist()
    assert videos["video"][0] == str(root / "RGB/a1_s1_t1_color.avi")
    assert set(videos["shard"]) == {"0", "1"}


def test_a_new_split_leaves_the_videos_alone(root):
    _, before = run_stage(root)
    split = {"protocol": "subject_specific", "train_trials": [1], "test_trials": [2]}
    table, after = run_stage(root, split=split)
    pd.testing.assert_frame_equal(before, after)
    assert set(table.loc[table["trial"] == "2", "split"]) == {"test"}


def test_videos_list_clips_that_the_split_leaves_out(tmp_path):
    root = tmp_path / "data"
    write_data_set(root, subjects=3, trials=2)
    table, videos = run_stage(root)
    assert set(table["subject"]) == {"1", "2"}
    assert len(videos) == 12


def test_subjects_in_use(tmp_path):
    root = tmp_path / "data"
    write_data_set(root, subjects=3)
    _, videos = run_stage(root, data=data_options(root, subjects=[1, 2]))
    assert len(videos) == 8
    message = message_of_list(root)
    assert "data.subjects: no clip of subject '7'" in message


def message_of_list(root):
    with pytest.raises(InputError) as error:
        run_stage(root, data=data_options(root, subjects=[1, 7]))
    return str(error.value)


def test_own_table_with_other_formats(tmp_path):
    root = tmp_path / "data"
    rows = ["clip,action,action_name,subject,video,acc"]
    for index in range(8):
        write_video(root / f"v{index}.mp4")
        np.save(root / f"s{index}.npy", np.random.default_rng(index).random((30, 2)))
        rows.append(f"c{index},{index % 2},{['sit', 'stand'][index % 2]},p{index // 4},")
        rows[-1] += f"v{index}.mp4,s{index}.npy"
    (tmp_path / "mine.csv").write_text("\n".join(rows))
    table, _ = run_stage(
        root,
        data={"source": "table", "root": str(root), "table": str(tmp_path / "mine.csv")},
        split={"protocol": "cross_subject", "train_subjects": ["p0"], "test_subjects": ["p1"]},
        sensors={"acc": {"columns": [0, 1]}},
    )
    assert table["split"].tolist() == ["train", "train", "val", "val"] + ["test"] * 4


def test_zero_byte_video(root):
    (root / "RGB/a1_s2_t1_color.avi").write_bytes(b"")
    message = message_of(root)
    assert "1 of 24 files cannot be used" in message
    assert "RGB/a1_s2_t1_color.avi: is empty (0 bytes)" in message


def test_text_file_named_avi(root):
    (root / "RGB/a1_s2_t1_color.avi").write_text("these are not the frames you look for\n" * 50)
    assert "RGB/a1_s2_t1_color.avi: not a video that can be opened" in message_of(root)


def test_sound_without_picture(root):
    path = root / "RGB/a1_s2_t1_color.avi"
    with av.open(str(path), "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    assert "a1_s2_t1_color.avi: has no video stream" in message_of(root)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_truncated_mat(root, share):
    path = root / "Inertial/a2_s1_t2_inertial.mat"
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    message = message_of(root)
    assert "Inertial/a2_s1_t2_inertial.mat: truncated" in message
    assert "copy it again" in message


def test_missing_variable_and_too_few_columns(root):
    savemat(root / "Inertial/a1_s1_t1_inertial.mat", {"other": np.ones((40, 6))})
    savemat(root / "Inertial/a1_s1_t2_inertial.mat", {"d_iner": np.ones((40, 3))})
    message = message_of(root)
    assert (
        "a1_s1_t1_inertial.mat: found other (40, 6) double; expected variable 'd_iner'" in message
    )
    assert "a1_s1_t2_inertial.mat: no column 3: found 3 columns" in message


@pytest.mark.parametrize("processes", [1, 2])
def test_many_bad_files_are_counted(root, processes):
    for path in (root / "RGB").iterdir():
        path.write_bytes(b"")
    message = message_of(root, processes)
    assert "8 of 24 files" in message
    assert message.count("is empty") == 5
    assert "... and 3 more" in message


def test_bad_input_keeps_what_was_written_before(root):
    run_stage(root)
    before = (root.parent / "clips.csv").read_bytes()
    (root / "RGB/a1_s2_t1_color.avi").write_bytes(b"")
    with pytest.raises(InputError):
        run_stage(root)
    assert (root.parent / "clips.csv").read_bytes() == before


def test_no_half_files_are_left(root):
    run_stage(root)
    assert sorted(path.name for path in root.parent.iterdir()) == [
        "clips.csv",
        "data",
        "videos.csv",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"split": {"protocl": "cross_subject"}},
            r"split\.protocl is not a key; did you mean split\.protocol",
        ),
        (
            {"sensors": {"acc": {"pth": "x"}}},
            r"sensors\.acc\.pth is not a key; did you mean sensors\.acc\.path",
        ),
        ({"sensors": {"acc": {"columns": [0]}}}, r"sensors\.acc\.path: is missing"),
        ({"data": {"source": "utd_mhad"}}, r"data\.root is missing"),
        ({"data": {"source": "nowhere", "root": "."}}, r"data\.source: 'nowhere' is not one of"),
    ],
)
def test_bad_options(root, changes, message):
    with pytest.raises(InputError, match=message):
        run_stage(root, **changes)


def test_command_ends_in_one_line_without_traceback(root):
    (root / "RGB/a1_s2_t1_color.avi").write_bytes(b"")
    words = arguments(options=stage_options(root), videos=root / "videos.csv")
    command = [served_python(), "-m", "sakdn.stages.recordings", *words]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "error: 1 of 24 files cannot be used" in result.stderr
    assert "Traceback" not in result.stderr


def test_missing_sensor_is_allowed_in_an_own_table(tmp_path):
    root = tmp_path / "data"
    write_video(root / "v.mp4")
    write_signal(root / "s.mat")
    rows = [
        f"c{i},{i % 2},{['up', 'down'][i % 2]},p{i // 4},v.mp4,{'' if i == 1 else 's.mat'}"
        for i in range(8)
    ]
    (tmp_path / "mine.csv").write_text(
        "\n".join(["clip,action,action_name,subject,video,acc", *rows])
    )
    table, _ = run_stage(
        root,
        data={"source": "table", "root": str(root), "table": str(tmp_path / "mine.csv")},
        split={"protocol": "cross_subject", "train_subjects": ["p0"], "test_subjects": ["p1"]},
        sensors={"acc": SENSORS["accelerometer"] | {"path": None}},
    )
    assert table["acc"].tolist().count("") == 1


def test_other_clips_than_were_listed_are_refused(root):
    run_stage(root)
    for path in (*root.glob("RGB/a2_s1_t1_*"), *root.glob("Inertial/a2_s1_t1_*")):
        path.unlink()
    words = arguments(
        options=stage_options(root), output=root / "c.csv", videos=f"{root}/../videos.csv"
    )
    with pytest.raises(
        InputError, match=r"videos\.csv: clip a2_s1_t1 is in it but is there no more"
    ):
        clips(words)
