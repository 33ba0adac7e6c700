"""Batches read ahead by worker processes, in order; for a device that one thread cannot feed."""

import atexit
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing import active_children
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

import torch
from torch.utils.data import DataLoader, Dataset

from sakdn.base.errors import InputError
from sakdn.base.stopping import SIGNALS

Item = TypeVar("Item")


class Reads(Dataset[Any]):
    """What `read` makes of each of `items`; an error that is told in a line comes as a value."""

    def __init__(self, read: Callable[[Item], object], items: Sequence[Item]) -> None:
        self.read, self.items = read, items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> object:
        try:
            return self.read(self.items[index])
        except InputError as error:
            return error


def read_ahead(
    read: Callable[[Item], object], items: Sequence[Item], workers: int, pin: bool
) -> Generator[Any, None, None]:
    """Yields `read(item)` for each item, in order, each made by one of `workers` processes.

    They are forked, so that nothing is imported again and memory-mapped files stay open; they must
    not touch a GPU. They end with this process, within some seconds even if it is killed.

    Args:
        read: returns tensors on the CPU, in tuples and lists.
        items: what to read.
        workers: processes, at least 1.
        pin: whether tensors come in pinned memory, from which a GPU copies on its own.

    Raises:
        InputError: of `read`, or a worker was killed.
    """
    loader = DataLoader(
        Reads(read, items),
        batch_size=None,
        num_workers=workers,
        pin_memory=pin,
        multiprocessing_context="fork",
        generator=torch.Generator(),  # Its own: PyTorch's numbers are the training's.
    )
    others = set(active_children())
    with _signals_blocked():
        batches = iter(loader)
    end = partial(_end, set(active_children()) - others)
    atexit.register(end)  # Before multiprocessing's own, which would wait for them.
    killed = False
    try:
        for batch in batches:
            if isinstance(batch, InputError):
                raise batch
            yield batch
    except RuntimeError as error:
        if "DataLoader worker" not in str(error):
            raise
        killed = True
    finally:
        batches._shutdown_workers()  # type: ignore[attr-defined]  # The public way is a finaliser.
        end()
        atexit.unregister(end)
    if killed:
        raise InputError(
            f"one of {workers} processes that read clips was killed, perhaps for want of memory"
            " (also of /dev/shm); give the stage more memory or fewer threads, then run the same"
            " command again"
        )


def _end(processes: Iterable[BaseProcess]) -> None:
    for process in processes:
        process.kill()
        process.join()


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Processes and threads begun within leave SIGTERM and Ctrl-C to this one, which saves."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
