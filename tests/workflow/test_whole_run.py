import csv
import json
import re

import pytest
import yaml
from snake import TINY, rules_of, started

pytestmark = pytest.mark.workflow

MODELS = {
    "teacher_accelerometer",
    "teacher_gyroscope",
    "fusion",
    "student_none",
    "student_soft_target",
    "student_sakdn",
}


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_stage_ran_once_and_said_so(whole):
    jobs = started(whole.printed)
    assert len(jobs) == len(set(jobs))
    assert f"done {len(jobs)}/{len(jobs)} in" in whole.printed
    for said in (
        "demo data: 24 clips",
        "24 clips: 12 test",
        "Train the teacher of gyroscope, seed 0",
    ):
        assert said in whole.printed
    assert "files: 72 files" in (whole.results / "logs/recordings.log").read_text()
    assert rules_of(jobs) >= {"demo_data", "recordings", "clips", "frames", "gaf", "semantics"}
    assert rules_of(jobs) >= {
        "teacher",
        "fusion",
        "knowledge",
        "student",
        "compare",
        "explain",
        "report",
    }


def test_the_run_ends_with_the_table_and_where_the_report_is(whole):
    end = whole.printed[whole.printed.index("report: a page of") :]
    assert all(name.replace("_", " ", 1) in end for name in MODELS)
    assert f"Report: {whole.results / 'report.html'}" in end


def test_every_job_left_a_log_and_a_benchmark(whole):
    logs = {path.stem for path in (whole.results / "logs").glob("*.log")}
    assert logs == {path.stem for path in (whole.results / "benchmarks").glob("*.tsv")}
    assert len(logs) == len(started(whole.printed)) - 2  # `all` has none, that of demo_data is
    assert (whole.folder / "logs/demo_data.log").stat().st_size


def test_clips_of_both_sides_of_the_split(whole):
    clips = rows_of(whole.results / "clips.csv")
    assert len(clips) == 24
    assert {row["subject"] for row in clips if row["split"] == "test"} == {"3", "4"}
    assert {row["subject"] for row in clips if row["split"] != "test"} == {"1", "2"}
    assert all((whole.folder / "data/demo" / row["video"]).stat().st_size for row in clips)


def test_table_has_every_model(whole):
    table = rows_of(whole.results / "compare/table.csv")
    assert {row["model"] for row in table} == MODELS
    assert len(table) == len(MODELS)


def test_metrics_are_of_the_test_clips_alone(whole):
    clips = rows_of(whole.results / "clips.csv")
    test = [row["clip"] for row in clips if row["split"] == "test"]
    for model in MODELS:
        folder = whole.results / f"evaluate/{model}/seed0"
        metrics = json.loads((folder / "metrics.json").read_text())
        predictions = rows_of(folder / "predictions.csv")
        assert [row["clip"] for row in predictions] == test
        right = sum(row["action"] == row["predicted"] for row in predictions)
        assert metrics["accuracy"] == right / len(test)
        assert metrics["cost"]["wall_s"] > 0
        assert metrics["model"] == model


def test_report_is_one_page_that_needs_no_network(whole):
    page = (whole.results / "report.html").read_text(encoding="utf-8")
    assert "</html>" in page
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    for words in ("sakdn", "gyroscope", "two hand wave", "data:image/"):
        assert words in page


def test_saved_config_holds_what_was_set_and_the_defaults(whole):
    saved = yaml.safe_load((whole.results / "config.yaml").read_text())
    assert saved["student"]["segments"] == TINY["student"]["segments"]
    assert saved["student"]["batch_size"] == 16
    assert saved["split"].items() >= TINY["split"].items()


def test_no_half_files_are_left(whole):
    hidden = {path.name for path in whole.results.rglob(".*")}
    assert hidden <= {".snakemake_timestamp"}  # Snakemake's own, in a folder that is an output
    # What was stored of which recording, for runs to come; nothing of a training.
    assert {path.name for path in (whole.results / "state").glob("*")} == {"frames", "recordings"}
