"""A `map` over processes."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any


@contextmanager
def process_map(processes: int, chunk: int) -> Iterator[Any]:
    """Yields a `map` over so many processes, `chunk` items a task.

    On an error what is not started yet is dropped.
    """
    if processes <= 1:
        yield map
        return
    # A fresh process, because forking one that has threads may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, mp_context=context)
    try:
        yield partial(pool.map, chunksize=chunk)
    finally:
        pool.shutdown(cancel_futures=True)
