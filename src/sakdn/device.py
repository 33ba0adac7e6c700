"""Where a stage computes: the GPU that it was granted, else the CPU."""

import torch


def choose_device(gpus: int, threads: int) -> torch.device:
    """Returns the first visible GPU when at least one is granted and present, else the CPU.

    Also limits PyTorch to the threads that the rule declares.

    Args:
        gpus: number of GPUs granted by the workflow (`resources: gpu`).
        threads: CPU threads granted.
    """
    torch.set_num_threads(max(1, threads))
    if gpus > 0 and torch.cuda.is_available():
        return torch.device("cuda", 0)
    return torch.device("cpu")


def device_name(device: torch.device) -> str:
    """Human name of the device, for provenance."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU, {torch.get_num_threads()} threads"
