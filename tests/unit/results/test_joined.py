import json

import pandas as pd
import pytest
from synthetic_results import write_evaluation

from sakdn.base.errors import InputError
from sakdn.results.evaluated import read_models
from sakdn.results.predictions import read_correct
from sakdn.stages.join_folds import main as join

CLASSES = ("jump", "wave")


def evaluate(root, fold, people, wrong, seed=0):
    """A fold whose student has the first `wrong` clips wrong."""
    rows = [
        {"clip": f"a{a}_s{s}_t{t}", "action": a, "subject": s}
        for s in people
        for a in range(2)
        for t in range(3)
    ]
    tested = pd.DataFrame(rows)
    predicted = tested.action.to_numpy().copy()
    predicted[:wrong] = 1 - predicted[:wrong]
    write_evaluation(root / f"fold{fold}", "student_none", seed, tested, predicted, CLASSES)
    return root / f"fold{fold}/evaluate/student_none/seed{seed}/metrics.json"


def run(root, *paths):
    words = ["--metrics", *map(str, paths), "--output", str(root / "all/metrics.json")]
    join([*words, "--predictions", str(root / "all/predictions.csv")])
    return root / "all/metrics.json"


def test_folds_become_one_evaluation(tmp_path):
    folds = [evaluate(tmp_path, 0, [1, 2], wrong=3), evaluate(tmp_path, 1, [3], wrong=0)]
    path = run(tmp_path, *folds)
    metrics = json.loads(path.read_text())
    assert metrics["clips"] == 18
    assert metrics["accuracy"] == pytest.approx(15 / 18)
    assert metrics["per_class"][0]["recall"] == pytest.approx(6 / 9)
    assert metrics["cost"]["wall_s"] == 200
    assert metrics["cost"]["peak_memory_mb"] == 800
    assert metrics["folds"]["1"]["accuracy"] == 1
    (model,) = read_models([path])
    assert model.best_epoch("1", 0) == 20
    correct = read_correct([model], [path.with_name("predictions.csv")])["student_none"]
    assert correct.index.unique("subject").tolist() == ["1", "2", "3"]


def test_refuses_a_clip_of_two_folds(tmp_path):
    folds = [evaluate(tmp_path, fold, [1, 2], wrong=0) for fold in (0, 1)]
    with pytest.raises(InputError, match=r"clip a0_s1_t0 is in two folds"):
        run(tmp_path, *folds)


def test_refuses_folds_of_different_trainings(tmp_path):
    folds = [evaluate(tmp_path, 0, [1], 0), evaluate(tmp_path, 1, [2], 0, seed=1)]
    with pytest.raises(InputError, match=r"seed: found 1, expected 0 as in the other folds"):
        run(tmp_path, *folds)


def test_refuses_paths_without_a_fold(tmp_path):
    path = evaluate(tmp_path, 0, [1], 0)
    other = tmp_path / "x" / path.relative_to(tmp_path / "fold0")
    other.parent.mkdir(parents=True)
    other.write_bytes(path.read_bytes())
    with pytest.raises(InputError, match=r"expected a path with a folder fold<number>"):
        run(tmp_path, other)
