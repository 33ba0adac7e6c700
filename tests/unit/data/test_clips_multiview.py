"""Readers of Berkeley MHAD and MMAct: layouts, pairing by recording, missing sensors, labels."""

import pandas as pd
import pytest
import yaml
from recordings import arguments, clips_stage
from trees import BERKELEY, MMACT, REPO, SHIMMERS, WEARABLES, write_berkeley, write_mmact

from sakdn.base.errors import InputError
from sakdn.data.clips.table import read_table
from sakdn.data.datasets.berkeley_mhad import read_berkeley_mhad
from sakdn.data.datasets.find import Tree
from sakdn.data.datasets.mmact import read_mmact
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions
from sakdn.stages.frames import main as frames_main
from sakdn.students.frames.stored import FrameStore

CLASSES = REPO / "resources/classes"
SUBJECTS = {"protocol": "cross_subject", "train_subjects": [1, 2], "test_subjects": [3]}


def sensors(options):
    return {name: SensorOptions(**values) for name, values in options.items()}


def tree_of(tmp_path, paths):
    """Lists `paths` for a pattern of the same first folder."""
    return Tree(tmp_path, lambda pattern: [p for p in paths if p[:6] == pattern[:6]])


def mmact_of(tmp_path, videos, signals, names="carrying\ncarrying light\ntransferring object\n"):
    """Table of video and signal paths, one sensor."""
    (tmp_path / "classes.txt").write_text(names)
    data = DataOptions(**MMACT, root=".", classes=str(tmp_path / "classes.txt"))
    wearable = sensors({"gyroscope": WEARABLES["gyroscope"]})
    paths = [f"video/{video}.mp4" for video in videos]
    paths += [f"gyro_clip/{signal}.csv" for signal in signals]
    return read_mmact(data, wearable, tree_of(tmp_path, paths))


def run_stage(root, options, split):
    output, videos = root.parent / "clips.csv", root.parent / "videos.csv"
    clips_stage(options=options | {"split": split}, output=output, videos=videos)
    return read_table(output), videos


def test_berkeley_pairs_the_views_of_a_recording_with_its_six_signals(tmp_path):
    options = write_berkeley(tmp_path / "data", subjects=3, trials=2)
    table, videos = run_stage(tmp_path / "data", options, SUBJECTS)
    assert len(table) == 3 * 2 * 2 * 3
    row = table.set_index("clip").loc["l03_c01_s02_a01_r02"]
    assert row["video"] == "Camera/Cluster03/Cam01/S02/A01/R02"
    assert row["shimmer6"] == "Accelerometer/Shimmer06/acc_h06_s02_a01_r02.txt"
    assert (row["subject"], row["action"], row["trial"]) == ("2", 0, "2")
    assert (row["view"], row["recording"]) == ("l3_c1", "s2_a1_r2")
    assert table.groupby("recording")["shimmer1"].nunique().max() == 1
    assert table.groupby("recording")["view"].nunique().tolist() == [3] * 12
    shard = pd.read_csv(videos, index_col="clip").loc["l01_c01_s01_a02_r01", "shard"]
    frames_main(
        arguments(
            videos=videos,
            shard=shard,
            options={"short_side_px": 12, "color": "grey"},
            output=tmp_path / "0.npy",
            index=tmp_path / "0.csv",
        )
    )
    store = FrameStore([tmp_path / "0.npy"])
    assert store.length("l01_c01_s01_a02_r01") == 11
    levels = store.frames("l01_c01_s01_a02_r01", range(11)).mean(axis=(1, 2, 3))
    assert levels.tolist() == [40 + 10 * index for index in range(11)]


def test_order_of_the_table_is_that_of_the_numbers(tmp_path):
    folders = [(2, 1, 1, 1), (1, 10, 1, 1), (1, 9, 1, 1), (1, 9, 2, 1), (1, 9, 1, 2)]
    paths = [f"Camera/Cluster{c}/Cam1/S{s}/A{a}/R{r}" for c, s, a, r in folders]
    paths += [f"Accelerometer/Shimmer01/acc_h01_s{s}_a{a}_r{r}.txt" for _, s, a, r in folders]
    (tmp_path / "classes.txt").write_text("up\ndown\n")
    data = DataOptions(**BERKELEY, root=".", classes=str(tmp_path / "classes.txt"))
    table = read_berkeley_mhad(
        data, sensors({"shimmer1": SHIMMERS["shimmer1"]}), tree_of(tmp_path, paths)
    )
    assert table["video"].str.removeprefix("Camera/").tolist() == [
        "Cluster1/Cam1/S9/A1/R1",
        "Cluster1/Cam1/S9/A1/R2",
        "Cluster1/Cam1/S9/A2/R1",
        "Cluster1/Cam1/S10/A1/R1",
        "Cluster2/Cam1/S1/A1/R1",
    ]


def test_mmact_rows(tmp_path):
    options = write_mmact(tmp_path / "data")
    table, _ = run_stage(
        tmp_path / "data",
        options,
        {"protocol": "cross_session", "train_sessions": [1, 2], "test_sessions": [3]},
    )
    row = table.set_index("clip").loc["subject02_cam1_scene2_session3_transferring_object"]
    assert row["watch_accelerometer"] == (
        "acc_watch_clip/subject02/scene2/session3/transferring_object.csv"
    )
    assert (row["view"], row["scene"], row["session"], row["split"]) == ("1", "2", "3", "test")
    assert (row["action"], row["action_name"]) == (1, "transferring object")
    assert row["recording"] == "subject2_scene2_session3_transferring_object"


