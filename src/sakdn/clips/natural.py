"""Natural order: a1, a2, ..., a10."""

import re


def natural_key(text: str) -> list[str | int]:
    """Sort key by which runs of digits compare as numbers."""
    parts = re.split(r"(\d+)", text)
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]
