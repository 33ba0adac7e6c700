from math import ceil

import pandas as pd
import pytest

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.clips.shards import shards_of
from sakdn.data.clips.split import with_split
from sakdn.options.split import SplitOptions


def grid(actions=3, subjects=8, trials=4, views=1):
    rows = [
        (f"a{a}_s{s}_t{t}_v{v}", a, f"action {a}", str(s), str(t), str(v), "x.mp4")
        for a in range(actions)
        for s in range(1, subjects + 1)
        for t in range(1, trials + 1)
        for v in range(views)
    ]
    columns = ["clip", "action", "action_name", "subject", "trial", "view", "video"]
    return pd.DataFrame(rows, columns=columns)


def cross_subject(train, test, **more):
    return SplitOptions(protocol="cross_subject", train_subjects=train, test_subjects=test, **more)


def subjects(table, split):
    return sorted(table.loc[table["split"] == split, "subject"].unique())


def test_cross_subject_takes_val_by_whole_subject():
    table = with_split(grid(), cross_subject([1, 3, 5, 7], [2, 4, 6, 8]))
    assert subjects(table, "train") == ["1", "3", "5"]
    assert subjects(table, "val") == ["7"]
    assert subjects(table, "test") == ["2", "4", "6", "8"]


def test_one_in_five_of_many_subjects_and_natural_order():
    table = with_split(grid(subjects=12), cross_subject(list(range(1, 11)), [11, 12]))
    assert subjects(table, "val") == ["10", "9"]


def test_three_training_subjects_give_val_by_trial_stratified():
    table = with_split(grid(subjects=6), cross_subject([1, 3, 5], [2, 4, 6]))
    val = table[table["split"] == "val"]
    assert val.groupby("action").size().tolist() == [2, 2, 2]
    assert set(val["trial"]) == {"4"}
    assert set(val["subject"]) == {"1", "3", "5"}
    assert (table["split"] == "train").sum() == 30
    assert not set(val["subject"]) & {"2", "4", "6"}


def test_views_of_a_recording_stay_together():
    table = with_split(grid(subjects=4, views=3), cross_subject([1, 2, 3], [4]))
    sides = table.groupby(["action", "subject", "trial"])["split"].nunique()
    assert sides.max() == 1
    assert (table["split"] == "val").sum() == 3 * 2 * 3


def test_subject_specific():
    options = SplitOptions(protocol="subject_specific", train_trials=[1, 2], test_trials=[3, 4])
    table = with_split(grid(), options)
    assert set(table.loc[table["split"] == "test", "trial"]) == {"3", "4"}
    val = table[table["split"] == "val"]
    assert val.groupby("action").size().tolist() == [3, 3, 3]
    assert set(val["trial"]) == {"2"}


def test_explicit_val():
    table = with_split(grid(), cross_subject([1, 2, 3], [4], val_subjects=[2]))
    assert subjects(table, "val") == ["2"]
    assert subjects(table, "train") == ["1", "3"]
    table = with_split(grid(), cross_subject([1, 2, 3], [4], val_trials=[1]))
    assert set(table.loc[table["split"] == "val", "trial"]) == {"1"}
    assert "1" not in set(table.loc[table["split"] == "train", "trial"])


def test_clips_on_no_side_are_left_out_and_said(capsys):
    table = with_split(grid(subjects=5), cross_subject([1, 2, 3], [4]))
    assert "5" not in set(table["subject"])
    assert table.index.tolist() == list(range(len(table)))
    assert "12 clips are of no listed subject" in capsys.readouterr().err


