import os
import platform
import signal
import subprocess
import sys
import time
import uuid
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from sakdn.base import cpu, device, gpu
from sakdn.base.device import choose_device, device_name, gpu_ids
from sakdn.base.errors import InputError

SOURCE = Path(device.__file__).parents[2]
JOB = """
import sys, time
from sakdn.base.gpu import take_gpu
place = take_gpu(sys.argv[2:], look_every_s=0.02)
start = time.monotonic()
print(place, flush=True)
time.sleep(float(sys.argv[1]))
print(start, time.monotonic(), flush=True)
"""


@pytest.fixture
def ids():
    """Ids that no other test has."""
    return [f"GPU-{uuid.uuid4()}" for _ in range(2)]


@pytest.fixture
def job():
    """Starts processes that take a GPU for some seconds; none outlives the test."""
    started = []

    def start(seconds, ids):
        process = subprocess.Popen(
            [sys.executable, "-c", JOB, str(seconds), *ids],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(SOURCE)},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_for(process, words):
    """Reads the job's log up to a line with `words`."""
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"never said {words!r}")


def test_more_jobs_than_gpus_never_share_one(ids, job):
    held = {0: [], 1: []}
    for process in [job(0.15, ids) for _ in range(6)]:
        place, times = process.communicate(timeout=60)[0].splitlines()
        held[int(place)].append([float(time) for time in times.split()])
    assert all(held.values())
    for times in held.values():
        times.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(times))


def test_a_killed_job_frees_its_gpu_for_the_one_that_waits(ids, job):
    holders = [job(60, ids), job(60, ids)]
    places = [int(process.stdout.readline()) for process in holders]
    assert sorted(places) == [0, 1]
    waiting = job(0, ids)
    line = wait_for(waiting, "waits for a GPU")
    assert "all 2" in line
    assert "--gpus 0" in line
    assert waiting.poll() is None
    holders[1].send_signal(signal.SIGKILL)
    assert int(waiting.stdout.readline()) == places[1]
    assert holders[0].poll() is None


def test_a_waiting_job_uses_hardly_any_processor_time(ids, job, monkeypatch):
    holder = job(60, ids[:1])
    holder.stdout.readline()
    looks = []

    def sleep(seconds):
        looks.append(seconds)
        if len(looks) == 3:
            holder.kill()
            holder.wait()

    monkeypatch.setattr(time, "sleep", sleep)
    assert gpu.take_gpu(ids[:1]) == 0
    assert looks[:3] == [5.0, 5.0, 5.0]


def test_a_process_that_asks_again_keeps_its_gpu(ids, job):
    assert gpu.take_gpu(ids) == 0
    assert gpu.take_gpu(ids) == 0
    other = job(0, ids)
    assert int(other.stdout.readline()) == 1


@pytest.fixture
def two_gpus(ids, monkeypatch):
    """A machine that seems to have two GPUs; the list of those that were selected."""
    selected = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(
        torch.cuda, "get_device_properties", lambda index: SimpleNamespace(uuid=ids[index])
    )
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA X")
    monkeypatch.setattr(torch.cuda, "set_device", selected.append)
    monkeypatch.setattr(device, "tried_out", lambda _: "")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return selected


def test_a_stage_computes_on_the_gpu_that_is_free(two_gpus, ids, job):
    assert int(job(60, ids).stdout.readline()) == 0
    chosen = choose_device(1, 1)
    assert chosen == torch.device("cuda", 1)
    assert two_gpus == [chosen]
    assert device_name(chosen) == "NVIDIA X (GPU 1)"


def test_without_a_granted_gpu_none_is_taken(two_gpus, ids, job):
    assert choose_device(0, 1) == torch.device("cpu")
    assert two_gpus == []
    assert int(job(0, ids).stdout.readline()) == 0


def test_without_a_gpu_the_processor_does_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device(1, 1) == torch.device("cpu")


def too_old():
    raise RuntimeError("The NVIDIA driver on your system is too old (found version 11040).\nUpdate")


@pytest.fixture
def old_driver(tmp_path, monkeypatch):
    facts = tmp_path / "version"
    facts.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.57.02  Tue Jul 13\n")
    monkeypatch.setattr(device, "GPU_FACTS", facts)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "init", too_old)
    return "for CUDA 13.0; NVIDIA driver: 470.57.02) cannot use: The NVIDIA driver on your system"


def test_a_gpu_that_cannot_be_used_is_said_aloud(old_driver, monkeypatch, capsys):
    monkeypatch.delenv("SAKDN_GPU_REQUIRED", raising=False)
    assert choose_device(1, 1) == torch.device("cpu")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("WARNING: a GPU was granted")
    assert old_driver in line


def test_a_gpu_that_cannot_be_used_ends_a_cluster_s_job(old_driver, monkeypatch):
    monkeypatch.setenv("SAKDN_GPU_REQUIRED", "1")
    assert choose_device(0, 1) == torch.device("cpu")
    with pytest.raises(InputError) as error:
        choose_device(1, 1)
    assert old_driver in str(error.value)
    assert "set gpu: 0" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_gpu_too_old_for_the_build_is_not_used(two_gpus, monkeypatch):
    monkeypatch.setenv("SAKDN_GPU_REQUIRED", "1")
    monkeypatch.setattr(device, "tried_out", lambda _: "no kernel image is available")
    with pytest.raises(InputError, match="cannot use: no kernel image is available"):
        choose_device(1, 1)


def test_a_slice_of_a_gpu_is_not_the_whole(two_gpus, ids, monkeypatch):
    assert gpu_ids() == ids
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "MIG-1234,MIG-5678")
    assert gpu_ids() == ["MIG-1234"]


def test_the_processor_has_a_name(tmp_path, monkeypatch):
    facts = tmp_path / "cpuinfo"
    facts.write_text("processor\t: 0\nmodel name\t: Fast X 9\n\nmodel name\t: Fast X 9\n")
    monkeypatch.setattr(cpu, "CPU_FACTS", facts)
    choose_device(0, 1)
    assert device_name(torch.device("cpu")) == "CPU Fast X 9, 1 thread"
    monkeypatch.setattr(cpu, "CPU_FACTS", tmp_path / "none")
    assert device_name(torch.device("cpu")) == f"CPU {platform.machine()}, 1 thread"
