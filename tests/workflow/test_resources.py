"""What jobs declare against what they use, and GPUs that are there, hidden or not wanted."""

import csv
import os
import re
import subprocess
import sys

import pytest
import yaml
from snake import snakemake, tiny

pytestmark = pytest.mark.workflow
SNAKEMAKE_MB = 256  # On a cluster Snakemake itself runs within a job's memory, twice.
LOAD_TOLERANCE = 1.15

TWO_GPUS = """
from pathlib import Path

glob = Path.glob

def with_gpus(self, pattern, **options):
    if self == Path("/dev"):
        return iter([self / "nvidia0", self / "nvidia1"])
    return glob(self, pattern, **options)

Path.glob = with_gpus
"""


def declared(printed):
    """Of each job that was run: its benchmark file, threads and memory in MB."""
    for block in re.split(r"^(?=(?:local)?rule )", printed, flags=re.MULTILINE):
        benchmark = re.search(r"^    benchmark: (.*)$", block, re.MULTILINE)
        if benchmark:
            threads = re.search(r"^    threads: (\d+)$", block, re.MULTILINE)
            memory_mb = re.search(r"\bmem_mb=(\d+)", block)
            yield benchmark[1], int(threads[1]) if threads else 1, int(memory_mb[1])


def measured(path):
    with path.open(newline="", encoding="utf-8") as file:
        return next(csv.DictReader(file, delimiter="\t"))


def test_no_job_uses_more_memory_than_it_declares(whole):
    peaks_mb = {}
    for benchmark, _, memory_mb in declared(whole.printed):
        peak_mb = measured(whole.folder / benchmark)["max_rss"]
        if peak_mb != "NA":  # too short to be looked at
            peaks_mb[benchmark] = float(peak_mb)
            assert peaks_mb[benchmark] + SNAKEMAKE_MB <= memory_mb, benchmark
    assert len(peaks_mb) > 15
    assert max(peaks_mb.values()) > 300


def test_no_job_keeps_more_processors_busy_than_it_declares(whole):
    loads = {}
    for benchmark, threads, _ in declared(whole.printed):
        loads[benchmark] = float(measured(whole.folder / benchmark)["mean_load"]) / 100
        assert loads[benchmark] <= threads * LOAD_TOLERANCE, benchmark
    assert max(loads.values()) > 0.1


def dry_run(whole, tmp_path, *words, **environment):
    """GPUs that the training of a teacher is given on a machine with two, and its command's."""
    (tmp_path / "sitecustomize.py").write_text(TWO_GPUS)
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(tiny()))
    command = [sys.executable, "-m", "snakemake", "-s", str(whole.checkout / "Snakefile")]
    command += ["--configfile", "run.yaml", "-n", "-p", "--cores", "2", *words]
    kept = {k: v for k, v in os.environ.items() if k != "CUDA_VISIBLE_DEVICES"}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=kept | {"PYTHONPATH": str(tmp_path)} | environment,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    job = re.search(r"^rule teacher:\n(?:.*\n)*?.*\bgpu=(\d)", done.stdout, re.MULTILINE)
    told = re.search(r"python -m sakdn\.teacher .* --gpus (\d)", done.stdout)
    return int(job[1]), int(told[1])


def test_a_job_takes_one_gpu_of_the_machine(whole, tmp_path):
    assert dry_run(whole, tmp_path) == (1, 1)
    assert dry_run(whole, tmp_path, "--resources", "gpu=2") == (1, 1)


def test_gpu_0_forces_the_processor(whole, tmp_path):
    assert dry_run(whole, tmp_path, "--resources", "gpu=0") == (0, 0)


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_hidden_gpus_are_not_counted(whole, tmp_path, hidden):
    assert dry_run(whole, tmp_path, CUDA_VISIBLE_DEVICES=hidden) == (0, 0)


def test_two_gpus_for_a_job_are_refused(whole, tmp_path):
    config = tiny(resources={"student": {"gpu": 2}})
    done = snakemake(whole.checkout, tmp_path, "-n", config=config)
    assert done.returncode != 0
    assert "config: resources.student.gpu: 2 is greater than the maximum of 1" in done.stdout