def test_label_faults_of_the_release_are_corrected(tmp_path):
    base = "subject14/cam1/scene1/session"
    videos = [f"{base}1/carrying", f"{base}2/Carrying_light", f"{base}1/transferring_object"]
    signals = [f"subject14/scene1/session{s}" for s in ("1/carrying", "2/carrying_light")]
    table = mmact_of(tmp_path, videos, signals).set_index("clip")
    capital = table.loc["subject14_cam1_scene1_session2_Carrying_light"]
    assert capital["action_name"] == "carrying light"
    assert capital["gyroscope"] == "gyro_clip/subject14/scene1/session2/carrying_light.csv"
    names = (CLASSES / "mmact.txt").read_text().splitlines()
    assert len(names) == len(set(names)) == 35
    assert names[14] == "transferring object"
    assert "transferring large object" not in names


@pytest.mark.parametrize(("name", "unknown"), [("mmact", set()), ("berkeley_mhad", {"a"})])
def test_class_names_are_in_the_vocabulary(name, unknown):
    words = (REPO / "resources/glove/glove.6B.100d.subset.txt").read_text(encoding="utf-8")
    known = {line.partition(" ")[0] for line in words.splitlines()}
    assert set((CLASSES / f"{name}.txt").read_text().split()) - known == unknown
    for config in (REPO / "config").glob(f"{name}*.yaml"):
        section = yaml.safe_load(config.read_text())["semantics"]
        small = "subset" in section["vectors"]  # GloVe 840B knows them all.
        policy = section.get("out_of_vocabulary", "error")
        assert policy == ("skip" if unknown and small else "error")


def test_padding_does_not_matter_and_signals_without_video_are_said(tmp_path, capsys):
    videos = [f"subject1/cam{c}/scene1/session1/{a}" for c in (1, 2) for a in ("carrying", "fall")]
    signals = ["subject01/scene1/session01/carrying", "subject01/scene1/session02/carrying"]
    table = mmact_of(tmp_path, videos, signals, "carrying\nfall\n")
    found = "gyro_clip/subject01/scene1/session01/carrying.csv"
    assert table["gyroscope"].tolist() == [found, "", found, ""]
    assert "1 files belong to no video" in capsys.readouterr().err


def test_two_files_of_one_recording(tmp_path):
    videos = ["subject1/cam1/scene1/session1/fall", "subject01/cam1/scene1/session1/fall"]
    with pytest.raises(InputError, match=r"subject0?1/cam1/scene1/session1/fall.mp4 and fall.mp4"):
        mmact_of(tmp_path, videos, ["subject1/scene1/session1/fall"], "fall\n")


def test_unknown_action_and_action_without_clips(tmp_path):
    videos = ["subject1/cam1/scene1/session1/carying"]
    with pytest.raises(InputError, match="has no action 'carying'; did you mean 'carrying'"):
        mmact_of(tmp_path, videos, ["subject1/scene1/session1/carying"])
    videos = ["subject1/cam1/scene1/session1/carrying"]
    with pytest.raises(InputError, match="no clip of action 'carrying light', 'transferring obj"):
        mmact_of(tmp_path, videos, ["subject1/scene1/session1/carrying"])


def test_pattern_with_another_field(tmp_path):
    options = write_berkeley(tmp_path / "data", subjects=1, trials=1)
    options["sensors"] = {"shimmer1": {"path": "Accelerometer/{camera}/{subject}.txt"}}
    message = r"sensors\.shimmer1\.path: found .*with \{subject\}, \{action\}, \{trial\}"
    with pytest.raises(InputError, match=message):
        run_stage(tmp_path / "data", options, SUBJECTS)


SESSIONS = {"protocol": "cross_session", "train_sessions": [1, 2], "test_sessions": [3]}


@pytest.fixture
def gaps(tmp_path):
    """MMAct with one gyroscope file missing and one of 0 bytes; two views a recording."""
    options = write_mmact(tmp_path / "data", subjects=2, scenes=1)
    (tmp_path / "data/gyro_clip/subject01/scene1/session1/carrying.csv").unlink()
    (tmp_path / "data/gyro_clip/subject02/scene1/session3/carrying.csv").write_bytes(b"")
    return options


def test_missing_sensors_are_an_error_by_default(tmp_path, gaps):
    del gaps["data"]["sensors_missing"]
    with pytest.raises(InputError) as error:
        run_stage(tmp_path / "data", gaps, SESSIONS)
    assert "2 signals are missing" in str(error.value)
    assert "video/subject01/cam1/scene1/session1/carrying.mp4 has no gyroscope" in str(error.value)


def test_clips_without_a_sensor_are_dropped(tmp_path, gaps, capsys):
    gaps["data"]["sensors_missing"] = "drop"
    table, videos = run_stage(tmp_path / "data", gaps, SESSIONS)
    assert len(table) == 2 * 3 * 2 * 2 - 4
    assert (table != "").all(axis=None)
    assert "4 clips are left out" in capsys.readouterr().err
    assert "subject01_cam1_scene1_session1_carrying" not in videos.read_text()


def test_clips_without_a_sensor_are_masked(tmp_path, gaps, capsys):
    table, _ = run_stage(tmp_path / "data", gaps, SESSIONS)
    assert len(table) == 24
    lacking = table.loc[table["gyroscope"] == "", "recording"].unique().tolist()
    assert lacking == ["subject1_scene1_session1_carrying", "subject2_scene1_session3_carrying"]
    assert (table["orientation"] != "").all()
    assert "gyroscope: 4 of 24 clips have no such signal" in capsys.readouterr().err
