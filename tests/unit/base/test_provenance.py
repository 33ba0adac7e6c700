import importlib.util
import json
import shutil
import subprocess
import sys

import pytest

from sakdn.base import provenance
from sakdn.base.provenance import Cost

BUSY = "import time\nwhile time.process_time() < 0.4: pass"
WHO = ("-c", "user.name=a", "-c", "user.email=a@b.c")


@pytest.fixture
def tree(tmp_path):
    """A repository with a package in it, and a file beside the package."""
    package = tmp_path / "src/base"
    package.mkdir(parents=True)
    shutil.copy(provenance.__file__, package / "provenance.py")
    (tmp_path / ".gitignore").write_text("__pycache__/\n")
    git(tmp_path, "init", "-q")
    return tmp_path


def git(folder, *words):
    done = subprocess.run(
        ["git", "-C", str(folder), *WHO, *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(tree):
    git(tree, "add", "src")
    git(tree, "commit", "-q", "-m", "code")
    return git(tree, "rev-parse", "HEAD")


def state(tree):
    """What the module in the repository says of it."""
    spec = importlib.util.spec_from_file_location("copied", tree / "src/base/provenance.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["copied"] = module  # dataclasses look it up
    spec.loader.exec_module(module)
    return module.git_state()


def test_commit_of_clean_code_whatever_lies_beside_it(tree):
    head = commit(tree)
    (tree / "my_config.yaml").write_text("name: mine\n")
    assert state(tree) == {"commit": head, "dirty": False}


def test_changed_code_is_dirty(tree):
    head = commit(tree)
    (tree / "src/new.py").write_text("")
    assert state(tree) == {"commit": head, "dirty": True}


def test_a_repository_that_the_code_is_not_part_of_says_nothing(tree):
    (tree / "other.txt").write_text("")
    git(tree, "add", "other.txt")
    git(tree, "commit", "-q", "-m", "something else")
    assert state(tree) == {}


def test_configuration_of_the_run(monkeypatch):
    config = {"name": "größer", "seeds": [0, 1]}
    monkeypatch.setenv("SAKDN_CONFIG", json.dumps(config))
    assert provenance.provenance("cpu")["config"] == config
    monkeypatch.delenv("SAKDN_CONFIG")
    assert provenance.provenance("cpu")["config"] is None


def test_cost_counts_the_processes_that_a_stage_starts():
    cost = Cost(wall_s=10, cpu_s=20)
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    spent = cost.total()
    assert 20.38 <= spent["cpu_s"] < 30
    assert 10.4 <= spent["wall_s"] < 60
    assert spent["peak_memory_mb"] > 10
