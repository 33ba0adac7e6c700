"""The first convolution of a network that sees more channels than its weights were made for."""

import torch
from torch import nn


def widen_input(net: nn.Module, channels: int) -> None:
    """Gives the first convolution of `net` as many input channels, each with its old weights.

    The channels of a difference start with the weights of the frame's: the features then begin as
    those of a frame sharpened where something moves, close to what the layers behind were
    trained on. A network with so many channels already, or more, stays as it is.
    """
    first = next(m for m in net.modules() if isinstance(m, nn.Conv2d | nn.Conv3d))
    if channels <= first.in_channels:
        return
    copies = channels // first.in_channels
    first.weight = nn.Parameter(torch.cat([first.weight.detach()] * copies, 1))
    first.in_channels *= copies
