"""The search for weights as a user runs it: training people only, and nothing tried twice."""

import pandas as pd
import pytest
import yaml
from snake import rules_of, started, tiny

from sakdn.options.methods import MethodOptions

pytestmark = pytest.mark.workflow


def config(*shares):
    return tiny(tune={"folds": 2, "shares": list(shares), "methods": ["soft_target"], "epochs": 2})


def test_weights_are_searched_on_training_people_and_nothing_is_tried_twice(spare):
    done = spare.snakemake("--cores", "2", "tune", config=config(0.1, 1.0))
    assert done.returncode == 0, done.stdout[-6000:]
    assert rules_of(started(done.stdout)) == {
        *("tune_fold", "gaf", "teacher", "fusion", "knowledge", "student", "tune")
    }
    folder = spare.results / "tune"
    for fold in (0, 1):
        clips = pd.read_csv(folder / f"fold{fold}/clips.csv", dtype=str)
        assert sorted(clips["subject"].unique()) == ["1", "2"]  # 3 and 4 are tested.
        assert set(clips["split"]) == {"train", "val"}
    table = pd.read_csv(folder / "table.csv")
    assert table.groupby(["method", "share"]).size().to_dict() == {
        ("none", 0.0): 2,
        ("soft_target", 0.1): 2,
        ("soft_target", 1.0): 2,
    }
    curve = folder / "fold0/student/soft_target-0.1/seed0/curves.csv"
    assert len(pd.read_csv(curve)) == 2
    chosen = yaml.safe_load((folder / "overlay.yaml").read_text())["methods"]["soft_target"]
    assert MethodOptions(loss="soft_target", **chosen).weight in (0.1, 1.0)
    more = spare.planned(config(0.1, 0.3, 1.0), "tune")
    assert rules_of(more) == {"student", "tune"}
    assert len(more) == 2 + 1
    assert rules_of(spare.planned(config(0.1, 1.0))) <= {"effective_config", "report", "all"}
