"""What a rule depends on that no rule makes: code, and files of the user's own.

Files that come with the checkout count by their content alone, whoever has them and wherever.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sakdn.base.errors import InputError
from sakdn.base.resources import find_resource, is_resource
from sakdn.base.sources import code_digest, data_digest
from sakdn.options.weights import is_name


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


def own(*paths: str | None) -> list[str]:
    """Those of `paths` that do not come with the checkout."""
    return [path for path in paths if path and not is_resource(path)]
