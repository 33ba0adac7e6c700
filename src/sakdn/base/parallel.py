"""A `map` over processes or threads that keeps only a few items in memory."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any

from sakdn.base.errors import InputError

TASKS_AHEAD = 32


def map_ahead(
    pool: Executor, function: Callable[..., Any], *iterables: Iterable[Any], chunk: int = 1
) -> Iterator[Any]:
    """As `map`, in a pool; few tasks are prepared ahead, however many items there are.

    Args:
        pool: of threads or processes.
        function: called with an item of each of `iterables`.
        iterables: read as far as is needed.
        chunk: items a task.

    Yields:
        Results, in order.
    """
    items, tasks = zip(*iterables), deque[Future[list[Any]]]()
    while batch := list(islice(items, chunk)):
        tasks.append(pool.submit(_call_each, function, batch))
        if len(tasks) == TASKS_AHEAD:
            yield from tasks.popleft().result()
    while tasks:
        yield from tasks.popleft().result()


class InTurn:
    """A number that tasks move on one after another, in their order, while they run in parallel.

    They must be begun in that order too, as `map_ahead` does.
    """

    def __init__(self, first: int, tasks: int) -> None:
        """Takes the number of the first task, and how many tasks there are."""
        self._numbers: list[Future[int]] = [Future() for _ in range(tasks + 1)]
        self._numbers[0].set_result(first)

    @contextmanager
    def turn(self, task: int) -> Iterator[Callable[[int], int]]:
        """Context of a task; yields what it calls, once, to get its number and move it on.

        Where it fails before, those that wait for it fail alike.
        """
        mine, following = self._numbers[task : task + 2]

        def move(by: int) -> int:
            number = mine.result()
            following.set_result(number + by)
            return number

        try:
            yield move
        except BaseException as error:
            if not following.done():
                following.set_exception(error)
            raise


def _call_each(function: Callable[..., Any], batch: list[tuple[Any, ...]]) -> list[Any]:
    return [function(*items) for items in batch]


@contextmanager
def process_map(processes: int, chunk: int) -> Iterator[Any]:
    """Yields a `map` over so many processes, `chunk` items a task.

    On an error what is not started yet is dropped.

    Raises:
        InputError: a process was killed.
    """
    if processes <= 1:
        yield map
        return
    # A fresh process, because forking one that has threads may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_follow_parent)
    try:
        yield partial(map_ahead, pool, chunk=chunk)
    except BrokenProcessPool as error:
        raise InputError(
            f"one of {processes} processes was killed, perhaps for want of memory; give the stage"
            " more memory or fewer threads, then run the same command again"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _follow_parent() -> None:
    """Leaves SIGTERM and Ctrl-C to the parent process, and ends when it is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
