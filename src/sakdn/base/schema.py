"""JSON Schema with stricter numbers: by the standard 1.0 is an integer, but not a seed."""

import math
from typing import Any

from jsonschema import Draft202012Validator, TypeChecker
from jsonschema.validators import extend


def _is_integer(checker: TypeChecker, value: Any) -> bool:
    return type(value) is int


def _is_number(checker: TypeChecker, value: Any) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))


TYPES = Draft202012Validator.TYPE_CHECKER.redefine_many(
    {"integer": _is_integer, "number": _is_number}
)
Validator = extend(Draft202012Validator, type_checker=TYPES)
