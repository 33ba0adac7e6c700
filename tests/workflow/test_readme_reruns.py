"""Every line of the README's table of what runs again, as it is written there."""

import os
import re
import shutil

import pandas as pd
import pytest
import test_cross_validation
from snake import REPO, Run, rules_of, started, tiny

pytestmark = pytest.mark.workflow
END = {"compare", "report", "all"}
FOLLOWS = END | {"student", "evaluate", "explain"}
TAUGHT = FOLLOWS | {"teacher", "fusion", "knowledge"}
CONFIG = {"effective_config"}
VIDEO, SIGNAL = "RGB/a1_s1_t1_color.avi", "Inertial/a1_s1_t1_inertial.mat"


def rows():
    section = (REPO / "README.md").read_text().split("| change | what runs again |")[1]
    cells = re.findall(r"^\| (.+?) \| .+ \|$", section.split("\n\n")[0], re.MULTILINE)
    return [cell for cell in cells if cell != "---"]


def loss_weight(run):
    jobs = run.planned(tiny(methods={"sakdn": {"loss": "sakdn", "gsdm_weight": 3.0}}))
    trained = {job for job in jobs if job.startswith(("student", "evaluate"))}
    assert trained == {"student method=sakdn, seed=0", "evaluate seed=0"}
    assert rules_of(jobs) == FOLLOWS | CONFIG


def seed(run):
    jobs = run.planned(tiny(seeds=[0, 1]))
    assert not [job for job in jobs if "seed=0" in job]
    assert rules_of(jobs) == (TAUGHT | CONFIG) - {"explain"}


def weights(run):
    config = tiny(student={"backbone": "resnet18", "weights": "IMAGENET1K_V1"})
    assert rules_of(run.planned(config)) == FOLLOWS | CONFIG | {"weights", "published_weights"}


def images(run):
    config = tiny()
    config["sensors"]["gyroscope"]["gaf"] = {"field": "summation"}
    jobs = run.planned(config)
    assert {job for job in jobs if job.startswith(("gaf", "teacher"))} == {
        "gaf sensor=gyroscope",
        "teacher sensor=gyroscope, seed=0",
    }
    assert rules_of(jobs) == TAUGHT | CONFIG | {"gaf"}


def other_content(run, path):
    folder = run.folder / "data/demo"
    shutil.copy(folder / path.replace("_s1_", "_s2_"), folder / path)
    return run.planned(tiny())


def signal(run):
    assert rules_of(other_content(run, SIGNAL)) == TAUGHT | {"gaf"}


def video(run):
    jobs = other_content(run, VIDEO)
    assert rules_of(jobs) == FOLLOWS | {"frames"}
    assert len([job for job in jobs if job.startswith("frames")]) == 1


def added(run):
    folder = run.folder / "data/demo"
    for path in (VIDEO, SIGNAL):
        shutil.copy(folder / path, folder / path.replace("_t1_", "_t3_"))
    everything = TAUGHT | {"recordings", "clips", "frames", "gaf", "semantics"}
    assert rules_of(run.planned(tiny())) == everything
    its_shard_alone(run)
    for path in (VIDEO, SIGNAL):
        (folder / path.replace("_t1_", "_t3_")).unlink()
    assert run.planned(tiny()) == set()
    for path in (VIDEO, SIGNAL):
        (folder / path).unlink()
    assert rules_of(run.planned(tiny())) == everything


def its_shard_alone(run):
    """Runs what lists and decodes, in a copy of the run."""
    copy = Run(run.checkout, run.folder.with_name("copy"))
    shutil.copytree(run.folder, copy.folder)
    before = {shard: rows_of(copy, shard) for shard in range(2)}
    shards = [f"results/tiny/frames/{shard}.npy" for shard in range(2)]
    done = copy.snakemake("--cores", "2", *shards, config=tiny())
    assert done.returncode == 0, done.stdout[-3000:]
    (grown,) = (shard for shard in range(2) if rows_of(copy, shard) != before[shard])
    assert set(started(done.stdout)) == {"recordings", f"frames shard={grown}"}
    old = len(before[grown].split()) - 1
    said = f"frames: {old + 1} of {old + 1} videos are stored already"  # Of the same content.
    assert said in (copy.results / f"logs/frames_{grown}.log").read_text()
    assert copy.planned(tiny(), *shards) == set()


