"""What stands in more than one file of the project, because its readers want it there, agrees."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def read_yaml(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_github_runs_the_steps_of_the_own_checks():
    jobs = read_yaml(".github/workflows/ci.yml")["jobs"].values()
    commands = [step.get("run", "") for job in jobs for step in job["steps"]]
    there = [word for text in commands for word in re.findall(r"\bmake [\w-]+", text)]
    assert there == re.findall(r"^make [\w-]+", (ROOT / ".ci/run").read_text(), re.MULTILINE)


def test_every_hook_is_a_tool_of_make_lint():
    (repository,) = read_yaml(".pre-commit-config.yaml")["repos"]
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    for hook in repository["hooks"]:
        tool = " ".join(word for word in hook["entry"].split() if not word.startswith("-"))
        assert tool.replace(".venv/bin", "$(BIN)") in lint, tool


def test_the_version_is_the_last_one_of_the_changelog_and_the_one_to_cite():
    released = re.findall(r"^## (\d+\.\d+\.\d+) - ", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert (released[0], read_yaml("CITATION.cff")["version"]) == (VERSION, VERSION)
