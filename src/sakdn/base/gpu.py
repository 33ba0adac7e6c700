"""Shares out the GPUs of a machine: one process, one GPU, whoever started them."""

import errno
import socket
import time
from collections.abc import Sequence
from functools import cache

from sakdn.base.progress import log

LOOK_EVERY_S = 5.0


def take_gpu(ids: Sequence[str], look_every_s: float = LOOK_EVERY_S) -> int:
    """Takes a GPU that no other process has taken, for the rest of this process.

    Snakemake counts the GPUs that its jobs use but does not say which. A GPU is taken by binding a
    socket to its name. Linux keeps such names for the whole machine, apart from any folder, so that
    nothing is left behind, belongs to another user or can be a link; it frees them whichever way
    the process ends.

    Args:
        ids: of the GPUs that this process sees; the same in every process that sees them.
        look_every_s: seconds between two looks while all are taken.

    Returns:
        Place of the first free one in `ids`; asked again, the one that this process has.
    """
    return _taken(tuple(ids), look_every_s)[0]


@cache  # The sockets live, and the names are taken, as long as the process.
def _taken(ids: tuple[str, ...], look_every_s: float) -> tuple[int, socket.socket]:
    waits = False
    while True:
        for place, name in enumerate(ids):
            bound = _bind(f"\0sakdn-gpu-{name}")
            if bound is not None:
                log(f"takes GPU {place} of {len(ids)}")
                return place, bound
        if not waits:
            log(f"waits for a GPU: other jobs on this machine have all {len(ids)} (CPU: --gpus 0)")
            waits = True
        time.sleep(look_every_s)


def _bind(name: str) -> socket.socket | None:
    """Socket bound to `name`; None if another process is."""
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        bound.bind(name)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            return None
        raise
    return bound
