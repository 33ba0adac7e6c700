"""Few labels: which training clips keep theirs, and that the others have none anywhere."""

import numpy as np
import pandas as pd
import pytest

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.clips.recordings import in_use, teaching_rows, with_label
from sakdn.data.clips.split import in_fold, with_split
from sakdn.data.clips.table import class_names, read_table, validated, write_table
from sakdn.options.columns import UNLABELLED
from sakdn.options.split import LabelledOptions, SplitOptions
from sakdn.results.report.notes import data_notes, setting
from sakdn.results.report.tables import clip_counts
from sakdn.stages.fold import main as fold


def clips(people=5, actions=3, trials=4, views=1):
    rows = [
        {
            "clip": f"a{a}_s{s}_t{t}_v{v}",
            "action": a,
            "action_name": f"act {a}",
            "subject": str(s),
            "trial": str(t),
            "video": f"a{a}_s{s}_t{t}_v{v}.avi",
            "watch": f"a{a}_s{s}_t{t}.csv",
        }
        | ({"recording": f"a{a}_s{s}_t{t}"} if views > 1 else {})
        for s in range(1, people + 1)
        for a in range(actions)
        for t in range(1, trials + 1)
        for v in range(views)
    ]
    return pd.DataFrame(rows)


def split(table, **labelled):
    sides = {"train_subjects": [1, 2, 3], "test_subjects": [4, 5], "val_subjects": [3]}
    options = {"protocol": "cross_subject", "labelled": labelled} | sides
    return with_split(table, parse_options(SplitOptions, options, "split"))


def kept(table):
    return set(table.loc[(table["split"] == "train") & with_label(table), "clip"])


def test_only_training_clips_lose_their_label():
    table = split(clips(), trials=[1])
    assert kept(table) == {f"a{a}_s{s}_t1_v0" for a in range(3) for s in (1, 2)}
    other = table[table["split"] != "train"]
    assert with_label(other).all()
    assert in_use(table).all()
    assert kept(split(clips(), subjects=[2])) == {
        f"a{a}_s2_t{t}_v0" for a in range(3) for t in range(1, 5)
    }


def test_a_fraction_is_balanced_nested_and_the_same_everywhere():
    drawn = {share: kept(split(clips(), fraction=share)) for share in (0.01, 1 / 8, 1 / 4, 1 / 2)}
    assert [len(names) for names in drawn.values()] == [3, 3, 6, 12]
    assert drawn[1 / 8] < drawn[1 / 4] < drawn[1 / 2]
    for names in drawn.values():
        assert len({name[:2] for name in names}) == 3
    shuffled = clips().sample(frac=1, random_state=0).reset_index(drop=True)
    assert kept(split(shuffled, fraction=1 / 4)) == drawn[1 / 4]
    assert kept(split(clips(), fraction=1 / 4, seed=1)) != drawn[1 / 4]
    assert len(kept(split(clips(), fraction=1.0))) == 24


def test_views_of_a_recording_have_its_label_together():
    table = split(clips(views=3), fraction=1 / 4)
    views = table[table["split"] == "train"].groupby("recording")["action"].nunique()
    assert (views == 1).all()
    assert len(kept(table)) == 18


def test_a_hidden_label_is_nowhere_in_the_file(tmp_path):
    table = clips().assign(clip=[f"c{n}" for n in range(60)], video="v.avi", watch="w.csv")
    write_table(split(table, trials=[2]), tmp_path / "clips.csv")
    rows = [line.split(",") for line in (tmp_path / "clips.csv").read_text().splitlines()[1:]]
    hidden = [row for row in rows if row[-1] == "train" and row[4] != "2"]
    assert len(hidden) == 18
    assert all(row[1:3] == ["", ""] for row in hidden)
    read = read_table(tmp_path / "clips.csv")
    assert (read["action"] == UNLABELLED).sum() == 18
    assert class_names(read) == ["act 0", "act 1", "act 2"]


def test_without_labelled_videos_labels_are_of_signals_alone():
    table = split(clips(), fraction=1 / 4, video=False)
    train = table[table["split"] == "train"]
    assert ((train["video"] == "") == with_label(train)).all()
    assert (table.loc[table["split"] != "train", "video"] != "").all()
    assert "3 in" not in setting(table)[0]
    assert "6 of 24 training clips have one, 0 of 18 training videos" in setting(table)[0]
    assert "guesses" in setting(table)[0]


def test_every_fold_hides_its_own(tmp_path):
    labelled = {"subjects": [1, 2, 3]}
    options = {"protocol": "cross_validation", "folds": 5, "labelled": labelled}
    table = with_split(clips(), parse_options(SplitOptions, options, "split"))
    assert with_label(table).all()
    for number in range(5):
        one = in_fold(table, number, "subject", LabelledOptions(subjects=(1, 2, 3)))
        seen = one[one["split"] == "train"]
        assert set(seen.loc[with_label(seen), "subject"]) == {"1", "2", "3"} & set(seen["subject"])
        assert with_label(one[one["split"] != "train"]).all()
    write_table(table, tmp_path / "clips.csv")
    words = ["--clips", tmp_path / "clips.csv", "--output", tmp_path / "one.csv", "--fold", "2"]
    fold([*map(str, words), "--options", '{"by": "subject", "labelled": {"trials": [1]}}'])
    one = read_table(tmp_path / "one.csv")
    assert set(one.loc[with_label(one) & (one["split"] == "train"), "trial"]) == {"1"}
    assert "Few labels: 9 of 36 training clips in the first fold have one" in setting(one)[0]


def test_own_rows_without_a_label_train_and_are_not_used_elsewhere():
    table = clips().astype({"action": str})
    lacks = table["trial"].isin(["3", "4"])
    table.loc[lacks, ["action", "action_name"]] = ""
    table = with_split(
        validated(table, "own"),
        SplitOptions(protocol="cross_subject", train_subjects=(1, 2, 3), test_subjects=(4, 5)),
    )
    assert set(table.loc[table["split"] == "val", "trial"]) == {"2"}
    assert (~in_use(table)).sum() == 12
    known = with_label(table)
    rows = teaching_rows(table, np.ones(len(table), bool), "fusion")
    assert known[rows["train"]].all()
    assert len(rows["train"]) == (table["split"] == "train").sum()
    times = np.bincount(rows["train"])[np.flatnonzero(known & (table["split"] == "train"))]
    assert times.max() - times.min() == 1
    notes = " ".join(data_notes(table))
    assert "12 val or test clips have no label and are not used" in notes
    assert clip_counts(table).rows[-2] == ["no label", "18", "0", "12", "30"]


@pytest.mark.parametrize(
    ("action", "name", "column"), [("", "act 0", "action"), ("0", "", "action_name")]
)
def test_half_a_label_is_refused(action, name, column):
    table = clips().astype({"action": str})
    table.loc[4, ["action", "action_name"]] = [action, name]
    with pytest.raises(InputError, match=f"row 6, column {column}: found '', expected a value"):
        validated(table, "own")


@pytest.mark.parametrize(
    ("labelled", "message"),
    [
        ({}, "found none of trials, subjects, fraction; keep exactly one"),
        ({"trials": [1], "fraction": 0.5}, "found trials and fraction of"),
        ({"fraction": 0}, "less than or equal to the minimum of 0"),
        ({"trials": [9]}, r"split\.labelled\.trials: no clip of trial '9'"),
        ({"subjects": [4]}, "no clip with a label is in train"),
    ],
)
def test_what_cannot_be_labelled_is_refused(labelled, message):
    with pytest.raises(InputError, match=message):
        split(clips(), **labelled)
