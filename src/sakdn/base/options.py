"""Options of a stage: a JSON object or mapping into a dataclass, nothing ignored."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from sakdn.base.errors import InputError

Options = TypeVar("Options")


def parse_options(cls: type[Options], values: Mapping[str, Any], where: str) -> Options:
    """Builds dataclass `cls` from `values`.

    Args:
        cls: a dataclass.
        values: keys and values; missing keys take the dataclass default.
        where: how the error names the place, for example `teacher`.

    Raises:
        InputError: a key that `cls` does not have, or a missing one without default.
    """
    known = [field.name for field in fields(cls)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise InputError(f"{where}: unknown option {unknown[0]!r}; known: {', '.join(known)}")
    try:
        return cls(**values)
    except TypeError as error:
        raise InputError(f"{where}: {error}") from error


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
