"""Weights from a file, with a word about the first tensor that does not fit."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.base.resources import find_resource

CLASSIFIERS = ("fc.", "last_linear.", "classifier.")
COUNTER = "num_batches_tracked"


def load_imagenet(model: nn.Module, path: Path | str | None) -> None:
    """Loads ImageNet weights of a published model, less its classifier, into `model`.

    Vectors stored as [1, C] are squeezed; missing counters of batch norms are no fault (older
    files have none).

    Args:
        model: a network without classifier, named as the published one.
        path: `.safetensors`, or a PyTorch file of plain tensors; None or `none`: does nothing.

    Raises:
        InputError: unreadable, or not the weights of this network.
    """
    if path in (None, "none"):
        return
    tensors = {k: v for k, v in read_tensors(path).items() if not k.startswith(CLASSIFIERS)}
    expected = model.state_dict()
    for name, tensor in tensors.items():
        if name in expected and expected[name].ndim == 1 and tensor.shape[:-1] == (1,):
            tensors[name] = tensor[0]
    counters = {k: v for k, v in expected.items() if k.endswith(COUNTER)}
    load_tensors(model, counters | tensors, path)


def read_tensors(path: Path | str) -> dict[str, Tensor]:
    """Reads a file of named tensors onto the CPU, without running code from it.

    Raises:
        InputError: missing, damaged, or something else than named tensors.
    """
    path = find_resource(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file, expected weights (.safetensors or .pth)")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # both readers raise many undocumented classes for a damaged file
        reason = str(error).partition("\n")[0]
        raise InputError(f"{path}: not readable as weights: {reason}") from error
    named = isinstance(tensors, Mapping) and all(isinstance(v, Tensor) for v in tensors.values())
    if not named:
        raise InputError(f"{path}: found no plain dictionary of tensors, expected a state dict")
    return dict(tensors)


def load_tensors(model: nn.Module, tensors: Mapping[str, Tensor], source: Path | str) -> None:
    """Loads a state dict that must fit exactly.

    Raises:
        InputError: names the first tensor, in the model's order, that is missing or has another
            shape; else the first that the model does not have.
    """
    expected = model.state_dict()
    for name, tensor in expected.items():
        if name not in tensors:
            raise InputError(f"{source}: tensor {name} is missing, expected {_shape(tensor)}")
        if tensors[name].shape != tensor.shape:
            found = _shape(tensors[name])
            raise InputError(f"{source}: tensor {name}: found {found}, expected {_shape(tensor)}")
    unexpected = [name for name in tensors if name not in expected]
    if unexpected:
        raise InputError(f"{source}: tensor {unexpected[0]} is not one of this network")
    model.load_state_dict(tensors)


def _shape(tensor: Tensor) -> str:
    return str(list(tensor.shape))