def test_column_keeps_the_table_s_split_and_cuts_val_if_it_has_none():
    table = grid(subjects=2)
    sides = table["subject"].map({"1": "train", "2": "test"})
    cut = with_split(table.assign(split=sides), SplitOptions(protocol="column"))
    assert cut["split"].value_counts().to_dict() == {"test": 12, "train": 9, "val": 3}
    given = sides.where(table["trial"] != "3", "val")
    kept = with_split(table.assign(split=given), SplitOptions(protocol="column"))
    assert kept["split"].tolist() == given.tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (cross_subject([1, 2], [2, 3]), r"split\.test_subjects: subject '2' is in train too"),
        (cross_subject([1, 9], [2]), r"split\.train_subjects: no clip of subject '9'; there are 1"),
        (cross_subject([], [2]), r"split\.train_subjects: is missing or empty"),
        (cross_subject([1, 2], None), r"split\.test_subjects: is missing"),
        (cross_subject([1, 2], [3], val_subjects=[3]), r"split\.val_subjects: no clip of subject"),
        (cross_subject([1, 2], [3], val_trials=[9]), r"split\.val_trials: no clip of trial '9'"),
        (cross_subject([1, 2], [3], val_subjects=[1, 2]), "'action 0' has no training|no clip is"),
        (SplitOptions(protocol="column"), "no column split"),
    ],
)
def test_bad_lists(options, message):
    with pytest.raises(InputError, match=message):
        with_split(grid(), options)


def test_class_without_training_clips_is_named():
    table = grid(subjects=4)
    table = table[(table["action"] != 2) | (table["subject"] == "4")].reset_index(drop=True)
    with pytest.raises(InputError, match="'action 2' has no training clips"):
        with_split(table, cross_subject([1, 2, 3], [4]))
    elsewhere = table.assign(subject=table["subject"].where(table["action"] != 2, "9"))
    with pytest.raises(InputError, match="'action 2' has no training clips"):
        with_split(elsewhere, cross_subject([1, 2], [3]))


def test_class_absent_from_val_is_a_warning(capsys):
    table = grid(subjects=5)
    table = table[(table["action"] != 2) | (table["subject"] != "4")].reset_index(drop=True)
    with_split(table, cross_subject([1, 2, 3, 4], [5]))
    assert "warning: split: val has no clips of 'action 2'" in capsys.readouterr().err


def test_unknown_protocol_and_two_kinds_of_val():
    with pytest.raises(InputError, match=r"split\.protocol: 'random' is not one of"):
        parse_options(SplitOptions, {"protocol": "random"}, "split")
    two_kinds = {"protocol": "cross_subject", "val_subjects": [1], "val_trials": [1]}
    with pytest.raises(InputError, match="keep one of them"):
        parse_options(SplitOptions, two_kinds, "split")


def test_an_added_clip_leaves_the_other_shards_alone():
    table = grid(subjects=10)
    before = pd.Series(shards_of(table, 4), index=table["clip"])
    more = pd.concat([table.iloc[:7], table.iloc[:1].assign(clip="new"), table.iloc[7:]])
    after = pd.Series(shards_of(more, 4), index=more["clip"])
    pd.testing.assert_series_equal(after.drop("new"), before)
    fewer = pd.Series(shards_of(table.iloc[1:], 4), index=table["clip"].iloc[1:])
    pd.testing.assert_series_equal(fewer, before.iloc[1:])
    assert shards_of(table.assign(subject="1", action=0), 4) == list(before)


@pytest.mark.parametrize("shards", [1, 2, 5, 23, 24])
def test_shards_are_about_as_large_as_each_other_and_none_is_empty(shards):
    counts = pd.Series(shards_of(grid(subjects=2), shards)).value_counts()
    assert sorted(counts.index) == list(range(shards))
    assert counts.max() <= ceil(1.25 * 24 / shards)


def test_many_clips_are_spread_evenly():
    table = pd.DataFrame({"clip": [f"clip {number}" for number in range(4000)]})
    counts = pd.Series(shards_of(table, 4)).value_counts()
    assert counts.between(900, 1100).all()


def test_more_shards_than_clips():
    with pytest.raises(InputError, match=r"data\.shards: found 25, expected at most 24"):
        shards_of(grid(subjects=2), 25)
