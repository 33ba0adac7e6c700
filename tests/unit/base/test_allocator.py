"""Freed memory stays with the process."""

import os
import subprocess
import sys
import textwrap

import pytest

PAGES = 64 // 2  # Of 64 MiB, at least: no page is larger than 2 MiB.
TIMES = 10


def faults(first_line):
    """Pages that the system had to give while 64 MiB were taken and freed ten times."""
    code = f"""
        {first_line}
        import resource
        import torch
        for _ in range({TIMES}):
            torch.ones(2**24)  # Neighbours become one piece in time.
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range({TIMES}):
            torch.ones(2**24)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    """
    words = [sys.executable, "-c", textwrap.dedent(code)]
    return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(
    "CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="the C library is not GNU's"
)
def test_freed_memory_is_taken_again_without_the_system():
    assert faults("from sakdn.base.device import choose_device; choose_device(0, 1)") < TIMES
    assert faults("") >= TIMES * PAGES
