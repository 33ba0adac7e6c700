"""`profiles/slurm` on a real Slurm; what jobs asked for and got is read from Slurm's records."""

import re

import pytest
from cluster_run import ASKED, CANCELLED, CONFIG, rule_of, run_on
from workflow.snake import copy_checkout, snakemake

from sakdn.options.resources import ResourcesOptions

pytestmark = pytest.mark.slurm

GPU_RULES = {rule for rule, asked in ResourcesOptions().model_dump().items() if asked["gpu"]}
LOCAL_RULES = {"all", "effective_config"}
CPU_RULES = {
    "demo_data",
    "weights",
    "recordings",
    "clips",
    "frames",
    "gaf",
    "semantics",
    "compare",
    "report",
}


@pytest.fixture(scope="module")
def run(slurm, tmp_path_factory):
    base = tmp_path_factory.mktemp("run")
    return run_on(slurm, copy_checkout(base / "checkout"), base)


@pytest.fixture(scope="module")
def first(run):
    """The first job of every rule."""
    return {rule_of(job): job for job in reversed(run.jobs)}


def minutes(limit):
    """Of Slurm's `days-hours:minutes:seconds`."""
    days, _, clock = limit.rpartition("-")
    hours, mins, _ = map(int, clock.split(":"))
    return int(days or 0) * 1440 + hours * 60 + mins


def asked_by(rule):
    """Two rules have no key of their own."""
    return ASKED[{"compare": "report", "recordings": "clips"}.get(rule, rule)]


def test_dry_run_without_slurm(tmp_path):
    long = {"student": {"runtime": 5000}}
    words = ("-n", "--workflow-profile", str(copy_checkout(tmp_path / "c") / "profiles/slurm"))
    done = snakemake(tmp_path / "c", tmp_path, *words, config=CONFIG | {"resources": long})
    assert done.returncode == 0, done.stdout[-3000:]
    jobs = re.findall(r"^(\w+)(?: \S.*)? \((threads=.*?)\): ", done.stdout, re.MULTILINE)
    asked = {rule: dict(re.findall(r"(\w+)=([^,\s]+)", text)) for rule, text in jobs}
    assert asked.keys() == GPU_RULES | CPU_RULES | LOCAL_RULES
    for rule in GPU_RULES | CPU_RULES:
        resources = asked[rule]
        assert (resources["gpu"] != "0") == (rule in GPU_RULES), rule
        assert resources["slurm_partition"] == ("gpu" if rule in GPU_RULES else "cpu"), rule
    assert asked["student"]["runtime"] == "1440"  # the profile's limit


def test_the_whole_dag_is_done(run):
    assert run.code == 0, run.printed[-6000:]
    assert (run.folder / "results/tiny/report.html").stat().st_size
    assert {rule_of(job) for job in run.jobs} == GPU_RULES | CPU_RULES
    ends = [job["JobState"] for job in run.jobs]
    assert ends.count("COMPLETED") == len(ends) - 1  # the one that was cancelled


def test_gpu_rules_got_a_gpu_on_the_gpu_partition(run):
    for job in run.jobs:
        if rule_of(job) in GPU_RULES:
            assert job["TresPerJob"] == "gres:gpu:1", job
            assert (job["Partition"], job["NodeList"]) == ("gpu", "gpu1"), job


def test_cpu_rules_took_no_gpu_and_no_gpu_node(run):
    for job in run.jobs:
        if rule_of(job) in CPU_RULES:
            assert "gpu" not in job.get("TresPerJob", "") + job["TRES"], job
            assert (job["Partition"], job["NodeList"]) == ("cpu", "cpu1"), job


def test_jobs_have_the_memory_time_and_threads_of_their_rule(first):
    for rule, job in first.items():
        got = {"threads": int(job["NumCPUs"]), "runtime": minutes(job["TimeLimit"])}
        got["mem_mb"] = int(job["MinMemoryNode"].removesuffix("M"))
        assert got == asked_by(rule), rule


def test_a_cancelled_training_goes_on_with_more_at_the_next_attempt(run):
    jobs = [job for job in run.of_rule("student") if "_none_" in job["Comment"]]
    assert [job["JobState"] for job in jobs] == ["CANCELLED", "COMPLETED"]
    asked = ASKED["student"]
    assert jobs[1]["MinMemoryNode"] == f"{2 * asked['mem_mb']}M"
    assert minutes(jobs[1]["TimeLimit"]) == 1440 < 2 * asked["runtime"]
    log = (run.folder / f"results/tiny/logs/{CANCELLED}.log").read_text()
    assert re.search(r"resumes after epoch [1-9]", log), log


def test_jobs_bear_the_name_by_which_the_readme_cancels_them(run):
    assert all(job["JobName"].startswith("sakdn_") for job in run.jobs)


def test_no_log_of_a_success_is_kept_twice(run):
    kept = {path.stem for path in (run.folder / ".snakemake/slurm_logs").rglob("*.log")}
    assert kept == {job["JobId"] for job in run.jobs if job["JobState"] != "COMPLETED"}
