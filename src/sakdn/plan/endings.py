"""What is said last: what this run made, or what is wrong."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from sakdn.plan.job_words import error_of

STARTED = time.time()


def print_made(table: str, page: str) -> None:
    """Shows the comparison and where the report is, each if this run made it."""
    if _is_new(Path(table)):
        print(f"\n{Path(table).read_text(encoding='utf-8')}")
    if _is_new(Path(page)):
        print(f"Report: {Path(page).resolve()}")


def print_errors(failed: Iterable[str], *folders: str) -> None:
    """Repeats, last on the screen, what the jobs that failed said is wrong.

    Args:
        failed: their logs.
        folders: where logs are; in those of this run other errors are looked for too.
    """
    paths = sorted(path for folder in folders for path in Path(folder).glob("*.log"))
    known = set(map(str, failed))
    for path in filter(_is_new, paths):
        error = error_of([str(path)])
        if error and (str(path) in known or error.startswith("error: ")):
            print(f"\n{path}\n{error}\n", file=sys.stderr)


def _is_new(path: Path) -> bool:
    return path.exists() and path.stat().st_mtime >= STARTED
