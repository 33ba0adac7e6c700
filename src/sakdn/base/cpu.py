"""What the processor says of itself; without PyTorch."""

import os
import platform
import re
from pathlib import Path

CPU_FACTS = Path(os.sep, "proc", "cpuinfo")


def cpu_model() -> str:
    """Name of the processor."""
    return f"CPU {_fact('model name') or platform.machine()}"


def cpu_has_bf16() -> bool:
    """Whether the processor computes in bf16; no where it does not say."""
    flags = f"{_fact('flags')} {_fact('Features')}".split()
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags)


def _fact(name: str) -> str:
    facts = CPU_FACTS.read_text(encoding="utf-8") if CPU_FACTS.exists() else ""
    found = re.search(rf"^{name}\s*: (.*)$", facts, re.MULTILINE)
    return found[1] if found else ""
