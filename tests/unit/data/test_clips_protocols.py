"""Protocols by view, scene and session; held-out recordings; subsets; who may teach."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from recordings import arguments, clips_stage
from trees import write_berkeley, write_mmact

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.clips.recordings import places_of, teaching_split
from sakdn.data.clips.split import with_split
from sakdn.data.clips.table import read_table
from sakdn.options.split import SplitOptions
from sakdn.results.report.notes import data_notes
from sakdn.stages.frames import main as frames_main
from sakdn.stages.gaf import main as gaf_main
from sakdn.students.frames.stored import FrameStore
from sakdn.teachers.gaf.stored import GafImages


def grid(actions=3, subjects=5, views=4, scenes=2, sessions=5):
    rows = [
        (
            f"s{s}_v{v}_c{c}_n{n}_a{a}",
            a,
            f"action {a}",
            f"s{s}_c{c}_n{n}_a{a}",
            *map(str, (s, v, c, n)),
            "x.mp4",
            f"s{s}_c{c}_n{n}_a{a}.csv",
        )
        for s, v, c, n, a in product(
            *(range(1, count + 1) for count in (subjects, views, scenes, sessions)), range(actions)
        )
    ]
    columns = ["clip", "action", "action_name", "recording"]
    return pd.DataFrame(
        rows, columns=[*columns, "subject", "view", "scene", "session", "video", "acc"]
    )


def cross(name, train, test, **more):
    sides = {f"train_{name}s": train, f"test_{name}s": test}
    return parse_options(SplitOptions, {"protocol": f"cross_{name}"} | sides | more, "split")


CROSS_VIEW = cross("view", [1, 2, 3], [4], held_out_share=0.2)


def recordings(table, *sides):
    return set(table.loc[table["split"].isin(sides), "recording"])


@pytest.mark.parametrize(
    ("name", "train", "test"), [("scene", [2], [1]), ("session", [1, 2, 3, 4], [5])]
)
def test_sides_by_scene_and_session(name, train, test):
    table = with_split(grid(), cross(name, train, test))
    assert set(table.loc[table["split"] == "test", name]) == set(map(str, test))
    assert set(table.loc[table["split"] != "test", name]) == set(map(str, train))
    assert not recordings(table, "train") & recordings(table, "val")
    assert not recordings(table, "train", "val") & recordings(table, "test")


def test_val_of_a_protocol_with_known_people_is_the_last_session_of_everybody():
    table = with_split(grid(scenes=4), cross("scene", [1, 2, 4], [3]))
    val = table[table["split"] == "val"]
    assert set(val["session"]) == {"5"}
    assert val["subject"].nunique() == 5
    assert val["scene"].nunique() == 3
    assert val.groupby("action").size().nunique() == 1


def test_val_of_given_sessions():
    table = with_split(grid(), cross("session", [1, 2, 3], [4], val_sessions=[3]))
    assert set(table.loc[table["split"] == "val", "session"]) == {"3"}
    with pytest.raises(InputError, match="val_subjects and val_sessions; keep one"):
        cross("session", [3], [4], val_subjects=[1], val_sessions=[2])


def test_cross_view_as_published_leaves_teachers_nothing():
    with pytest.raises(InputError, match=r"every recording in .* is in test .*held_out_share"):
        with_split(grid(), cross("view", [1, 2, 3], [4]))


def test_cross_view_as_published_leaves_teachers_what_the_test_camera_missed(capsys):
    table = grid()
    missed = (table["view"] == "4") & (table["subject"] == "2")
    table = with_split(table[~missed], cross("view", [1, 2, 3], [4]))
    side = teaching_split(table)
    assert set(table.loc[side.isin(["train", "val"]), "subject"]) == {"2"}
    assert set(table.loc[side == "test", "view"]) == {"4"}
    assert (table["split"] == "train").sum() > 250
    assert "no teacher learns from those" in capsys.readouterr().err


def test_cross_view_holds_recordings_out():
    whole, table = grid(), with_split(grid(), CROSS_VIEW)
    test = table[table["split"] == "test"]
    assert set(test["view"]) == {"4"}
    assert test.groupby("action").size().tolist() == [10, 10, 10]
    learns = table[table["split"] != "test"]
    assert sorted(learns["clip"]) == sorted(whole.loc[whole["view"] != "4", "clip"])
    side = teaching_split(table)
    taught = set(table.loc[side.isin(["train", "val"]), "recording"])
    assert not taught & set(test["recording"])
    assert taught | set(test["recording"]) == set(whole["recording"])
    assert not recordings(table, "val") & recordings(table, "train", "test")


def test_a_smaller_share_is_held_out_of_a_larger_one():
    def held_out(share):
        return recordings(with_split(grid(), cross("view", [1], [4], held_out_share=share)), "test")

    assert held_out(0.1) < held_out(0.3)


def test_held_out_share_elsewhere():
    with pytest.raises(InputError, match="no recording is on both sides"):
        with_split(grid(), cross("session", [1, 2], [3], held_out_share=0.2))
    with pytest.raises(InputError, match=r"split\.held_out_share: 1 is .* maximum of 1"):
        cross("view", [1], [2], held_out_share=1)


def test_teachers_see_a_recording_once():
    table = with_split(grid(views=3), cross("subject", [1, 2, 3, 4], [5]))
    side = teaching_split(table)
    assert (side == "train").sum() == len(recordings(table, "train")) == 3 * 10 * 3
    assert (side == "val").sum() == len(recordings(table, "val"))
    assert (side == "test").sum() == (table["split"] == "test").sum()


def test_without_a_column_recording_every_clip_teaches():
    table = grid(views=1).drop(columns="recording").assign(split="train")
    assert teaching_split(table).tolist() == table["split"].tolist()
    assert places_of(table).tolist() == list(range(len(table)))


def test_a_recording_in_train_and_val_is_refused():
    table = grid().assign(split="train")
    table.loc[table["subject"] == "5", "split"] = "test"
    table.loc[table["clip"] == "s1_v2_c1_n1_a0", "split"] = "val"
    with pytest.raises(InputError, match="clip s1_v1_c1_n1_a0 is in train, and val has another"):
        with_split(table, SplitOptions(protocol="column"))


def test_published_subset_is_every_kth_row_of_the_training_side():
    whole = with_split(grid(), cross("session", [1, 2, 3, 4], [5]))
    order = whole.loc[whole["split"] != "test", "clip"].tolist()
    subset = {"fraction": 4, "kind": "published"}
    table = with_split(grid(), cross("session", [1, 2, 3, 4], [5], subset=subset))
    assert table.loc[table["split"] != "test", "clip"].tolist() == order[3::4]
    assert (table["split"] == "test").sum() == (whole["split"] == "test").sum()


def test_balanced_subset_keeps_the_shares_and_the_smaller_one_is_part_of_it():
    table = grid(actions=4, subjects=3)
    table = table[(table["action"] > 0) | (table["subject"] != "2")].reset_index(drop=True)

    def kept(fraction):
        options = cross("session", [1, 2, 3, 4], [5], subset={"fraction": fraction})
        subset = with_split(table, options)
        return subset[subset["split"] != "test"]

    before = table[table["session"] != "5"].groupby("action").size()
    assert kept(4).groupby("action").size().tolist() == (before // 4).tolist()
    assert set(kept(8)["clip"]) < set(kept(4)["clip"]) < set(kept(2)["clip"])
    assert kept(2)["subject"].nunique() == 3


@pytest.mark.parametrize(
    ("subset", "message"),
    [
        ({"fraction": 1}, r"split\.subset\.fraction: 1 is less"),
        ({"fraction": 2, "kind": "random"}, r"split\.subset\.kind: 'random' is not"),
        ({"kind": "balanced"}, r"split\.subset\.fraction is missing"),
        (
            {"fraktion": 2},
            r"split\.subset\.fraktion is not a key; did you mean split\.subset\.fraction",
        ),
    ],
)
def test_bad_subsets(subset, message):
    with pytest.raises(InputError, match=message):
        cross("session", [1], [2], subset=subset)


def test_the_report_says_what_test_shares_with_train():
    notes = " ".join(data_notes(with_split(grid(), CROSS_VIEW)))
    assert "480 clips are views of 150 recordings" in notes
    assert "30 of its 30 recordings are in train or val as well" in notes
    assert "kept from the teachers" in notes
    assert "teachers learned from 96 other recordings" in notes


def test_the_report_says_what_is_missing_and_what_is_not_tested():
    table = grid(views=1)
    table.loc[:3, "acc"] = ""
    table = table[(table["action"] > 0) | (table["session"] != "5")].reset_index(drop=True)
    notes = data_notes(with_split(table, cross("session", [1, 2, 3, 4], [5])))
    assert len(notes) == 2
    assert "acc 4 of 140" in notes[0]
    assert notes[1] == "Classes without test clips: action 0."


def stages(root, options, split):
    """Runs clips, frames and gaf; the table, the frames and one sensor's images."""
    folder, sensor = root.parent, next(iter(options["sensors"]))
    clips, videos = folder / "clips.csv", folder / "videos.csv"
    clips_stage(options=options | {"split": split}, output=clips, videos=videos)
    shards = [folder / f"{shard}.npy" for shard in range(options["data"]["shards"])]
    for shard in shards:
        named = {"videos": videos, "shard": shard.stem, "options": {"short_side_px": 8}}
        frames_main(arguments(**named, output=shard, index=shard.with_suffix(".csv")))
    signal = {key: v for key, v in options["sensors"][sensor].items() if key != "path"}
    gaf = {"signal": signal, "image_size_px": 32, "windows": {"count": 2}}
    named = {"clips": clips, "root": root, "sensor": sensor, "options": gaf}
    images = folder / f"{sensor}.npy"
    gaf_main(arguments(**named, output=images, index=images.with_suffix(".json")))
    table = read_table(clips)
    return table, FrameStore(shards), GafImages(images, table["clip"].tolist())


