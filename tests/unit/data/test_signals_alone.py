"""Rows without a video: labelled recordings of signals alone, from the table to the frames."""

import json

import numpy as np
import pandas as pd
import pytest
from recordings import arguments, clips_stage, write_signal, write_video

from sakdn.base.errors import InputError
from sakdn.data.clips.problems import read_problems
from sakdn.data.clips.split import SplitOptions, with_split
from sakdn.data.clips.table import read_table, write_table
from sakdn.stages.check_data import main as verdict
from sakdn.stages.data_problems import main as check
from sakdn.stages.frames import main as frames_stage

COLUMNS = ["clip", "action", "action_name", "subject", "video", "watch"]
SENSORS = {"watch": {"variable": "d_iner", "columns": [0, 1, 2], "rate_hz": 50}}
ALONE = ("c2", "c7")


@pytest.fixture
def root(tmp_path):
    """Sixteen clips of four people, two of them, of the second and the third, without a video."""
    folder, rows = tmp_path / "data", []
    for number in range(16):
        clip, action = f"c{number}", number % 2
        video = "" if clip in ALONE else f"{clip}.mp4"
        if video:
            write_video(folder / video, frames=4 + number)
        write_signal(folder / f"{clip}.mat", seed=number)
        person = "abcd"[number % 8 // 2]
        rows.append((clip, action, ["wave", "jump"][action], person, video, f"{clip}.mat"))
    pd.DataFrame(rows, columns=COLUMNS).to_csv(folder / "clips.csv", index=False)
    return folder


def options(root, **split):
    data = {"source": "table", "root": str(root), "table": str(root / "clips.csv"), "shards": 2}
    split = {"protocol": "cross_subject"} | (
        split or {"train_subjects": ["a", "b", "d"], "test_subjects": ["c"]}
    )
    return {"data": data, "split": split, "sensors": SENSORS}


def run_clips(root, **split):
    output, videos = root.parent / "clips.csv", root.parent / "videos.csv"
    clips_stage(options=options(root, **split), output=output, videos=videos)
    return read_table(output), pd.read_csv(videos, dtype=str, keep_default_na=False)


def change(root, clips, **cells):
    table = pd.read_csv(root / "clips.csv", dtype=str, keep_default_na=False)
    for column, value in cells.items():
        table.loc[table["clip"].isin(clips), column] = value
    table.to_csv(root / "clips.csv", index=False)


def test_from_the_table_to_the_frames(root, capsys):
    table, videos = run_clips(root)
    assert table.loc[table["video"] == "", "clip"].tolist() == list(ALONE)
    assert set(table.loc[table["clip"].isin(ALONE), "split"]) <= {"train", "val"}
    assert "2 clips have no video and teach the sensors' networks only" in capsys.readouterr().err
    alone = videos["clip"].isin(ALONE)
    assert (videos.loc[alone, ["video", "shard"]] == "").all(axis=None)
    assert set(videos.loc[~alone, "shard"]) == {"0", "1"}
    stored = []
    for shard in range(2):
        output, index = root.parent / f"{shard}.npy", root.parent / f"{shard}.csv"
        frames_stage(
            arguments(videos=root.parent / "videos.csv", shard=shard, output=output, index=index)
        )
        stored += pd.read_csv(index)["clip"].tolist()
    assert sorted(stored) == sorted(set(table["clip"]) - set(ALONE))


def test_the_check_counts_them_and_reads_what_there_is(root, capsys):
    problems, summary = root.parent / "problems.csv", root.parent / "summary.json"
    check(arguments(options=options(root), output=problems, summary=summary))
    found = read_problems(problems)
    assert set(found["severity"]) <= {"note", "warning"}
    notes = found[found["kind"] == "no_video"]
    assert notes["clip"].tolist() == list(ALONE)
    assert notes["file"].tolist() == [f"{clip}.mat" for clip in ALONE]
    told = json.loads(summary.read_text())
    assert (told["clips"], told["without_video"], told["files"]) == (16, 2, 30)
    verdict(arguments(problems=problems, **{"on-bad-clip": "error"}))
    assert "note no_video: 2" in capsys.readouterr().out


def test_a_class_of_signals_alone_is_warned_of(root):
    train = [f"c{number}" for number in (1, 3, 9, 11)]
    change(root, train, video="")
    problems, summary = root.parent / "problems.csv", root.parent / "summary.json"
    split = {"train_subjects": ["a", "b"], "test_subjects": ["c"], "val_subjects": ["b"]}
    check(arguments(options=options(root, **split), output=problems, summary=summary))
    messages = read_problems(problems)["message"].tolist()
    assert "train has no videos of 'jump', only signals" in messages


@pytest.mark.parametrize(
    ("clips", "cells", "message"),
    [
        (["c4"], {"video": ""}, "clip c4 is in test but has no video.*add its video, move it to"),
        (["c4"], {"video": "", "watch": ""}, "row 6, column video: found '', expected a video, or"),
        ([f"c{n}" for n in range(16)], {"video": ""}, "clips.csv: column video: every cell is"),
        (["c2", "c3", "c10", "c11"], {"video": ""}, "no clip in val has a video"),
        (["c4"], {"video": "", "split": "test"}, "row 6, column video: found '', expected a video"),
    ],
)
def test_what_cannot_be_is_refused_alike_by_run_and_check(root, clips, cells, message):
    change(root, clips, **cells)
    split = {"train_subjects": ["a", "b", "d"], "test_subjects": ["c"], "val_subjects": ["b"]}
    if "split" in cells:
        table = pd.read_csv(root / "clips.csv", dtype=str, keep_default_na=False)
        table["split"] = ["test" if who == "c" else "train" for who in table["subject"]]
        table.to_csv(root / "clips.csv", index=False)
        split = {"protocol": "column"}
    with pytest.raises(InputError, match=message):
        run_clips(root, **split)
    outputs = {"output": root.parent / "p.csv", "summary": root.parent / "s.json"}
    with pytest.raises(InputError, match=message):
        check(arguments(options=options(root, **split), **outputs))


def test_an_empty_signal_file_is_no_signal(root):
    (root / "c2.mat").write_bytes(b"")
    with pytest.raises(InputError, match=r"row 4, column video: found '', .*0 bytes is none"):
        run_clips(root)


def test_a_missing_signal_of_such_a_row_is_named_by_its_clip(root):
    table = pd.read_csv(root / "clips.csv", dtype=str, keep_default_na=False)
    table.assign(belt=table["watch"].where(table["clip"] != "c2", "")).to_csv(
        root / "clips.csv", index=False
    )
    wanted = options(root)
    wanted["sensors"] = SENSORS | {"belt": SENSORS["watch"]}
    wanted["data"]["sensors_missing"] = "error"
    outputs = {"output": root.parent / "c.csv", "videos": root.parent / "v.csv"}
    with pytest.raises(InputError, match="c2 has no belt"):
        clips_stage(options=wanted, **outputs)


def grid(people=4, trials=5):
    rows = [
        (f"{who}{what}{time}", what, f"name {what}", who, str(time), "v.mp4", "s.csv")
        for who in "abcdefgh"[:people]
        for what in range(2)
        for time in range(trials)
    ]
    columns = ["clip", "action", "action_name", "subject", "trial", "video", "watch"]
    return pd.DataFrame(rows, columns=columns)


def sides(table):
    return table.groupby("split")["clip"].agg(set).to_dict()


def test_val_is_cut_from_clips_that_have_a_video():
    table = grid()
    table.loc[table["trial"] == "4", "video"] = ""  # The trial that val would take first.
    table.loc[table["subject"] == "c", "video"] = "v.mp4"
    split = with_split(
        table,
        SplitOptions(protocol="cross_subject", train_subjects=["a", "b"], test_subjects=["c"]),
    )
    assert all(clip[-1] == "3" for clip in sides(split)["val"])
    assert {"a04", "a14", "b04", "b14"} < sides(split)["train"]


def test_a_person_without_any_video_does_not_choose():
    table = grid(people=6)
    table.loc[table["subject"] == "e", "video"] = ""
    split = with_split(
        table,
        SplitOptions(
            protocol="cross_subject", train_subjects=["a", "b", "c", "d", "e"], test_subjects=["f"]
        ),
    )
    assert set(split.loc[split["split"] == "val", "subject"]) == {"d"}
    assert set(split.loc[split["subject"] == "e", "split"]) == {"train"}


def test_written_and_read_back(tmp_path):
    table = grid().assign(split=np.tile(["train", "val", "test", "train", "train"], 8))
    table.loc[table["split"] == "val", "video"] = ""
    write_table(table, tmp_path / "clips.csv")
    pd.testing.assert_frame_equal(
        read_table(tmp_path / "clips.csv")[table.columns], table, check_dtype=False
    )
