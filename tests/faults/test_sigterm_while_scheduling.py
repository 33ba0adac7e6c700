"""SIGTERM at the moment at which Snakemake's scheduler holds its lock."""

import subprocess
import sys

import pytest
from killing import Checkout
from workflow.snake import REPO, tiny

# Snakemake that is sent the signal while it finishes jobs, which it does within the lock.
SNAKEMAKE = """
import os, signal, sys
from snakemake.cli import main
from snakemake.scheduling.job_scheduler import JobScheduler

finish_jobs, rounds = JobScheduler._finish_jobs, []

def within_the_lock(scheduler):
    assert scheduler._lock.locked()
    rounds.append(1)
    if len(rounds) == 1:
        os.kill(os.getpid(), signal.SIGTERM)
    finish_jobs(scheduler)

JobScheduler._finish_jobs = within_the_lock
main(sys.argv[1:])
"""
HANGS_S = 300


@pytest.mark.workflow
def test_sigterm_in_the_schedulers_lock_ends_the_run_in_order(tmp_path):
    run = Checkout(REPO, tmp_path, tiny())
    words = run.command("--cores", "1", "--", "data/demo/manifest.json")[3:]
    command = [sys.executable, "-c", SNAKEMAKE, *words]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=HANGS_S
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not [*(tmp_path / ".snakemake/locks").glob("*")]
