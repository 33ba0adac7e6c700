"""The whole DAG on a Slurm cluster, small, with a training that is cancelled on its way."""

import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from workflow.snake import snakemake_command, tiny

from sakdn.options.resources import ResourcesOptions

LIMIT_S = 1800
CANCELLED = "student_none_seed0"
# Snakemake, but its plugin, which looks ten seconds later after each look that found nothing ended,
# keeps looking as often.
LOOKING_OFTEN = """
from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

RemoteExecutor.next_seconds_between_status_checks = property(lambda _: 2, lambda *_: None)
main()
"""
# What each rule asks for, told apart from the defaults and from each other; networks need more.
ASKED = {
    rule: {
        "threads": 1 + (at % 3 == 1),
        "mem_mb": 1100 + 10 * at + 700 * default["gpu"],
        "runtime": 11 + at,
    }
    for at, (rule, default) in enumerate(ResourcesOptions().model_dump().items())
}
ASKED["student"]["runtime"] = 1000
CONFIG = tiny(
    data={"shards": 1, "demo": {"actions": 2, "fps": 5}},
    teacher={"epochs": 1},
    student={"epochs": 50},
    resources=ASKED,
) | {
    "sensors": {"accelerometer": tiny()["sensors"]["accelerometer"]},
    "methods": {"none": {"loss": "none"}, "sakdn": {"loss": "sakdn"}},
}


@dataclass(frozen=True)
class ClusterRun:
    """What a run left: its folder, what Snakemake printed, what Slurm has on record."""

    folder: Path
    code: int
    printed: str
    jobs: list[dict[str, str]]

    def of_rule(self, rule):
        return [job for job in self.jobs if rule_of(job) == rule]


def rule_of(job):
    """The plugin writes rule and wildcards into the comment of a job."""
    return job["Comment"].removeprefix("rule_").split("_wildcards_")[0]


def run_on(slurm, checkout, folder):
    """Runs it to the end; the first job of `CANCELLED` gets `scancel` in its training.

    As in the README, but it looks at its short jobs sooner and more often.
    """
    words = ["--workflow-profile", str(checkout / "profiles/slurm"), "--latency-wait", "10"]
    words += ["--slurm-init-seconds-before-status-checks", "2"]
    python, _, _, *words = snakemake_command(checkout, folder, *words, config=CONFIG)
    command = [python, "-c", LOOKING_OFTEN, *words]
    log = folder / "printed.txt"
    with log.open("w") as printed:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            cwd=folder,
            env=slurm.env | {"SAKDN_GPU_REQUIRED": "0"},  # Its GPUs are none.
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        limit = time.monotonic() + LIMIT_S
        try:
            while process.poll() is None and not cancelled_in_training(slurm, folder):
                assert time.monotonic() < limit, log.read_text()[-3000:]
                time.sleep(0.2)
            process.wait(timeout=limit - time.monotonic())
        finally:
            end(process)
    return ClusterRun(folder, process.returncode, log.read_text(), slurm.jobs())


def cancelled_in_training(slurm, folder):
    """Whether the training has begun, and so was cancelled."""
    log = folder / f"results/tiny/logs/{CANCELLED}.log"
    if not log.exists() or "epoch 1/" not in log.read_text():
        return False
    job = next(job for job in slurm.jobs() if rule_of(job) == "student")
    slurm.call("scancel", job["JobId"])
    return True


def end(process):
    """Snakemake cancels its jobs at SIGINT."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
