"""The file of `--sdm conda` stands alone and installs what the lock says."""

import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from snake import REPO

ENVS = REPO / "envs"
SHIPPED = (ENVS / "sakdn.yaml").read_text(encoding="utf-8")
LOCK = (ENVS / "requirements.lock").read_text(encoding="utf-8")


def packages():
    """What pip is to install."""
    *_, last = yaml.safe_load(SHIPPED)["dependencies"]
    return last["pip"]


def test_it_is_what_make_lock_makes():
    assert runpy.run_path(str(ENVS / "conda_env.py"))["conda_env"](LOCK) == SHIPPED
    assert "python envs/conda_env.py" in (REPO / "Makefile").read_text()


def test_it_holds_every_package_of_the_lock_and_refers_to_no_file():
    names = re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE)
    assert [line.partition("==")[0] for line in packages()] == names
    assert all(re.fullmatch(r"[\w.-]+==[\w.+]+( ; .+)?", line) for line in packages())
    assert "://" not in SHIPPED


def test_a_quote_or_an_unknown_line_of_a_lock_is_not_taken():
    made = runpy.run_path(str(ENVS / "conda_env.py"))["conda_env"]
    lock = "# a comment\na==1 ; sys_platform == 'x' \\\n    --hash=sha256:00\nb==2.0\n"
    assert yaml.safe_load(made(lock))["dependencies"][-1] == {
        "pip": ["a==1 ; sys_platform == 'x'", "b==2.0"]
    }


@pytest.mark.slow
def test_what_it_lists_can_be_installed_from_an_empty_folder(tmp_path):
    uv = shutil.which("uv") or pytest.skip("needs uv")
    wanted = tmp_path / "wanted.txt"
    wanted.write_text("\n".join(packages()))
    words = ["pip", "compile", "-q", "--no-header", "--python-version", "3.12"]
    done = subprocess.run(
        [uv, *words, str(wanted)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "torch==" in done.stdout
    assert not list(Path(tmp_path).glob("*.lock"))