def rows_of(run, shard):
    return (run.results / f"videos/{shard}.csv").read_text()


def date(run):
    for path in (VIDEO, SIGNAL):
        os.utime(run.folder / "data/demo" / path)
    assert run.planned(tiny()) == set()


def split(run):
    jobs = rules_of(run.planned(tiny(split={"val_subjects": [1]})))
    assert jobs == TAUGHT | CONFIG | {"clips", "gaf", "semantics"}


def label(run):
    """The run's clips as somebody's own table, in which labels and split are changed."""
    table = pd.read_csv(run.results / "clips.csv", dtype=str)
    data = {"source": "table", "root": "data/demo", "table": "mine.csv"}
    config = tiny(data=data, split={"protocol": "column"})
    for sensor in config["sensors"].values():
        del sensor["path"]
    shards = [f"results/tiny/frames/{shard}.npy" for shard in range(2)]
    targets = ["results/tiny/clips.csv", *shards]
    table.to_csv(run.folder / "mine.csv", index=False)
    done = run.snakemake("--cores", "2", *targets, config=config)
    assert done.returncode == 0, done.stdout[-3000:]
    for shard in range(2):
        log = (run.results / f"logs/frames_{shard}.log").read_text()
        of = len(rows_of(run, shard).split()) - 1
        assert f"frames: {of} of {of} videos are stored already" in log
    other = table.assign(split=table["split"].replace({"train": "val", "val": "train"}))
    other.loc[0, ["action", "action_name"]] = other.iloc[-1][["action", "action_name"]]
    other.to_csv(run.folder / "mine.csv", index=False)
    assert run.planned(config, *targets) == {"clips"}
    table.assign(subject=table["subject"] + "x").to_csv(run.folder / "mine.csv", index=False)
    assert rules_of(run.planned(config, *targets)) == {"recordings", "clips", "frames"}


def shares(run):
    config = tiny(tune={"shares": [0.2], "folds": 2})
    assert rules_of(run.planned(config)) <= CONFIG | {"report", "all"}
    students = {job for job in run.planned(config, "tune") if job.startswith("student")}
    assert {"fold=0", "method=sakdn-0.2", "seed=0"} <= set(
        " ".join(students).replace(",", "").split()
    )


def code(run, line="TEMPERATURE = 1.0"):
    module = run.checkout / "src/sakdn/students/methods.py"
    before = module.read_text()
    try:
        module.write_text(f"{before}\n{line}\n")
        return rules_of(run.planned(tiny()))
    finally:
        module.write_text(before)


def formula(run):
    assert code(run) == FOLLOWS


def comment(run):
    assert code(run, "# a word") == set()


CASES = {
    "the weight of a loss of `methods.sakdn`": loss_weight,
    "another share in `tune.shares`": shares,
    "another seed in `seeds`": seed,
    "`student.weights`, or the file that it names": weights,
    "`sensors.<name>.gaf`": images,
    "a signal": signal,
    "a video": video,
    "a recording added or removed": added,
    "the date of a recording": date,
    "`split`": split,
    "a label or a side in a table of your own": label,
    "what a source file does": formula,
    "a comment, a docstring, a message, the place of checkout or results, a second clone": comment,
}


# Needs a run of its own, which that test makes.
ELSEWHERE = {
    "`split.only_folds`, a fold added or its folder deleted": (
        test_cross_validation.test_a_fold_that_is_added_or_deleted_runs_alone
    )
}


def test_every_line_has_a_case():
    assert sorted(rows()) == sorted(CASES | ELSEWHERE)


@pytest.mark.parametrize("line", CASES)
def test_line(spare, line):
    CASES[line](spare)
