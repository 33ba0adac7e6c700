"""Progress of long work: a bar on a terminal, plain lines in a log."""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
LINE_EVERY_S = 10.0


def track(items: Iterable[Item], label: str, unit: str, total: int | None = None) -> Iterator[Item]:
    """Yields `items` while showing count, rate and time left on standard error."""
    if total is None and isinstance(items, Sized):
        total = len(items)
    if sys.stderr.isatty():
        yield from tqdm(items, desc=label, unit=f" {unit}", total=total, leave=False)
        return
    start = last = time.monotonic()
    done = 0
    for item in items:
        yield item
        done += 1
        now = time.monotonic()
        if now - last >= LINE_EVERY_S and done != total:
            log(f"{label}: {progress_line(done, total, now - start, unit)}")
            last = now
    log(f"{label}: {done} {unit} in {time.monotonic() - start:.1f} s")


def progress_line(done: int, total: int | None, elapsed_s: float, unit: str) -> str:
    """One line of progress, for example `30/120 clips, 4.2 clips/s, 0:21 left`."""
    rate = done / max(elapsed_s, 1e-9)
    if total is None:
        return f"{done} {unit}, {rate:.1f} {unit}/s"
    left_s = round((total - done) / max(rate, 1e-9))
    return f"{done}/{total} {unit}, {rate:.1f} {unit}/s, {left_s // 60}:{left_s % 60:02d} left"


def log(line: str) -> None:
    """Prints one plain line to standard error, if anybody still reads it."""
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:  # The reader is gone or the disk is full: not the end of the work.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
