"""What every command of the package does around its `main`."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from sakdn.base.errors import InputError
from sakdn.base.progress import log
from sakdn.base.stopping import Stopped, stop_at_once, stop_no_more


def run(main: Callable[[], int | None]) -> None:
    """Runs `main` and exits; bad input and SIGTERM end in one line, never in a traceback."""
    stop_at_once()
    status = _status(main)
    stop_no_more()
    sys.exit(status)


def _status(main: Callable[[], int | None]) -> int:
    try:
        return main() or 0
    except InputError as error:
        log(f"error: {error}")
        return 1
    except Stopped as stopped:
        log(f"{stopped}; run the same command again")
        return stopped.status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def json_options(text: str) -> dict[str, Any]:
    """Parses the value of `--options`: a JSON object.

    Raises:
        InputError: not a JSON object.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"--options: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InputError(f"--options: expected a JSON object, found {type(value).__name__}")
    return value
