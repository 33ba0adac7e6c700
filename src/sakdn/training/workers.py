"""Batches read ahead by worker processes, in order; for a device that one thread cannot feed."""

import atexit
import signal
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing import active_children
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from threading import current_thread, main_thread
from typing import Any, TypeVar

import torch
from torch.utils.data import DataLoader, Dataset

from sakdn.base.errors import InputError
from sakdn.base.stopping import SIGNALS

Item = TypeVar("Item")
DYING_S = 1.0  # A process that is killed breaks its connections before it is gone.


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
    processes = set(active_children()) - others
    end = partial(_end, processes)
    atexit.register(end)  # Before multiprocessing's own, which would wait for them.
    try:
        for batch in batches:
            if isinstance(batch, InputError):
                raise batch
            yield batch
    except (RuntimeError, OSError, EOFError) as error:  # Perhaps a batch came halfway.
        if not _one_died(processes):
            raise
        raise InputError(
            f"one of {workers} processes that read clips was killed, perhaps for want of memory"
            " (also of /dev/shm); give the stage more memory or fewer threads, then run the same"
            " command again"
        ) from error
    finally:
        batches._shutdown_workers()  # type: ignore[attr-defined]  # The public way is a finaliser.
        end()
        atexit.unregister(end)


def _one_died(processes: Collection[BaseProcess]) -> bool:
    """Whether one of them was killed, or is about to be gone."""
    ending = wait([process.sentinel for process in processes], DYING_S)
    for process in processes:
        if process.sentinel in ending:
            process.join()  # It has closed its files; how it ended is known a little later.
    return any(process.exitcode for process in processes)


def _end(processes: Iterable[BaseProcess]) -> None:
    for process in processes:
        process.kill()
        process.join()


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """Processes and threads begun within leave SIGTERM and Ctrl-C to this one, which saves.

    PyTorch's answer to SIGCHLD goes: it raises in whatever the main thread does when a worker dies.
    Whoever waits for a batch notices too.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    child = signal.getsignal(signal.SIGCHLD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if current_thread() is main_thread() and child is not None:
            signal.signal(signal.SIGCHLD, child)
