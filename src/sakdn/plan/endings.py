"""What is said last: what this run made, or what is wrong."""

import sys
import time
from pathlib import Path

from sakdn.plan.job_words import error_of
from sakdn.plan.screen import Screen

STARTED = time.time()


def print_made(screen: Screen | None, table: str, page: str) -> None:
    """Shows the comparison and where the report is, each if this run made it."""
    if screen:
        screen.end()
    if _is_new(Path(table)):
        print(f"\n{Path(table).read_text(encoding='utf-8')}")
    if _is_new(Path(page)):
        print(f"Report: {Path(page).resolve()}")


def print_errors(screen: Screen | None, *folders: str) -> None:
    """Repeats, last on the screen, what the jobs that failed said is wrong.

    Args:
        screen: that knows them; without it their logs are told by how an error begins.
        folders: where logs are.
    """
    if screen:
        screen.end()
    paths = sorted(path for folder in folders for path in Path(folder).glob("*.log"))
    known = set(screen.failed_logs() if screen else [])
    for path in filter(_is_new, paths):
        error = error_of([str(path)])
        if error and (str(path) in known or error.startswith("error: ")):
            print(f"\n{path}\n{error}\n", file=sys.stderr)


def _is_new(path: Path) -> bool:
    return path.exists() and path.stat().st_mtime >= STARTED
