"""The sentences of the report's summary."""

import json
import shutil

import pandas as pd
import pytest
from report_runs import prepare, run_compare
from synthetic_results import SEEDS

from sakdn.options.columns import UNLABELLED
from sakdn.results.report.notes import guesses_alone
from sakdn.results.report.words import summarise


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return prepare(tmp_path_factory.mktemp("words"))


@pytest.fixture
def copy(prepared, tmp_path):
    return shutil.copytree(prepared, tmp_path / "copy")


def no_gain(root):
    for seed in SEEDS:
        old = root / f"evaluate/student_none/seed{seed}"
        new = root / f"evaluate/student_sakdn/seed{seed}"
        metrics = json.loads((old / "metrics.json").read_text())
        (new / "metrics.json").write_text(
            json.dumps(metrics | {"model": "student_sakdn", "method": "sakdn"})
        )
        (new / "predictions.csv").write_bytes((old / "predictions.csv").read_bytes())


def test_no_gain_is_said_plainly(copy):
    no_gain(copy)
    run_compare(copy)
    summary = summarise(pd.read_csv(copy / "compare/table.csv"), "student_none")
    assert summary.answer.startswith("Distillation (SAKDN) brought +0.0 points over the student ")
    assert "+0.0 to +0.0): no significant difference." in summary.answer
    assert all(sentence.endswith("no significant difference.") for sentence in summary.sentences)


def test_without_sakdn_the_summary_names_who_is_better_or_that_nobody_is(prepared):
    table = pd.read_csv(prepared / "compare/table.csv")
    table = table[table["model"] != "student_sakdn"]
    answer = summarise(table, "student_none").answer
    assert answer.startswith("Distillation did not help measurably: no method beats the student")
    better = table["model"] == "student_soft_target"
    table.loc[better, ["low", "difference", "high", "p_adjusted"]] = [0.1, 0.2, 0.3, 0.001]
    answer = summarise(table, "student_none").answer
    assert answer.startswith("Significantly better than video alone: student soft_target.")


def test_one_seed_is_said_to_be_one(prepared):
    table = pd.read_csv(prepared / "compare/table.csv").assign(seeds=1)
    assert "one seed only" in summarise(table, "student_none").answer


@pytest.mark.parametrize("video", ["", "a.mp4"])
def test_a_student_alone_that_guesses_is_said_to_guess(prepared, video):
    clips = pd.DataFrame({"split": ["train", "train", "val"], "video": [video, "b.mp4", "c.mp4"]})
    clips["action"] = [0, UNLABELLED, 0]
    table = pd.read_csv(prepared / "compare/table.csv")
    answer = summarise(table, "student_none", guesses_alone(clips)).answer
    assert ("over the student alone, which guesses (95 %" in answer) == (not video)


def test_a_significant_loss_is_said_too(prepared):
    table = pd.read_csv(prepared / "compare/table.csv")
    table[["difference", "low", "high"]] *= -1
    answer = summarise(table, "student_none").answer
    assert answer.startswith("Distillation (SAKDN) brought −15.0 points over the student alone")
    assert "significantly worse." in answer
    other = table.replace({"model": {"student_sakdn": "student_soft_target"}})
    assert (
        "Significantly worse than video alone: student " in summarise(other, "student_none").answer
    )
