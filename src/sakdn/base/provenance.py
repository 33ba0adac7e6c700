"""What a result was made with: configuration, versions, code, machine, cost."""

import json
import os
import platform
import resource
import subprocess
import time
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "sakdn",
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "pandas",
    "pyts",
    "decord",
    "av",
    "pillow",
    "snakemake",
)
PACKAGE = Path(__file__).parents[1]
CONFIG = "SAKDN_CONFIG"  # The workflow sets it to the run's configuration, defaults included.


@cache
def git_state() -> dict[str, str | bool]:
    """Commit of the source tree and whether the package differs from it; empty outside git."""

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(PACKAGE), *words],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "base/provenance.py")
        changes = git("status", "--porcelain", "--", ".")
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(changes)}
    except (OSError, subprocess.CalledProcessError):
        return {}


def versions() -> dict[str, str]:
    """Versions of Python and of the packages a result depends on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, in MB (kilobytes on Linux)."""
    unit = 1e6 if platform.system() == "Darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def cpu_seconds() -> float:
    """CPU time of this process, all its threads and the processes that it waited for."""
    return sum(os.times()[:4])


@dataclass
class Cost:
    """Wall and CPU seconds since it was made, plus what earlier, interrupted runs took."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    _wall_start: float = field(default_factory=time.monotonic)
    _cpu_start: float = field(default_factory=cpu_seconds)

    def total(self) -> dict[str, float]:
        """Cost so far: `wall_s`, `cpu_s`, `peak_memory_mb`."""
        return {
            "wall_s": round(self.wall_s + time.monotonic() - self._wall_start, 3),
            "cpu_s": round(self.cpu_s + cpu_seconds() - self._cpu_start, 3),
            "peak_memory_mb": round(peak_memory_mb(), 1),
        }


def provenance(device_name: str) -> dict[str, object]:
    """Versions, git state, machine, device and configuration, for the JSON beside a result.

    The configuration is that of the whole run; null where no workflow runs the stage.
    """
    return {
        "versions": versions(),
        "git": git_state(),
        "machine": f"{platform.machine()} {platform.system()}",
        "device": device_name,
        "config": json.loads(os.environ.get(CONFIG, "null")),
    }
