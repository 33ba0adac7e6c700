"""Where a stage computes: a GPU of its own, if it was granted one, else the CPU."""

import os
import platform
import re
from pathlib import Path

import torch

from sakdn.base.gpu import take_gpu

CPU_FACTS = Path(os.sep, "proc", "cpuinfo")


def choose_device(gpus: int, threads: int) -> torch.device:
    """Returns a GPU that no other process uses if one is granted and present, else the CPU.

    Waits while all GPUs are taken. Also limits PyTorch to the threads that the rule declares.

    Args:
        gpus: number of GPUs granted by the workflow (`resources: gpu`); one is used.
        threads: CPU threads granted.
    """
    torch.set_num_threads(max(1, threads))
    if gpus < 1 or not torch.cuda.is_available():
        return torch.device("cpu")
    device = torch.device("cuda", take_gpu(gpu_ids()))
    torch.cuda.set_device(device)
    return device


def gpu_ids() -> list[str]:
    """Ids of the visible GPUs, in their order; a slice of a GPU (MIG) counts as one."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    if visible.startswith("MIG-"):  # CUDA uses the first only.
        return [visible.partition(",")[0]]
    count = torch.cuda.device_count()
    return [str(torch.cuda.get_device_properties(index).uuid) for index in range(count)]


def device_name(device: torch.device) -> str:
    """Human name of the device, for provenance."""
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} (GPU {device.index})"
    threads = torch.get_num_threads()
    return f"{cpu_model()}, {threads} thread{'s' * (threads > 1)}"


def cpu_model() -> str:
    """Name of the processor."""
    facts = CPU_FACTS.read_text(encoding="utf-8") if CPU_FACTS.exists() else ""
    named = re.search(r"^model name\s*: (.*)$", facts, re.MULTILINE)
    return f"CPU {named[1] if named else platform.machine()}"