PROTOCOLS = {
    "subject": ([1], [2]),
    "view": ([1], [2]),
    "scene": ([1], [2]),
    "session": ([1, 3], [2]),
}


@pytest.mark.parametrize("name", PROTOCOLS)
def test_mmact_through_the_data_stages(tmp_path, name):
    options = write_mmact(tmp_path / "data")
    train, test = map(list, PROTOCOLS[name])
    split = {"protocol": f"cross_{name}", f"train_{name}s": train, f"test_{name}s": test}
    if name == "view":
        split["held_out_share"] = 0.4
    table, store, gaf = stages(tmp_path / "data", options, split)
    assert set(table["split"]) == {"train", "val", "test"}
    assert all(store.length(clip) == 5 for clip in table["clip"])
    stored = np.load(tmp_path / "phone_accelerometer.npy", mmap_mode="r")
    assert len(stored) == table["recording"].nunique() < len(table)
    assert gaf.images.shape == (len(table), 2, 6, 32, 32)
    first, second = table.index[table["recording"] == table["recording"].iloc[0]][[0, -1]]
    np.testing.assert_array_equal(gaf.images[first], gaf.images[second])
    np.testing.assert_array_equal(gaf.windows[first], gaf.windows[second])
    assert not np.array_equal(gaf.images[first, 1], gaf.images[first + 1, 1])


