"""Temporal shift (Lin, Gan and Han, 2019): networks of frames that see what was and what comes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.options.student import StudentNetwork


def shift(maps: Tensor, frames: int, channels: int) -> Tensor:
    """Takes some channels of every frame's maps from the frame before it, as many from the next.

    Nothing is computed: the convolution behind sees three frames for the price of one.

    Args:
        maps: [N T, c, h, w], clip by clip.
        frames: T of a clip.
        channels: taken from either side; zeros where a clip begins or ends.

    Returns:
        Maps of the same shape: the first channels are the next frame's, then those of the one
        before, then the frame's own.
    """
    later, earlier = slice(channels), slice(channels, 2 * channels)
    if not (maps.requires_grad and torch.is_grad_enabled()):
        return _moved(maps, frames, later, earlier)
    return cast(Tensor, _Shifted.apply(maps, frames, later, earlier))


def _moved(maps: Tensor, frames: int, later: slice, earlier: slice) -> Tensor:
    """Maps [N T, c, h, w] with channels `later` of the next frame, `earlier` of the one before."""
    moved = torch.zeros_like(maps)
    to, of = moved.unflatten(0, (-1, frames)), maps.unflatten(0, (-1, frames))  # [N, T, c, h, w]
    to[:, :-1, later] = of[:, 1:, later]
    to[:, 1:, earlier] = of[:, :-1, earlier]
    own = slice(max(later.stop, earlier.stop), None)
    to[:, :, own] = of[:, :, own]
    return moved


class _Shifted(torch.autograd.Function):
    """Its gradient is moved the other way, in a fraction of the time of going back by slices."""

    @staticmethod
    def forward(context: Any, maps: Tensor, frames: int, later: slice, earlier: slice) -> Tensor:
        """Moves channels of maps [N T, c, h, w]."""
        context.moves = frames, later, earlier
        return _moved(maps, frames, later, earlier)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        """Moves the gradient [N T, c, h, w] back."""
        frames, later, earlier = context.moves
        return _moved(gradient, frames, earlier, later), None, None, None


@dataclass(frozen=True)
class Shift:
    """Shifts what a layer is given; a hook, so that published weights keep their names."""

    frames: int
    share: float

    def __call__(self, layer: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
        """The layer's arguments with their maps shifted, by one channel at least."""
        maps, *others = given
        return shift(maps, self.frames, max(1, int(maps.shape[1] * self.share))), *others


def shift_inputs(layers: Iterable[nn.Module], network: StudentNetwork) -> None:
    """Has each of `layers` see shifted maps, where the network is to.

    Before the first layer of a residual block what is shifted is the branch alone: the block's
    own sum keeps every frame's maps (residual shift, section 4.1 of the paper).

    Raises:
        InputError: no layer that could be shifted.
    """
    if not network.temporal_shift:
        return
    found = list(layers)
    if not found:
        raise InputError(
            f"student.temporal_shift: found {network.temporal_shift} with {network.backbone}, which"
            " has no residual blocks of convolutions whose maps could be shifted; set it to 0"
        )
    for layer in found:
        layer.register_forward_pre_hook(Shift(network.segments, network.temporal_shift))


def residual_branches(net: nn.Module) -> list[nn.Module]:
    """The first convolution of every residual block of a network of timm.

    Those blocks are the ones that can drop their path; some (`has_skip`) add nothing to it.
    """
    blocks = [
        each
        for each in net.modules()
        if hasattr(each, "drop_path") and getattr(each, "has_skip", True)
    ]
    firsts = (
        next((layer for layer in each.modules() if isinstance(layer, nn.Conv2d)), None)
        for each in blocks
    )
    return [layer for layer in firsts if layer is not None]
