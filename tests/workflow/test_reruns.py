"""What is run again after one thing changed: the sentences of `Partial re-runs`, one by one."""

import os
import sys
import time

import pytest
import torch
import torchvision
from snake import tiny

from sakdn.options.config import Config
from sakdn.options.reruns import reruns_of

pytestmark = pytest.mark.workflow
SENSORS = ("accelerometer", "gyroscope")
METHODS = ("none", "soft_target", "sakdn")
END = {"compare", "report", "all"}
EXPLAIN = {"explain"}  # of the student of sakdn with the first seed
CONFIG = {"effective_config"}


def students(*methods, seed=0):
    """A student of each method and the evaluation of their seed."""
    return {f"student method={method}, seed={seed}" for method in methods} | {
        f"evaluate seed={seed}"
    }


def test_gsdm_weight_trains_the_student_of_sakdn(whole):
    methods = {"sakdn": {"loss": "sakdn", "gsdm_weight": 3.0}}
    assert whole.planned(tiny(methods=methods)) == students("sakdn") | EXPLAIN | END | CONFIG


def test_another_seed_runs_that_seed_alone(whole):
    teachers = {f"teacher sensor={sensor}, seed=1" for sensor in SENSORS}
    fusion = {"fusion seed=1", "knowledge source=fusion, seed=1"}
    jobs = whole.planned(tiny(seeds=[0, 1]))
    assert jobs == teachers | fusion | students(*METHODS, seed=1) | END | CONFIG


def test_gaf_option_of_one_sensor_leaves_frames_and_the_other_sensor(whole):
    config = tiny()
    config["sensors"]["gyroscope"]["gaf"] = {"field": "summation"}
    sensor = {"gaf sensor=gyroscope", "teacher sensor=gyroscope, seed=0"}
    fusion = {"fusion seed=0", "knowledge source=fusion, seed=0"}
    follows = students("soft_target", "sakdn") | EXPLAIN | END | CONFIG
    assert whole.planned(config) == sensor | fusion | follows


def test_the_unit_of_a_sensor_is_shown_and_trains_nothing(whole):
    config = tiny()
    config["sensors"]["gyroscope"]["unit"] = "deg/s"
    assert whole.planned(config) == EXPLAIN | CONFIG | {"report", "all"}


def test_touching_source_files_runs_nothing(whole):
    now = time.time()
    for folder in ("src", "resources", "config"):
        for path in (whole.checkout / folder).rglob("*"):
            if path.is_file():
                os.utime(path, (now, now))
    assert whole.planned(tiny()) == set()


def test_editing_the_distillation_module_trains_students_and_no_teacher(whole):
    module = whole.checkout / "src/sakdn/students/methods.py"
    before = module.read_text()
    try:
        module.write_text(f"{before}\nTEMPERATURE = 1.0\n")
        jobs = whole.planned(tiny())
    finally:
        module.write_text(before)
    assert jobs == students(*METHODS) | EXPLAIN | END
    assert whole.planned(tiny()) == set()


def test_a_deleted_frame_shard_is_made_again_with_what_reads_it(spare):
    (spare.results / "frames/1.npy").unlink()
    assert spare.planned(tiny()) == {"frames shard=1"} | students(*METHODS) | EXPLAIN | END


def test_second_run_has_nothing_to_do_and_costs_no_more_than_four_starts_of_snakemake(whole):
    start = whole.snakemake("--help", python=sys.executable)
    done = whole.snakemake("--cores", "2", config=tiny(), python=sys.executable)
    assert done.cpu_s < 4 * start.cpu_s
    assert "Nothing to be done" in done.stdout
    assert done.returncode == 0


def test_another_learning_rate_of_the_student_spares_the_teachers(whole):
    jobs = whole.planned(tiny(student={"lr": 0.01}))
    assert jobs == students(*METHODS) | EXPLAIN | END | CONFIG


def test_weights_of_the_student_train_it_and_are_its_input(whole):
    torch.save(torchvision.models.resnet18().state_dict(), whole.folder / "mine.pth")
    config = tiny(student={"backbone": "resnet18", "weights": "mine.pth"})
    jobs = students(*METHODS) | EXPLAIN | END | CONFIG | {"weights"}
    assert whole.planned(config) == jobs
    model = "results/tiny/student/none/seed0/model.json"
    drawn = whole.snakemake("--filegraph", "--", model, config=config).stdout
    assert drawn.count("mine.pth") == 1  # Of what makes this model the student alone reads it.


def test_weights_of_the_teachers_train_all_but_the_student_alone(whole):
    config = tiny(teacher={"backbone": "resnet18", "weights": "IMAGENET1K_V1"})
    rules = {job.split()[0] for job in whole.planned(config)}
    assert rules >= {"published_weights", "weights", "teacher", "fusion", "knowledge", "student"}
    assert not rules & set(DATA)
    assert "student method=none, seed=0" not in whole.planned(config)


def test_resources_do_not_count(whole):
    assert whole.planned(tiny(resources={"student": {"mem_mb": 9000, "runtime": 7}})) == CONFIG | {
        "report",
        "all",
    }


DATA = ("recordings", "frames", "clips", "gaf", "semantics")
PIPELINE = (*DATA, "teacher", "fusion", "knowledge", "student")
CHANGES = {
    "data": {"on_bad_clip": "drop"},
    "split": {"val_subjects": [1]},
    "frames": {"color": "grey"},
    "gaf": {"resize": "image"},
    "gaf.windows": {"windows": {"count": 3}},
    "semantics": {"combine": "mean"},
    "teacher": {"lr": 0.5},
    "fusion": {"lr": 0.5},
    "knowledge": {"score": "semantic"},
    "student": {"lr": 0.5},
    "explain": {"correct": 2},
    "download": {"record": "x.json"},
    "resources": {"student": {"mem_mb": 9000}},
}


@pytest.mark.parametrize("key", CHANGES)
def test_the_table_of_keys_says_what_runs_again(whole, key):
    section = key.partition(".")[0]
    config = tiny()
    config[section] = config.get(section, {}) | CHANGES[key]
    rules = {job.split()[0] for job in whole.planned(config)}
    first = next((rule for rule in (*PIPELINE, "explain") if rule in rules), "")
    assert first == reruns_of(Config, key).rule
