"""What jobs are given: resources of the config, GPUs that are there, an environment."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sakdn.options.resources import ResourcesOptions
from sakdn.plan import machine
from sakdn.plan.machine import Machine, environment, shell_prefix, visible_gpus

DEFAULTS = ResourcesOptions().model_dump()


def asked(**rules):
    return ResourcesOptions.model_validate(rules).model_dump()


def test_config_goes_before_the_defaults():
    mine = Machine(asked(student={"mem_mb": 9000}), on_cluster=False)
    assert mine.growing("student", "mem_mb")(None, 1) == 9000
    assert mine.growing("student", "runtime")(None, 1) == DEFAULTS["student"]["runtime"]
    assert mine.threads("check") == DEFAULTS["check"]["threads"]


def test_memory_grows_with_every_attempt():
    amount = Machine(DEFAULTS, on_cluster=True).growing("teacher", "mem_mb")
    assert [amount(None, attempt) for attempt in (1, 2, 3)] == [3000, 6000, 9000]


@pytest.mark.parametrize(
    ("there", "on_cluster", "gpus"), [(0, False, 0), (2, False, 1), (0, True, 1)]
)
def test_gpus_of_a_workstation_and_of_a_cluster(monkeypatch, there, on_cluster, gpus):
    monkeypatch.setattr(machine, "visible_gpus", lambda: there)
    assert Machine(DEFAULTS, on_cluster).gpus("student") == gpus
    assert Machine(DEFAULTS, on_cluster).gpus("clips") == 0
    assert Machine(asked(student={"gpu": 0}), on_cluster).gpus("student") == 0


@pytest.mark.parametrize(("hidden", "count"), [("", 0), ("-1", 0), ("0,1", 2)])
def test_hidden_gpus_are_not_counted(monkeypatch, hidden, count):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: [self / "nvidia0", self / "nvidia1"])
    assert visible_gpus() == count


def test_environment_holds_the_checkout_and_the_config(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "before")
    monkeypatch.delenv("SAKDN_GPU_REQUIRED", raising=False)
    made = environment(Path("checkout/src"), {"name": "é"}, on_cluster=False)
    assert made["PYTHONPATH"].split(":") == ["checkout/src", "before"]
    assert json.loads(made["SAKDN_CONFIG"]) == {"name": "é"}
    assert made["SAKDN_GPU_REQUIRED"] == "0"
    assert environment(Path("src"), {}, on_cluster=True)["SAKDN_GPU_REQUIRED"] == "1"
    monkeypatch.setenv("SAKDN_GPU_REQUIRED", "0")
    assert environment(Path("src"), {}, on_cluster=True)["SAKDN_GPU_REQUIRED"] == "0"


def test_prefix_takes_the_python_and_stops_at_the_first_error(tmp_path):
    command = shell_prefix(Path(sys.executable)) + "command -v python; false | true; echo never"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout == f"{Path(sys.executable).parent / 'python'}\n"
    assert done.returncode != 0
    assert shlex.quote(str(Path(sys.executable).parent)) not in shell_prefix(None)
