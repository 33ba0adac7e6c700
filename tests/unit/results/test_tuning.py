"""The search for weights: folds without test people, the table, the choice, the overlay."""

import pandas as pd
import pytest
import yaml
from tiny_run import ABOUT_STUDENT, save, tiny_student

from sakdn.base.errors import InputError
from sakdn.data.clips.table import read_table, write_table
from sakdn.options.methods import MethodOptions
from sakdn.results.tuning import best_shares
from sakdn.stages import tune, tune_fold


@pytest.fixture
def clips(tmp_path):
    """Five people, of whom two are tested, and one was val."""
    people = {"ann": "train", "bob": "train", "cid": "val", "dan": "test", "eve": "test"}
    rows = [
        {
            "clip": f"{person}{action}",
            "action": action,
            "action_name": f"action {action}",
            "subject": person,
            "video": "v.mp4",
            "watch": "w.csv",
            "split": side,
        }
        for person, side in people.items()
        for action in range(3)
    ]
    write_table(pd.DataFrame(rows), tmp_path / "clips.csv")
    return tmp_path / "clips.csv"


def fold_of(clips, number, folds=3):
    path = clips.with_name(f"fold{number}.csv")
    arguments = ["--clips", clips, "--fold", number, "--folds", folds, "--output", path]
    tune_fold.main(list(map(str, arguments)))
    return read_table(path)


def test_every_training_person_is_held_out_once_and_no_test_person_takes_part(clips):
    held = []
    for number in range(3):
        table = fold_of(clips, number)
        assert set(table["subject"]) == {"ann", "bob", "cid"}
        sides = table.groupby("split")["subject"].unique()
        assert set(sides.index) == {"train", "val"}
        assert set(sides["train"]).isdisjoint(sides["val"])
        held += list(sides["val"])
    assert sorted(held) == ["ann", "bob", "cid"]


def test_more_folds_than_training_people_are_refused(clips):
    with pytest.raises(InputError, match=r"tune\.folds: found 4, but 3 people train"):
        fold_of(clips, 0, 4)


def tried(folder, trial, fold, method):
    path = folder / f"tune/fold{fold}/student/{trial}/seed0/model.json"
    return save(path, tiny_student(), ABOUT_STUDENT | {"method": trial, "distillation": method})


def test_the_table_has_all_that_was_tried_and_the_overlay_what_was_best(tmp_path):
    sakdn, paths = MethodOptions(loss="sakdn", gsdm_weight=0), []
    for fold in (0, 1):
        paths.append(tried(tmp_path, "none", fold, {"loss": "none"}))
        for share in (0.1, 1.0):
            weights = {"loss": "sakdn", "gsdm_weight": 0} | sakdn.at_share(share)
            paths.append(tried(tmp_path, f"sakdn-{share:g}", fold, weights))
    files = [tmp_path / "table.csv", tmp_path / "overlay.yaml"]
    tune.main(["--models", *map(str, paths), "--output", str(files[0]), "--overlay", str(files[1])])
    table = pd.read_csv(files[0])
    assert list(table["method"]) == ["none"] * 2 + ["sakdn"] * 4
    assert list(table["share"]) == [0, 0, 0.1, 0.1, 1, 1]
    assert list(table["fold"]) == [0, 1] * 3
    assert (table[["val_accuracy", "cpu_s"]] == [0.5, 1.0]).all(axis=None)
    # All alike: the smaller share.
    assert yaml.safe_load(files[1].read_text()) == {"methods": {"sakdn": sakdn.at_share(0.1)}}


def test_the_mean_over_folds_decides_then_the_loss():
    rows = [("sp", 0.1, 0.5, 1.0), ("sp", 0.1, 0.9, 1.0), ("sp", 0.3, 0.8, 1.0)]
    rows += [("sp", 0.3, 0.8, 1.0), ("at", 0.1, 0.5, 2.0), ("at", 1.0, 0.5, 1.0)]
    rows += [("none", 0.0, 0.9, 1.0)]
    trials = pd.DataFrame(rows, columns=["method", "share", "val_accuracy", "val_loss"])
    best = best_shares(trials)
    assert list(zip(best["method"], best["share"])) == [("at", 1.0), ("sp", 0.3)]


def test_a_path_that_says_no_trial_is_refused(tmp_path):
    path = save(tmp_path / "model.json", tiny_student(), ABOUT_STUDENT)
    outputs = ["--output", str(tmp_path / "t.csv"), "--overlay", str(tmp_path / "o.yaml")]
    with pytest.raises(InputError, match=r"--models: found .*expected fold<n>/student"):
        tune.main(["--models", str(path), *outputs])
