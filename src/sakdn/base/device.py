"""Where a stage computes: a GPU of its own, if it was granted one, else the CPU."""

import os
import re
from pathlib import Path

import torch

from sakdn.base.allocator import keep_freed_memory
from sakdn.base.cpu import cpu_model
from sakdn.base.errors import InputError
from sakdn.base.gpu import take_gpu
from sakdn.base.progress import log

GPU_FACTS = Path(os.sep, "proc", "driver", "nvidia", "version")
GPU_REQUIRED = "SAKDN_GPU_REQUIRED"  # The workflow sets it to 1 on a cluster.


def choose_device(gpus: int, threads: int) -> torch.device:
    """Returns a GPU that no other process uses if one is granted, else the CPU.

    Waits while all GPUs are taken. One that PyTorch cannot use is said aloud, with the versions
    that matter. Also limits PyTorch to the threads that the rule declares, and keeps freed memory.

    Args:
        gpus: number of GPUs granted by the workflow (`resources: gpu`); one is used.
        threads: CPU threads granted.

    Raises:
        InputError: a granted GPU cannot be used, on a cluster, where nobody reads along.
    """
    torch.set_num_threads(max(1, threads))
    keep_freed_memory()
    if gpus < 1:
        return torch.device("cpu")
    if not torch.cuda.is_available():
        return _without_gpu(_why_unavailable())
    device = torch.device("cuda", take_gpu(gpu_ids()))
    torch.cuda.set_device(device)
    reason = tried_out(device)
    return _without_gpu(reason) if reason else device


def tried_out(device: torch.device) -> str:
    """Why a small sum fails on a GPU, as when it is too old for this build; else empty."""
    try:
        torch.ones(2, device=device).sum().item()
    except RuntimeError as error:
        return _first_line(error)
    return ""


def _without_gpu(reason: str) -> torch.device:
    cuda = f"for CUDA {torch.version.cuda}" if torch.version.cuda else "a build without CUDA"
    found = (
        f"a GPU was granted that PyTorch {torch.__version__} ({cuda}; NVIDIA driver:"
        f" {gpu_driver() or 'none found'}) cannot use: {reason}"
    )
    if os.environ.get(GPU_REQUIRED, "0") != "0":
        raise InputError(
            f"{found}; renew the driver or install a build of PyTorch for it (README), or set"
            f" gpu: 0 in the config's resources; {GPU_REQUIRED}=0 computes on the CPU instead"
        )
    log(f"WARNING: {found}; computes on the CPU, which is slow (README: a GPU's driver)")
    return torch.device("cpu")


def _why_unavailable() -> str:
    try:
        torch.cuda.init()
    except (RuntimeError, AssertionError) as error:
        return _first_line(error)
    return "it sees none"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")


def gpu_driver() -> str:
    """Version of NVIDIA's driver; empty if there is none."""
    facts = GPU_FACTS.read_text(encoding="utf-8") if GPU_FACTS.exists() else ""
    found = re.search(r"Kernel Module\D*([\d.]+)", facts)
    return found[1] if found else ""


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
