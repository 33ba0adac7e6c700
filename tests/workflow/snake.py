"""Runs Snakemake as a user does, on a copy of the checkout and a very small config."""

import compileall
import copy
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml
from served.session import served_python

from sakdn.base.syntax import read_syntax

REPO = Path(__file__).parents[2]
PARTS = ("Snakefile", "config", "envs", "profiles", "resources", "src", "workflow")
LONG = ("frames", "gaf", "teacher", "fusion", "knowledge", "student")

TINY = {
    "name": "tiny",
    "seeds": [0],
    "data": {
        "source": "demo",
        "root": "data/demo",
        "video": "RGB/{clip}_color.avi",
        "classes": "data/demo/classes.txt",
        "shards": 2,
        "demo": {
            "actions": 3,
            "subjects": 4,
            "trials": 2,
            "width_px": 48,
            "height_px": 40,
            "fps": 8,
        },
    },
    "split": {"protocol": "cross_subject", "train_subjects": [1, 2], "test_subjects": [3, 4]},
    "sensors": {
        "accelerometer": {
            "path": "Inertial/{clip}_inertial.mat",
            "variable": "d_iner",
            "columns": [0, 1, 2],
        },
        "gyroscope": {
            "path": "Inertial/{clip}_inertial.mat",
            "variable": "d_iner",
            "columns": [3, 4, 5],
        },
    },
    "frames": {"short_side_px": 32},
    "gaf": {"field": "both", "scaling": "dataset", "image_size_px": 32, "resize": "paa"},
    "semantics": {"vectors": "resources/glove/glove.6B.100d.subset.txt"},
    "teacher": {"epochs": 2, "width": 4},
    "fusion": {"epochs": 1},
    "knowledge": {"map_sizes_px": [8, 4, 2, 2, 1]},
    "student": {"epochs": 1, "size_px": 28, "width": 4, "segments": 3},
    "methods": {
        "none": {"loss": "none"},
        "soft_target": {"loss": "soft_target"},
        "sakdn": {"loss": "sakdn"},
    },
}


@dataclass(frozen=True)
class Run:
    """A working directory, the checkout that it is run with, and what the run printed."""

    checkout: Path
    folder: Path
    printed: str = ""

    @property
    def results(self):
        return self.folder / "results/tiny"

    def snakemake(self, *words, config=None, python=None):
        return snakemake(self.checkout, self.folder, *words, config=config, python=python)

    def planned(self, config, *targets):
        """Jobs of a dry-run, each its rule and wildcards."""
        done = self.snakemake("--quiet", "host", "-n", *targets, config=config)
        assert done.returncode == 0, done.stdout[-4000:]
        return set(started(done.stdout))


def tiny(**sections):
    """The small config, with keys of some sections changed."""
    config = copy.deepcopy(TINY)
    for name, value in sections.items():
        if isinstance(value, dict):
            config.setdefault(name, {}).update(value)
        else:
            config[name] = value
    return config


@cache
def compile_checkout():
    """Leaves bytecode and what is kept beside it, so that no copy has to make its own."""
    compileall.compile_dir(REPO / "src", quiet=2)
    for path in (REPO / "src").rglob("*.py"):
        read_syntax(path)


def copy_checkout(target):
    """What a run needs of the checkout, so that a test may edit it, less what is half written."""
    compile_checkout()
    half_written = shutil.ignore_patterns("*.tmp", "*.pyc.*")
    for part in PARTS:
        source = REPO / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=half_written)
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / part)
    return target


def snakemake_command(checkout, folder, *words, config=None, python=sys.executable):
    """Command line that runs the `Snakefile` of `checkout` in `folder`; writes the config."""
    command = [python, "-m", "snakemake", "--directory", str(folder)]
    command += ["-s", str(checkout / "Snakefile")]
    if config is not None:
        path = folder / "run.yaml"
        path.write_text(yaml.safe_dump(config, sort_keys=False))
        command += ["--configfile", str(path)]
    return [*command, *words]


class Done(NamedTuple):
    """A run of Snakemake; `cpu_s` is what it and its jobs took, but for those of a server."""

    args: list[str]
    returncode: int
    stdout: str
    cpu_s: float


def snakemake(checkout, folder, *words, config=None, python=None):
    """Runs the `Snakefile` of `checkout` in `folder`; its two streams come back as one.

    It and its jobs are served by forks (`served`), unless `python` says what runs them.
    """
    with subprocess.Popen(
        snakemake_command(
            checkout, folder, *words, config=config, python=python or served_python()
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env={key: value for key, value in os.environ.items() if key != "SNAKEMAKE_PROFILE"},
    ) as process:
        printed = process.stdout.read()
        _, status, spent = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Done(process.args, process.returncode, printed, spent.ru_utime + spent.ru_stime)


def started(printed):
    """Jobs that a dry-run plans or a run ended, such as `teacher sensor=gyroscope, seed=0`."""
    job = r"(\w+(?: \w+=[\w.-]+(?:, \w+=[\w.-]+)*)?)"
    planned = re.findall(rf"^{job} \(threads=.*\): ", printed, re.MULTILINE)
    ended = rf"^[\d:]+ (?:done \d+/\d+ in|FAILED after) \d+ s: {job}(?::|$)"
    done = re.findall(ended, printed, re.MULTILINE)
    return planned + done


def declared(printed):
    """Of each job of a dry-run with resources: stem of its benchmark, threads, memory in MB."""
    line = r"^(\w+)(?: (\w+=.*?))? \((threads=.*?)\): "
    for rule, wildcards, text in re.findall(line, printed, re.MULTILINE):
        amounts = dict(re.findall(r"(\w+)=(\d+)", text))
        if "mem_mb" in amounts:
            values = wildcards.replace("seed=", "=seed").split(", ") if wildcards else []
            stem = "_".join([rule, *(value.partition("=")[2] for value in values)])
            yield stem, int(amounts["threads"]), int(amounts["mem_mb"])


def rules_of(jobs):
    return {job.split()[0] for job in jobs}