def test_berkeley_through_the_data_stages(tmp_path):
    options = write_berkeley(tmp_path / "data")
    split = {"protocol": "cross_subject", "train_subjects": [1, 2], "test_subjects": [3]}
    table, store, gaf = stages(tmp_path / "data", options, split)
    assert table["split"].value_counts().to_dict() == {"train": 30, "test": 18, "val": 6}
    assert store.size(table["clip"].iloc[0]) == (8, 11, 3)
    assert len(np.load(tmp_path / "shimmer1.npy", mmap_mode="r")) == 18
    rows = np.flatnonzero(table["recording"] == "s2_a1_r3")
    assert len(rows) == 3
    np.testing.assert_array_equal(gaf.images[rows[0]], gaf.images[rows[2]])


def test_fixed_ranges_know_nothing_of_the_recordings_in_test(tmp_path):
    """One recording, held out, has a huge amplitude; it must not stretch the teachers' scale."""
    options = write_mmact(tmp_path / "data")
    split = {"protocol": "cross_view", "train_views": [1], "test_views": [2], "held_out_share": 0.4}
    table, _, _ = stages(tmp_path / "data", options, split)
    before = GafImages(tmp_path / "phone_accelerometer.npy", table["clip"].tolist()).index
    held_out = table.loc[table["split"] == "test", "phone_accelerometer"].iloc[0]
    assert held_out in set(table.loc[table["split"] == "train", "phone_accelerometer"])
    path = tmp_path / "data" / held_out
    stamp, *rows = path.read_text().splitlines()
    path.write_text("\n".join([f"{stamp.split(',')[0]},1e6,1e6,1e6", *rows]))
    _, _, after = stages(tmp_path / "data", options, split)
    assert after.index.ranges == before.ranges
    assert after.images[int((table["phone_accelerometer"] == held_out).argmax())].max() == 255
