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
from sakdn.options.backbones import TIMM
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


def refuse_misfits(networks: Mapping[str, Mapping[str, Any]], noted: Path) -> None:
    """Refuses networks that cannot be built or do not fit their weights, in a process of its own.

    That takes seconds, which only a run pays that has such networks and has not noted them down
    since their weights were changed. Weights that are still to be fetched are no matter here.

    Args:
        networks: by role, as the stage `weights` takes them.
        noted: what that stage wrote, if it ran.

    Raises:
        InputError: what the stage says.
    """
    files = {
        role: weights_file(each["backbone"], each["weights"]) for role, each in networks.items()
    }
    found = {role: find_resource(str(file)) for role, file in files.items() if file}
    there = {role: path for role, path in found.items() if path.is_file()}
    newest = max((path.stat().st_mtime for path in there.values()), default=0.0)
    told = read_json(noted) if noted.exists() and noted.stat().st_mtime > newest else {}
    if told.get("networks") == networks:
        return
    asked = {
        role: each if role in there else {**each, "weights": "none"}
        for role, each in networks.items()
        if role in there or each["backbone"].startswith(TIMM)
    }
    if not asked:
        return
    with TemporaryDirectory() as folder:
        words = ["--options", json.dumps(asked), "--output", f"{folder}/weights.json"]
        command = [sys.executable, "-m", "sakdn.stages.weights", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"config: {done.stderr.rpartition('error: ')[2].strip()}")


def own(*paths: str | None) -> list[str]:
    """Those of `paths` that do not come with the checkout."""
    return [path for path in paths if path and not is_resource(path)]
