"""What a job is given of the machine: threads, memory, minutes, a GPU, its environment."""

import json
import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class Machine:
    """Resources of the rules, within what this machine has."""

    def __init__(self, resources: Mapping[str, Mapping[str, int]], on_cluster: bool) -> None:
        """Takes the config's `resources`; on a cluster other machines do the work."""
        self._resources = resources
        self._on_cluster = on_cluster

    def threads(self, rule: str) -> int:
        """CPU threads of a rule."""
        return self._wanted(rule, "threads")

    def gpus(self, rule: str) -> int:
        """GPUs of a rule; none on a workstation without one, so that its jobs share the cores."""
        wanted = self._wanted(rule, "gpu")
        return wanted if self._on_cluster else min(wanted, visible_gpus())

    def growing(self, rule: str, name: str) -> Callable[[Any, int], int]:
        """Function of the resource that grows with every attempt, for retries on a cluster."""
        first = self._wanted(rule, name)

        def amount(wildcards: Any, attempt: int) -> int:
            return first * attempt

        return amount

    def _wanted(self, rule: str, name: str) -> int:
        return self._resources[rule][name]


def visible_gpus() -> int:
    """NVIDIA GPUs of this machine, unless they are hidden from its programs."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return 0
    return len(list(Path(os.sep, "dev").glob("nvidia[0-9]*")))


def environment(source: Path, config: Mapping[str, Any], on_cluster: bool) -> dict[str, str]:
    """Variables by which jobs find the package in this checkout and the run's configuration.

    The configuration is kept beside each result; no job depends on it. On a cluster a job that is
    granted a GPU must use it, unless the user's environment says 0.
    """
    found = filter(None, [str(source), os.environ.get("PYTHONPATH")])
    required = os.environ.get("SAKDN_GPU_REQUIRED", str(int(on_cluster)))
    return {
        "PYTHONPATH": os.pathsep.join(found),
        "SAKDN_CONFIG": json.dumps(config),
        "SAKDN_GPU_REQUIRED": required,
        "SAKDN_LOGGING": config.get("logging", "none"),
    }


def shell_prefix(python: Path | None) -> str:
    """What stands before every shell command.

    A signal to all processes of a job leaves its shell to the end, so that the stage can save what
    it has and say so.

    Args:
        python: the interpreter of the jobs; None for that of their own environment.
    """
    path = f"export PATH={shlex.quote(str(python.parent))}:$PATH; " if python else ""
    return f"set -euo pipefail; trap : TERM; {path}"
