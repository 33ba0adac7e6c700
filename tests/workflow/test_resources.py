"""What jobs declare against what they use, and GPUs that are there, hidden or not wanted."""

import csv
import os
import re
import subprocess

import pytest
import yaml
from served.session import served_python
from snake import declared, snakemake, tiny

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


def measured(whole):
    """Of each job that was run: its name, threads and memory as declared, and what it used."""
    planned = whole.snakemake("-n", "-F", config=tiny()).stdout
    for stem, threads, memory_mb in declared(planned):
        folder = whole.folder if stem == "demo_data" else whole.results
        yield stem, threads, memory_mb, benchmark(folder / f"benchmarks/{stem}.tsv")


def benchmark(path):
    with path.open(newline="", encoding="utf-8") as file:
        return next(csv.DictReader(file, delimiter="\t"))


def test_no_job_uses_more_memory_than_it_declares(whole):
    peaks_mb = {}
    for job, _, memory_mb, used in measured(whole):
        if used["max_rss"] != "NA":  # too short to be looked at
            peaks_mb[job] = float(used["max_rss"])
            assert peaks_mb[job] + SNAKEMAKE_MB <= memory_mb, job
    assert len(peaks_mb) > 15
    assert max(peaks_mb.values()) > 300


def test_no_job_keeps_more_processors_busy_than_it_declares(whole):
    loads = {}
    for job, threads, _, used in measured(whole):
        loads[job] = float(used["mean_load"]) / 100
        assert loads[job] <= threads * LOAD_TOLERANCE, job
    assert max(loads.values()) > 0.1


def dry_run(whole, tmp_path, *words, **environment):
    """GPUs that the training of a teacher is given on a machine with two, and its command's."""
    (tmp_path / "sitecustomize.py").write_text(TWO_GPUS)
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(tiny()))
    command = [served_python(), "-m", "snakemake", "-s", str(whole.checkout / "Snakefile")]
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
    job = re.search(r"^teacher .*\bgpu=(\d)", done.stdout, re.MULTILINE)
    told = re.search(r"python -m sakdn\.stages\.teacher .* --gpus (\d)", done.stdout)
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
