"""The one exception a user is meant to read."""

import re
from typing import Any

MAX_SHOWN = 200
# Text is printed, made into paths and written as UTF-8.
NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class InputError(Exception):
    """Bad input: a file, a row or a config key.

    The message names what is wrong (file, row or key), the value found, the
    value expected and what to do. `sakdn.base.cli.run` prints it without traceback.
    """


def shown(value: Any) -> str:
    """`repr` of a value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def listed(problems: list[str], limit: int = 5) -> str:
    """Joins `problems`, one a line; after `limit` of them a count of the rest."""
    rest = len(problems) - limit
    return "\n  ".join([*problems[:limit], *([f"... and {rest} more"] if rest > 0 else [])])
