"""Cross-validation: everybody is tested once, by networks that never saw them."""

import pandas as pd
import pytest

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.clips.split import in_fold, with_split
from sakdn.data.clips.table import read_table, write_table
from sakdn.options.split import SplitOptions
from sakdn.stages.fold import main as fold


def options(**keys):
    return parse_options(SplitOptions, {"protocol": "cross_validation"} | keys, "split")


def clips(people=6, actions=2, trials=2, **columns):
    rows = [
        {"clip": f"a{a}_s{s}_t{t}", "action": a, "action_name": f"act {a}", "subject": str(s)}
        | {"trial": str(t), "video": f"a{a}_s{s}_t{t}.avi", "accelerometer": f"a{a}_s{s}_t{t}.csv"}
        | {name: value(s) for name, value in columns.items()}
        for s in range(1, people + 1)
        for a in range(actions)
        for t in range(trials)
    ]
    return pd.DataFrame(rows)


def people(table, side):
    return set(table.loc[table["split"] == side, "subject"])


@pytest.mark.parametrize("folds", [2, 3, 6])
def test_everybody_is_tested_once_and_never_by_who_saw_them(folds):
    table = with_split(clips(), options(folds=folds))
    tested = []
    for number in range(folds):
        split = in_fold(table, number, "subject")
        assert people(split, "test").isdisjoint(people(split, "train") | people(split, "val"))
        assert list(split["clip"]) == list(table["clip"])
        tested += sorted(people(split, "test"))
    assert sorted(tested) == [str(person) for person in range(1, 7)]


def test_val_is_of_others_than_train_and_goes_round():
    table = with_split(clips(), options(folds="leave_one_out", people=[1, 2, 3, 4, 5, 6]))
    chosen = [people(in_fold(table, number, "subject"), "val") for number in range(6)]
    assert chosen == [{"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"1"}]
    for number in range(6):
        split = in_fold(table, number, "subject")
        assert people(split, "val").isdisjoint(people(split, "train"))


def test_with_three_to_train_val_is_cut_from_their_clips():
    table = with_split(clips(people=4), options(folds=4))
    split = in_fold(table, 0, "subject")
    assert people(split, "val") <= people(split, "train") == {"2", "3", "4"}


def test_groups_stay_together_and_others_are_left_out():
    table = clips(group=lambda person: "ab"[person % 2] if person < 5 else "c")
    split = with_split(table, options(by="group", folds="leave_one_out", people=["a", "b"]))
    assert set(split["group"]) == {"a", "b"}
    assert set(split.loc[split["split"] == "test", "group"]) == {"a"}


def test_the_stage_writes_the_table_of_a_fold(tmp_path):
    write_table(with_split(clips(), options(folds=3)), tmp_path / "clips.csv")
    words = ["--clips", str(tmp_path / "clips.csv"), "--output", str(tmp_path / "f.csv")]
    fold([*words, "--fold", "1"])
    assert people(read_table(tmp_path / "f.csv"), "test") == {"2", "5"}
    with pytest.raises(InputError, match=r"found no clips of fold 3; make the table with split"):
        fold([*words, "--fold", "3"])


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "folds: is missing"),
        ({"folds": "leave_one_out"}, "people: is missing"),
        ({"folds": "leave_one_out", "people": [1, 2, "1"]}, "people: found 1 twice"),
        ({"folds": "leave_one_out", "people": [1]}, "people: found 1, expected at least 2"),
        ({"folds": 3, "only_folds": [3]}, "found 3, expected numbers below 3"),
        ({"folds": 3, "subset": {"fraction": 2}}, "subset: does not go with"),
        ({"folds": 3, "val_subjects": [1]}, "val_subjects: does not go with"),
        ({"folds": 3, "protocol": "cross_subject"}, "folds: is for protocol cross_validation"),
    ],
)
def test_refuses_options_that_do_not_go_together(keys, message):
    with pytest.raises(InputError, match=message):
        options(**keys)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"folds": 7}, r"split.folds: found 7, but there are 6 subjects; take fewer"),
        ({"folds": "leave_one_out", "people": [1, 9]}, r"split.people: no clip of subject '9'"),
        ({"folds": 2, "by": "group"}, r"split.by: the clips have no column group"),
    ],
)
def test_refuses_people_that_are_not_there(keys, message):
    with pytest.raises(InputError, match=message):
        with_split(clips(), options(**keys))
