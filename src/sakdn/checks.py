"""Checks of single option values, with one wording for all stages."""

import re
from collections.abc import Collection
from typing import Any

from sakdn.errors import InputError

MAX_SHOWN = 200
# Text is printed, made into paths and written as UTF-8.
NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def one_of(key: str, value: Any, allowed: Collection[str]) -> None:
    """Checks that `value` is one of `allowed`.

    Raises:
        InputError: it is not.
    """
    if value not in allowed:
        raise InputError(f"{key}: found {value!r}, expected one of {', '.join(allowed)}")


def whole_number(key: str, value: Any, minimum: int) -> None:
    """Checks that `value` is an integer of at least `minimum`.

    Raises:
        InputError: it is not.
    """
    if type(value) is not int or value < minimum:
        raise InputError(f"{key}: found {value!r}, expected a whole number of at least {minimum}")


def frozen_norms(key: str, partial_bn: bool, weights: str | None) -> None:
    """Checks that batch norms are frozen on pretrained weights only: on random ones nothing learns.

    Raises:
        InputError: `partial_bn` without `weights`.
    """
    if partial_bn and not weights:
        raise InputError(
            f"{key}: found true without student.weights, expected false: on random weights frozen"
            " batch norms keep the network from learning; set it to false or name student.weights"
        )


def shown(value: Any) -> str:
    """`repr` of a value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def listed(problems: list[str], limit: int = 5) -> str:
    """Joins `problems`, one a line; after `limit` of them a count of the rest."""
    rest = len(problems) - limit
    return "\n  ".join([*problems[:limit], *([f"... and {rest} more"] if rest > 0 else [])])
