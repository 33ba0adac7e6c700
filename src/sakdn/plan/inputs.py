"""What a rule depends on that no rule makes: code, and files of the user's own.

Files that come with the checkout count by their content alone, whoever has them and wherever.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sakdn.base.errors import InputError
from sakdn.base.files import read_json
from sakdn.base.resources import find_resource, is_resource
from sakdn.base.sources import code_digest, data_digest
from sakdn.options.weights import is_name, weights_file


def code(stage: str, *paths: str | None) -> str:
    """Digest of a stage's code and of those of `paths` that come with it; a parameter of its rule.

    Args:
        stage: its module.
        paths: files that it reads, as the config names them.
    """
    resources = [find_resource(path) for path in paths if path and is_resource(path)]
    return " ".join([code_digest(stage), *map(data_digest, resources)])


def own_tables(config: Mapping[str, Any]) -> list[str]:
    """Files of the user's own that say what the clips are; the stage says which are missing."""
    if config["data"]["source"] == "demo":
        return []
    paths = [config["data"].get(key) for key in ("table", "annotations", "classes")]
    return [path for path in own(*paths) if Path(path).exists()]


def check_weights(config: Mapping[str, Any]) -> None:
    """Raises InputError for a file of weights, named by its path, that is not there."""
    for role in ("student", "teacher"):
        file = config[role]["weights"]
        if file in (None, "", "none") or is_name(file):
            continue
        if not find_resource(file).is_file():
            raise InputError(
                f"config: {role}.weights: {file}: no such file; correct the path, or give the name"
                " of published weights"
            )


def refuse_misfits(networks: Mapping[str, Mapping[str, str]], noted: Path) -> None:
    """Refuses files of weights that are there and do not fit, in a process of its own.

    That takes seconds, which only a run pays that has such files and has not noted them down since
    they were changed.

    Args:
        networks: backbone and weights by role, as the stage `weights` takes them.
        noted: what that stage wrote, if it ran.

    Raises:
        InputError: what the stage says.
    """
    files = {
        role: weights_file(each["backbone"], each["weights"]) for role, each in networks.items()
    }
    there = {role: find_resource(str(file)) for role, file in files.items()}
    there = {role: path for role, path in there.items() if path.is_file()}
    newest = max((path.stat().st_mtime for path in there.values()), default=0.0)
    told = read_json(noted) if noted.exists() and noted.stat().st_mtime > newest else {}
    if all(told.get(role, {}).get("file") == files[role] for role in there):
        return
    with TemporaryDirectory() as folder:
        options = json.dumps({role: networks[role] for role in there})
        words = ["--options", options, "--output", f"{folder}/weights.json"]
        command = [sys.executable, "-m", "sakdn.stages.weights", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"config: {done.stderr.rpartition('error: ')[2].strip()}")


def own(*paths: str | None) -> list[str]:
    """Those of `paths` that do not come with the checkout."""
    return [path for path in paths if path and not is_resource(path)]
