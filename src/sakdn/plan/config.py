"""Checks a run's configuration and says in one line what is wrong with it."""

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import ValidationError

from sakdn.base.errors import MAX_SHOWN, NO_TEXT, InputError, shown
from sakdn.base.options import frozen_norms
from sakdn.base.schema import Validator
from sakdn.data.clips.columns import OPTIONAL, REQUIRED, SPAN
from sakdn.models.limits import MAX_TRN_SEGMENTS
from sakdn.plan.ready_images import check_ready_images

NEED_MAPS = ("fitnet", "ofd", "afd", "irg")
NO_SENSORS = ("fusion", "average", *REQUIRED, *OPTIONAL, *SPAN, "split")
MAX_VALUES, MAX_DEPTH, MAX_NUMBER = 20_000, 20, 2**53
MAX_CHARACTERS = 2**16  # Linux takes command lines of 2**17, and options are on them.


def check_config(config: Mapping[str, Any], schema_path: Path) -> None:
    """Checks `config` against the schema and across keys.

    Raises:
        InputError: names the key, the value found, what is expected and the nearest known key.
    """
    check_values(config)
    schema = yaml.safe_load(schema_path.read_text(encoding="utf-8"))
    errors = list(Validator(schema).iter_errors(config))
    if errors:
        raise InputError(explain(min(errors, key=lambda error: len(error.absolute_path))))
    check_sensors(config)
    check_segments(config)
    student = config.get("student", {})
    partial_bn, weights = student.get("partial_bn", False), student.get("weights")
    frozen_norms("config: student.partial_bn", partial_bn, weights)
    check_methods(config)
    methods = config.get("methods", schema["properties"]["methods"]["default"])
    check_ready_images(config, methods)
    check_explained(config, schema)


def check_values(config: Any) -> None:
    """Checks what YAML allows and no schema forbids: cycles, and what JSON or a shell lacks.

    Raises:
        InputError: names the key.
    """
    waiting, seen = [("", config, 0)], 0
    while waiting:
        where, value, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_VALUES:
            raise InputError(
                f"config: {where[:MAX_SHOWN]}: found more than {MAX_VALUES} values or {MAX_DEPTH}"
                " levels; is an alias (*) of YAML used within itself?"
            )
        check_value(where, value)
        if isinstance(value, Mapping):
            for key in value:
                check_key(where, key)
            waiting += [(_join(where, key), each, depth + 1) for key, each in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{where}.{place}", each, depth + 1) for place, each in enumerate(value)]
    size = len(json.dumps(config, default=str))
    if size > MAX_CHARACTERS:
        raise InputError(f"config: found {size} characters, expected at most {MAX_CHARACTERS}")


def check_value(where: str, value: Any) -> None:
    """Checks that a number is finite and text is printable.

    Raises:
        InputError: it is not.
    """
    if isinstance(value, int | float) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        found = "a huge number" if isinstance(value, int) else value
        raise InputError(f"config: {where}: found {found}, expected at most {MAX_NUMBER}")
    if isinstance(value, str) and NO_TEXT.search(value):
        raise InputError(f"config: {where}: found {shown(value)}, expected printable text")


def check_key(where: str, key: Any) -> None:
    """Checks that a key is printable text.

    Raises:
        InputError: it is not.
    """
    if not isinstance(key, str) or NO_TEXT.search(key):
        found = ascii(key)[:MAX_SHOWN] if isinstance(key, str) else f"of type {type(key).__name__}"
        raise InputError(
            f"config: {where or 'first level'}: found a key {found}, expected printable text; put"
            " numbers in quotes"
        )


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
        return (
            f"config: {where}: found {shown(error.instance)}, expected {kind}. {expected}".rstrip()
        )
    message = error.message
    if len(message) > 2 * MAX_SHOWN:
        message = f"{message[:MAX_SHOWN]} ... {message[-MAX_SHOWN:]}"
    return f"config: {where}: {message}. {expected}".rstrip()


def _unknown_key(error: ValidationError, where: str) -> str:
    known = sorted(error.schema["properties"])
    key = next(key for key in error.instance if key not in known)
    near = difflib.get_close_matches(str(key), known, n=1)
    hint = f"did you mean {_join(where, near[0])}?" if near else f"known: {', '.join(known)}"
    return f"config: {_join(where, str(key))[:MAX_SHOWN]} is not a key; {hint}"


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def check_sensors(config: Mapping[str, Any]) -> None:
    """Checks that no sensor is called as something else is.

    Raises:
        InputError: names it.
    """
    for name in config["sensors"]:
        if name in NO_SENSORS:
            raise InputError(
                f"config: sensors.{name}: found the name of a column or of all teachers, expected"
                " another; rename the sensor"
            )


def check_segments(config: Mapping[str, Any]) -> None:
    """Checks that the student's head can take so many segments.

    Raises:
        InputError: it cannot.
    """
    student = config.get("student", {})
    segments = student.get("segments", 0)
    if student.get("head", "trn") == "trn" and segments > MAX_TRN_SEGMENTS:
        raise InputError(
            f"config: student.segments: found {segments}, head `trn` takes at most"
            f" {MAX_TRN_SEGMENTS}; take fewer, or set student.head to tconv or average"
        )


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
