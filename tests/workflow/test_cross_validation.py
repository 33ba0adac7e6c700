"""Cross-validation as a user runs it: a fold first, the other added to it."""

import json
import shutil

import pandas as pd
import pytest
from snake import Run, copy_checkout, rules_of, started, tiny

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
METHODS = {"none": {"loss": "none"}, "sakdn": {"loss": "sakdn"}}


def config(*folds):
    split = {"protocol": "cross_validation", "folds": 2, "only_folds": list(folds)}
    made = tiny(split=split)
    return made | {"methods": METHODS}


def test_a_fold_that_is_added_or_deleted_runs_alone(tmp_path):
    run = Run(copy_checkout(tmp_path / "checkout"), tmp_path / "run")
    run.folder.mkdir()
    first = run.snakemake("--cores", "2", config=config(0))
    assert first.returncode == 0, first.stdout[-6000:]
    second = run.snakemake("--cores", "2", config=config(0, 1))
    assert second.returncode == 0, second.stdout[-6000:]
    jobs = set(started(second.stdout))
    assert "student fold=1, method=sakdn, seed=0" in jobs
    assert not [job for job in jobs if "fold=0" in job]
    assert rules_of(jobs).isdisjoint({"frames", "semantics", "demo_data"})
    check_everybody_is_tested_once(run)
    shutil.rmtree(run.results / "fold1")
    planned = run.planned(config(0, 1))
    assert not [job for job in planned if "fold=0" in job]
    assert "student fold=1, method=none, seed=0" in planned


def check_everybody_is_tested_once(run):
    clips = pd.read_csv(run.results / "clips.csv", dtype=str)
    folder = run.results / "evaluate/student_sakdn/seed0"
    predictions = pd.read_csv(folder / "predictions.csv", dtype=str)
    assert sorted(predictions["clip"]) == sorted(clips["clip"])
    assert set(json.loads((folder / "metrics.json").read_text())["folds"]) == {"0", "1"}
    people = json.loads((run.results / "compare/tests.json").read_text())["people"]
    assert list(people) == ["1", "2", "3", "4"]
    page = (run.results / "report.html").read_text()
    assert "Cross-validation in 2 folds" in page
