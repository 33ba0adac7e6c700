"""How the C library's allocator treats the memory of tensors that are gone."""

import ctypes
import os

# mallopt(3): from which size on memory is the system's own, and how much of the free is kept.
M_MMAP_THRESHOLD, M_TRIM_THRESHOLD = -3, -1
# Larger than all tensors but a few; four times as much is no faster and keeps more.
KEPT_BYTES = 2**28
# Some versions of glibc take no larger threshold.
SMALLER_BYTES = 2**25


def keep_freed_memory() -> None:
    """Lets this process use freed memory again instead of giving it to the system and back.

    A training step on the CPU frees and takes the same large tensors over and over; the system
    clears each page anew, which was up to a third of a step. Does nothing without glibc.
    """
    if "CS_GNU_LIBC_VERSION" not in os.confstr_names:
        return
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES) or mallopt(M_MMAP_THRESHOLD, SMALLER_BYTES)
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
