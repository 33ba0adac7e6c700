"""What a misspelt name was meant to be."""

import difflib
from collections.abc import Iterable


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """The nearest of the `known` names; empty where none is near."""
    near = difflib.get_close_matches(found.casefold(), list(known), n=1)
    return near[0] if near else ""
