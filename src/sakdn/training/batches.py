"""Order and supply of the training clips: same seed, same batches, whoever asks."""

import queue
import threading
from collections.abc import Callable, Generator, Iterable
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")
DONE = object()


def epoch_rows(rows: np.ndarray, seed: int, epoch: int, batch_size: int) -> list[np.ndarray]:
    """Shuffles `rows` for an epoch and cuts them into batches.

    Batch normalisation cannot train on one clip, so a last batch of one joins the one before.

    Args:
        rows: rows of the clips table [n].
        seed: of the run.
        epoch: 0-based.
        batch_size: clips a batch.

    Returns:
        Arrays of rows, each of `batch_size` (the last may be shorter or one longer).
    """
    order = np.random.default_rng([seed, epoch]).permutation(rows)
    cuts = list(range(batch_size, len(order), batch_size))
    if cuts and len(order) - cuts[-1] == 1:
        cuts.pop()
    return np.split(order, cuts)


def balanced_rows(
    rows: np.ndarray, labels: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """As many rows as `rows` [n], of every class equally many, to within one.

    All rows of a class come before one comes again.

    Args:
        rows: of the clips table.
        labels: of all rows of the table.
        generator: of the choice.
    """
    classes = generator.permutation(np.unique(labels[rows]))
    counts = np.full(len(classes), len(rows) // len(classes))
    counts[: len(rows) % len(classes)] += 1
    chosen = [
        np.resize(generator.permutation(rows[labels[rows] == label]), count)
        for label, count in zip(classes, counts, strict=True)
    ]
    return np.concatenate(chosen)


def clip_rng(seed: int, epoch: int, row: int) -> np.random.Generator:
    """Random numbers of one clip in one epoch, whatever batch or thread it is in."""
    return np.random.default_rng([seed, epoch, int(row)])


def prefetch(make: Callable[[Item], object], items: Iterable[Item], depth: int = 2) -> Generator:
    """Yields `make(item)` for each item, prepared ahead by one thread.

    Reading frames overlaps with computing; the order is kept. An exception of `make` is raised
    where the value would have been.
    """
    ready: queue.Queue = queue.Queue(maxsize=depth)
    stop = threading.Event()

    def put(value: tuple[object, Exception | None]) -> bool:
        while not stop.is_set():
            try:
                ready.put(value, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for item in items:
                if not put((make(item), None)):
                    return
            put((DONE, None))
        except Exception as error:
            put((None, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            value, error = ready.get()
            if error is not None:
                raise error
            if value is DONE:
                return
            yield value
    finally:
        stop.set()
        thread.join()
