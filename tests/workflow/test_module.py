"""The workflow as a module of another person's workflow, with and without a prefix."""

import re
import subprocess

import pytest
import yaml
from served.session import served_python
from snake import REPO, tiny

pytestmark = pytest.mark.workflow

THEIRS = """
configfile: "run.yaml"

module sakdn:
    snakefile: "{repo}/Snakefile"
    config: config
    {prefix}

use rule * from sakdn as sakdn_*

rule mine:
    input: "{folder}results/tiny/compare/table.md"
    output: "mine.txt"
    default_target: True
    shell: "cp {{input}} {{output}}"
"""


@pytest.fixture(params=["", "below/"], ids=["plain", "prefix"])
def theirs(request, tmp_path):
    """Function that runs their workflow, where it does so, and the prefix."""
    prefix = f"prefix: {request.param!r}" if request.param else ""
    (tmp_path / "workflow").mkdir()
    text = THEIRS.format(repo=REPO, prefix=prefix, folder=request.param)
    (tmp_path / "workflow/Snakefile").write_text(text)
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(tiny()))

    def run(*words):
        command = [served_python(), "-m", "snakemake", "--cores", "2", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout + done.stderr

    return run, tmp_path, request.param


def test_all_jobs_are_planned_and_the_first_ones_run(theirs):
    run, folder, prefix = theirs
    planned = run("-n")
    counts = dict(re.findall(r"^(\w+) +(\d+)$", planned, re.MULTILINE))
    assert {rule: int(n) for rule, n in counts.items()}.items() >= {
        "sakdn_student": 3,
        "sakdn_evaluate": 1,
        "mine": 1,
        "total": 18,
    }.items()
    run(f"{prefix}results/tiny/clips.csv")
    assert (folder / f"{prefix}results/tiny/clips.csv").stat().st_size
    assert (folder / f"{prefix}results/tiny/logs/clips.log").stat().st_size
    assert (folder / "data/demo/manifest.json").exists()  # their recordings are not moved
    assert not (folder / "results").exists() or not prefix
