"""Weights from a file into a network, with a word about the first tensor that does not fit."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.base.files import sha256_of
from sakdn.base.resources import find_resource
from sakdn.options.student import NetworkOptions
from sakdn.options.teacher import StreamOptions
from sakdn.options.weights import WeightsAbout, weights_file

CLASSIFIERS = ("fc.", "last_linear.", "classifier.", "head.")
COUNTER = "num_batches_tracked"


def load_pretrained(net: nn.Module, network: NetworkOptions, whole: bool = True) -> None:
    """Loads the weights that `network` starts from, less their classifier, into `net`.

    Vectors stored as [1, C] are squeezed; missing counters of batch norms are no fault (older
    files have none); a part of a part may be joined to it by `_`, as timm's feature networks do.

    Args:
        net: a network without classifier, named as the published one.
        network: its backbone and weights; `none`: nothing is done.
        whole: whether `net` is all of the published network but the classifier; else it may have
            fewer layers.

    Raises:
        InputError: unreadable, or not the weights of this network.
    """
    file = weights_file(network.backbone, network.weights)
    if file is None:
        return
    expected = net.state_dict()
    tensors = _named_as(expected, read_tensors(file))
    if not whole:
        tensors = {name: tensor for name, tensor in tensors.items() if name in expected}
    load_tensors(net, tensors, file)


def load_stream(blocks: nn.ModuleList, stream: StreamOptions) -> None:
    """The same for the blocks of a teacher, by torchvision's names of their tensors.

    A first convolution for other than three channels gets the weights repeated and scaled.

    Args:
        blocks: five blocks of a torchvision network, in its order.
        stream: its backbone and weights; `none`: nothing is done.

    Raises:
        InputError: unreadable, or not the weights of this network.
    """
    file = weights_file(stream.backbone, stream.weights)
    if file is None:
        return
    ours = blocks.state_dict()
    names = dict(zip(_names_in_torchvision(stream.backbone), ours, strict=True))
    expected = {theirs: ours[name] for theirs, name in names.items()}
    tensors = _named_as(expected, read_tensors(file))
    first = next(iter(names))
    if first in tensors and expected[first].shape[1] != 3:
        from timm.models import adapt_input_conv

        tensors[first] = adapt_input_conv(expected[first].shape[1], tensors[first])
    check_tensors(expected, tensors, file)
    blocks.load_state_dict({names[theirs]: tensor for theirs, tensor in tensors.items()})


def describe_weights(network: NetworkOptions | StreamOptions) -> WeightsAbout | None:
    """What a network's description says of the weights that it starts from; None for none."""
    file = weights_file(network.backbone, network.weights)
    if file is None:
        return None
    path, source = find_resource(file), None
    if path.suffix == ".safetensors":
        with safe_open(path, "pt") as opened:
            source = (opened.metadata() or {}).get("source")
    return WeightsAbout(name=str(network.weights), file=file, sha256=sha256_of(path), source=source)


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
        reason = str(error).partition("\n")[0].partition(". ")[0]
        raise InputError(
            f"{path}: not readable as weights: {reason}; truncated or another kind of file, get it"
            " again"
        ) from error
    named = isinstance(tensors, Mapping) and all(isinstance(v, Tensor) for v in tensors.values())
    if not named:
        raise InputError(f"{path}: found no plain dictionary of tensors, expected a state dict")
    return dict(tensors)


def load_tensors(model: nn.Module, tensors: Mapping[str, Tensor], source: Path | str) -> None:
    """Loads a state dict that must fit exactly; see `check_tensors`."""
    check_tensors(model.state_dict(), tensors, source)
    model.load_state_dict(tensors)


def check_tensors(
    expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor], source: Path | str
) -> None:
    """Checks that tensors have the names and shapes that a network expects.

    Raises:
        InputError: names the first tensor, in the network's order, that is missing or has another
            shape; else the first that the network does not have.
    """
    for name, tensor in expected.items():
        if name not in tensors:
            raise InputError(f"{source}: tensor {name} is missing, expected {_shape(tensor)}")
        if tensors[name].shape != tensor.shape:
            found = _shape(tensors[name])
            raise InputError(f"{source}: tensor {name}: found {found}, expected {_shape(tensor)}")
    unexpected = [name for name in tensors if name not in expected]
    if unexpected:
        raise InputError(f"{source}: tensor {unexpected[0]} is not one of this network")


def _named_as(expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors by the names that a network without classifier expects, as far as they differ."""
    ours = {name.replace(".", "_"): name for name in expected}
    found = {k: v for k, v in expected.items() if k.endswith(COUNTER)}
    for theirs, tensor in tensors.items():
        name = ours.get(theirs.replace(".", "_"), theirs)
        if name in expected and expected[name].ndim == 1 and tensor.shape[:-1] == (1,):
            tensor = tensor[0]
        if name in expected or not name.startswith(CLASSIFIERS):
            found[name] = tensor
    return found


def _names_in_torchvision(backbone: str) -> list[str]:
    """Names of a network's tensors in their order, less those of its classifier."""
    import torchvision

    with torch.device("meta"):
        names = torchvision.models.get_model(backbone, weights=None).state_dict()
    return [name for name in names if not name.startswith(CLASSIFIERS)]


def _shape(tensor: Tensor) -> str:
    return str(list(tensor.shape))
