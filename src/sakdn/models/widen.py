"""The first convolution of a network that sees more channels than its weights were made for."""

from collections.abc import Sequence

import torch
from torch import nn


def widen_input(net: nn.Module, channels: int, names: Sequence[str] = ()) -> None:
    """Gives what sees the input of `net` as many input channels, each with its old weights.

    The channels of a difference start with the weights of the frame's: the features then begin as
    those of a frame sharpened where something moves, close to what the layers behind were
    trained on. A network with so many channels already, or more, stays as it is.

    Args:
        net: the network.
        channels: of its input.
        names: of the convolutions that see it; the first in the network if left out.
    """
    convolutions = [net.get_submodule(name) for name in names] or list(net.modules())
    found = [each for each in convolutions if isinstance(each, nn.Conv2d | nn.Conv3d)]
    for first in found if names else found[:1]:
        if channels > first.in_channels:
            copies = channels // first.in_channels
            first.weight = nn.Parameter(torch.cat([first.weight.detach()] * copies, 1))
            first.in_channels *= copies
