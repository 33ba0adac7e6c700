"""What every command of the package does around its `main`."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from sakdn.errors import InputError


def run(main: Callable[[], int | None]) -> None:
    """Runs `main` and exits; bad input ends in one line, never in a traceback."""
    try:
        sys.exit(main() or 0)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def json_options(text: str) -> dict[str, Any]:
    """Parses the value of `--options`: a JSON object.

    Raises:
        InputError: not a JSON object.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise InputError(f"--options: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"--options: expected a JSON object, found {type(value).__name__}")
    return value
