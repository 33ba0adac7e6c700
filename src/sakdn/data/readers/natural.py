"""Natural order: a1, a2, ..., a10."""

import re


def natural_key(text: str) -> list[str | tuple[int, str]]:
    """Sort key by which runs of digits compare as numbers, of any length."""
    parts = re.split(r"([0-9]+)", text)
    return [_size(part) if index % 2 else part for index, part in enumerate(parts)]


def _size(digits: str) -> tuple[int, str]:
    """Sort key of a number; `int` refuses very long ones."""
    number = digits.lstrip("0")
    return len(number), number
