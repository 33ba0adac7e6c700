"""Checks a run's configuration and says in one line what is wrong with it."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from sakdn.errors import InputError

NEED_MAPS = ("fitnet", "ofd", "afd", "irg")


def check_config(config: Mapping[str, Any], schema_path: Path) -> None:
    """Checks `config` against the schema and across keys.

    Raises:
        InputError: names the key, the value found, what is expected and the nearest known key.
    """
    schema = yaml.safe_load(schema_path.read_text(encoding="utf-8"))
    errors = list(Draft202012Validator(schema).iter_errors(config))
    if errors:
        raise InputError(explain(min(errors, key=lambda error: len(error.absolute_path))))
    check_methods(config)
    check_explained(config, schema)


def explain(error: ValidationError) -> str:
    """One line for a schema error: key, value found, value expected, what to do."""
    where = ".".join(map(str, error.absolute_path))
    if error.validator == "additionalProperties":
        return _unknown_key(error, where)
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"config: {_join(where, missing)} is missing; add it (see config/README.md)"
    expected = error.schema.get("description", "")
    if error.validator == "type":
        wanted = error.validator_value
        kind = " or ".join(wanted) if isinstance(wanted, list) else wanted
        return f"config: {where}: found {error.instance!r}, expected {kind}. {expected}".rstrip()
    return f"config: {where}: {error.message}. {expected}".rstrip()


def _unknown_key(error: ValidationError, where: str) -> str:
    known = sorted(error.schema["properties"])
    key = next(key for key in error.instance if key not in known)
    near = difflib.get_close_matches(str(key), known, n=1)
    hint = f"did you mean {_join(where, near[0])}?" if near else f"known: {', '.join(known)}"
    return f"config: {_join(where, str(key))} is not a key; {hint}"


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def check_methods(config: Mapping[str, Any]) -> None:
    """Checks what the schema cannot: that a method's teacher exists and `none` is the baseline.

    Raises:
        InputError: names the method and the teachers there are, or what its loss needs.
    """
    kept = config.get("knowledge", {}).get("keep_maps", True)
    teachers = ["fusion", "average", *sorted(config["sensors"])]
    for name, method in config.get("methods", {}).items():
        teacher = method.get("teacher", "fusion")
        if teacher not in teachers:
            raise InputError(
                f"config: methods.{name}.teacher: found {teacher!r}, expected one of"
                f" {', '.join(teachers)}"
            )
        if (name == "none") != (method["loss"] == "none"):
            raise InputError(
                f"config: methods.{name}: `none` is the name of the video-only baseline and of no"
                " other method; rename it or change its loss"
            )
        if method["loss"] in NEED_MAPS and not kept:
            raise InputError(
                f"config: knowledge.keep_maps: found false, but methods.{name} ({method['loss']})"
                " compares the teachers' maps; set it to true or leave the method out"
            )


def check_explained(config: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Checks that the method to explain is one that is trained.

    Raises:
        InputError: names it and the methods there are.
    """
    explained = config.get("explain", {}).get("method")
    methods = config.get("methods", schema["properties"]["methods"]["default"])
    known = {"none", *methods}
    if explained is not None and explained not in known:
        raise InputError(
            f"config: explain.method: found {explained!r}, expected one of"
            f" {', '.join(sorted(known))}"
        )
