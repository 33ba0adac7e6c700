"""What every command of the package does around its `main`."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
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


def new_parser(module: str, description: str, example: str) -> argparse.ArgumentParser:
    """Argument parser of `python -m sakdn.<module>`.

    Args:
        module: for example stages.gaf.
        description: what it does.
        example: options as one would type them; the end of its help.
    """
    program = f"python -m sakdn.{module}"
    return argparse.ArgumentParser(
        prog=program,
        description=description,
        epilog=f"example:\n  {program} {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def parser(
    module: str, description: str, example: str, results: str | None = None
) -> argparse.ArgumentParser:
    """The same with the clips table, threads and GPUs that every such stage takes.

    Args:
        module: as there.
        description: as there.
        example: as there.
        results: `nargs` of `--output`, where there are several.
    """
    arguments = new_parser(module, description, example)
    arguments.add_argument("--clips", type=Path, required=True, help="clips table (CSV)")
    arguments.add_argument("--threads", type=int, default=1, help="CPU threads")
    arguments.add_argument("--gpus", type=int, default=0, help="GPUs granted")
    arguments.add_argument(
        "--output", type=Path, nargs=results, required=True, help="JSON to write"
    )
    return arguments


def add_news(arguments: argparse.ArgumentParser) -> None:
    """Adds where a stage notes down what its recordings were, see `base.fingerprints`."""
    arguments.add_argument(
        "--news", default="", help="what the workflow says of changed recordings"
    )
    arguments.add_argument("--noted", type=Path, help="what the recordings were, to write (JSON)")


def training_parser(module: str, description: str, example: str) -> argparse.ArgumentParser:
    """The same, for a stage that trains."""
    arguments = parser(module, description, example)
    arguments.add_argument("--semantics", type=Path, required=True, help="class vectors (JSON)")
    arguments.add_argument("--options", type=json_options, default={}, help="JSON object")
    arguments.add_argument("--state", type=Path, required=True, help="resumable state")
    arguments.add_argument("--seed", type=int, default=0)
    return arguments
