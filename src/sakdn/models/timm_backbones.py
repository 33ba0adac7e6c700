"""Frame networks of timm as backbones: any that has maps at several strides."""

from typing import Any

import torch
from torch import Tensor

from sakdn.base.errors import InputError
from sakdn.models.depthwise import depthwise_in_full_precision
from sakdn.models.pixels import Pixels
from sakdn.models.tapped import Layout, Tapped
from sakdn.models.temporal_shift import residual_branches, shift_inputs
from sakdn.models.weights import load_pretrained
from sakdn.models.widen import widen_input
from sakdn.options.backbones import TIMM
from sakdn.options.student import StudentNetwork

STRIDES = (2, 4, 8, 16, 32)


def timm_pixels(backbone: str) -> Pixels:
    """Pixels as the published weights of `timm/<name>` want them."""
    config = _published(backbone)
    mean, std = (tuple(255 * value for value in each) for each in (config.mean, config.std))
    return Pixels(bgr=False, mean=mean, std=std)


def _published(backbone: str) -> Any:
    """What timm says of the published weights of `timm/<name>`."""
    import timm

    try:
        return timm.get_pretrained_cfg(backbone.removeprefix(TIMM), allow_unregistered=False)
    except RuntimeError as error:
        raise InputError(f"student.backbone: found {backbone}: {error}") from error


def build_timm(network: StudentNetwork) -> Tapped:
    """Builds `timm/<name>` without classifier.

    Its five taps are the last maps of strides 2, 4, 8, 16 and 32; a stride that a network lacks is
    taken from its next coarser one (a network of four levels begins at 4, which then counts
    twice), or from the coarsest.

    Raises:
        InputError: unknown name, a network without levels, or weights that do not fit.
    """
    net = _create(network)
    info = {each["reduction"]: each for each in getattr(net, "feature_info", [])}
    if len(info) < 2:
        raise InputError(
            f"student.backbone: found {network.backbone}, whose maps all have one size, expected a"
            " network with levels; take one such as timm/tf_efficientnet_lite0, timm/resnet18 or"
            " timm/convnext_atto"
        )
    chosen = [info[min((r for r in info if r >= s), default=max(info))] for s in STRIDES]
    names = [each["module"] for each in chosen]
    widths = [each["num_chs"] for each in chosen]
    load_pretrained(net, network)
    first = net.pretrained_cfg["first_conv"]
    widen_input(net, network.in_channels, [first] if isinstance(first, str) else first)
    depthwise_in_full_precision(net)
    layouts = {name: _layout(width) for name, width in zip(names, widths, strict=True)}
    tapped = Tapped(net, _read, layouts, names, widths, net.head_hidden_size)
    _try(tapped, network)
    shift_inputs(residual_branches(net), network)
    return tapped


def _create(network: StudentNetwork) -> Any:
    import timm

    name = network.backbone.removeprefix(TIMM)
    # Position encodings and windows of some are made for one size.
    fixed = _published(network.backbone).fixed_input_size
    sizes: dict[str, Any] = {"img_size": network.size_px} if fixed else {}
    try:
        return timm.create_model(name, pretrained=False, num_classes=0, **sizes)
    except (RuntimeError, TypeError, ValueError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"student.backbone: found {network.backbone}, which timm does not build for frames of"
            f" {network.size_px} px: {reason}; take another, see timm.list_models()"
        ) from error


@torch.no_grad()
def _try(tapped: Tapped, network: StudentNetwork) -> None:
    """Shows the network a frame: what does not fit is found before it is trained."""
    try:
        tapped.eval()(torch.zeros(1, max(3, network.in_channels), *[network.size_px] * 2))
    except (RuntimeError, LookupError, AttributeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"student.backbone: found {network.backbone}, which gives no five taps for frames of"
            f" {network.size_px} px: {reason}; take another size, or a network such as"
            " timm/tf_efficientnet_lite0"
        ) from error
    tapped.train()


def _read(net: Any, frames: Tensor) -> Tensor:
    return net(frames)


def _layout(channels: int) -> Layout:
    """Of maps with their channels first or last."""

    def layout(output: Any) -> tuple[Tensor, Tensor]:
        shape = list(output.shape) if isinstance(output, Tensor) else []
        if len(shape) == 4 and shape[1] == channels:
            return output, output
        if len(shape) == 4 and shape[3] == channels:
            maps = output.permute(0, 3, 1, 2)
            return maps, maps.permute(0, 2, 3, 1)
        raise LookupError(f"a layer puts out {shape or 'no tensor'}, not {channels} channels")

    return layout
