"""Freed memory stays with the process."""

import os
import subprocess
import sys
import textwrap

import pytest

PAGES = 16 * 2**20 // os.sysconf("SC_PAGE_SIZE")


def faults(first_line):
    """Pages that the system had to give while 16 MiB were taken and freed thirty times."""
    code = f"""
        {first_line}
        import resource
        import torch
        def take():
            tensors = [torch.ones(2**19) for _ in range(8)]
        for _ in range(5):
            take()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(30):
            take()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    """
    words = [sys.executable, "-c", textwrap.dedent(code)]
    return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(
    "CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="the C library is not GNU's"
)
def test_freed_memory_is_taken_again_without_the_system():
    assert faults("from sakdn.base.device import choose_device; choose_device(0, 1)") < PAGES
    assert faults("") > 20 * PAGES
