"""Batches of clips supplied to a network: by a thread, or by worker processes for a GPU."""

from collections.abc import Callable, Generator, Sequence
from typing import Any, Literal, TypeVar

import torch

from sakdn.students.frames.batches import ClipBatch, ClipBatches
from sakdn.training.batches import prefetch
from sakdn.training.workers import read_ahead

Item = TypeVar("Item")


def workers_for(device: torch.device, threads: int) -> int:
    """Processes that read clips; 0 for a thread of this one.

    A GPU gets one for each thread that was granted, if these are several. On a CPU the network
    takes far longer than reading, and processes would take the cores from it.
    """
    return threads if device.type == "cuda" and threads > 1 else 0


def supply(
    source: ClipBatches,
    kind: Literal["train", "eval"],
    arguments: Callable[[Item], tuple[Any, ...]],
    items: Sequence[Item],
) -> Generator[ClipBatch, None, None]:
    """Yields a batch for each of `items`, in order, read ahead; the same whoever reads.

    Args:
        source: of the clips.
        kind: `train_batch` or `eval_batch`.
        arguments: of that method, made from an item.
        items: one a batch.
    """
    if not source.workers:
        whole = source.train_batch if kind == "train" else source.eval_batch
        return prefetch(lambda item: whole(*arguments(item)), items)
    read = source.read_train if kind == "train" else source.read_eval
    return _finished(source, lambda item: read(*arguments(item)), items)


def _finished(
    source: ClipBatches, read: Callable[[Item], object], items: Sequence[Item]
) -> Generator[ClipBatch, None, None]:
    for batch in read_ahead(read, items, source.workers, pin=source.device.type == "cuda"):
        yield source.finish(batch)
