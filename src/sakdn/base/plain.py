"""What YAML and JSON allow and no run survives: cycles, and what a shell or JSON lacks."""

from collections.abc import Mapping
from typing import Any

from sakdn.base.errors import MAX_SHOWN, NO_TEXT, InputError, shown

MAX_VALUES, MAX_DEPTH, MAX_NUMBER = 20_000, 20, 2**53


def check_values(values: Any, where: str) -> None:
    """Checks that values are finite in number, size and depth, and that text is printable.

    Args:
        values: anything that YAML or JSON can hold.
        where: how the error names the place, see `place`.

    Raises:
        InputError: names the key.
    """
    waiting, seen = [("", values, 0)], 0
    while waiting:
        key, value, depth = waiting.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_VALUES:
            raise InputError(
                f"{place(where, key[:MAX_SHOWN])}: found more than {MAX_VALUES} values or"
                f" {MAX_DEPTH} levels; is an alias (*) of YAML used within itself?"
            )
        _check_value(place(where, key), value)
        if isinstance(value, Mapping):
            for name in value:
                _check_key(place(where, key or "first level"), name)
            waiting += [(_join(key, name), each, depth + 1) for name, each in value.items()]
        elif isinstance(value, list):
            waiting += [(_join(key, at), each, depth + 1) for at, each in enumerate(value)]


def place(where: str, key: str) -> str:
    """Names `key` within `where`, which is a key (`gaf`) or ends with a colon (`config:`)."""
    return f"{where}{' ' if where.endswith(':') else '.'}{key}" if key else where.rstrip(":")


def _join(above: str, key: str | int) -> str:
    return f"{above}.{key}" if above else str(key)


def _check_value(where: str, value: Any) -> None:
    if isinstance(value, int | float) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        found = "a huge number" if isinstance(value, int) else value
        raise InputError(f"{where}: found {found}, expected at most {MAX_NUMBER}")
    if isinstance(value, str) and NO_TEXT.search(value):
        raise InputError(f"{where}: found {shown(value)}, expected printable text")


def _check_key(where: str, key: Any) -> None:
    if not isinstance(key, str) or NO_TEXT.search(key):
        found = ascii(key)[:MAX_SHOWN] if isinstance(key, str) else f"of type {type(key).__name__}"
        raise InputError(
            f"{where}: found a key {found}, expected printable text; put numbers in quotes"
        )
