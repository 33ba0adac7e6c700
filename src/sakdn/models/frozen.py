"""Two layers of BN-Inception in less time than PyTorch's own take, with the same results."""

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def with_frozen_norm(convolution: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor) -> Tensor:
    """A convolution and the frozen batch norm after it, as one convolution.

    The norm is a factor and a summand a channel, which its weights take in; gradients of the
    convolution's own weights come out the same, and no map is gone through twice.

    Args:
        convolution: with weights [c, inputs, k, k], without groups.
        norm: in eval mode, its parameters not trained.
        x: maps [N, inputs, H, W].

    Returns:
        Maps [N, c, h, w], equal to `norm(convolution(x))` but for rounding.
    """
    mean, variance = cast(Tensor, norm.running_mean), cast(Tensor, norm.running_var)
    factor = norm.weight * (variance + norm.eps).rsqrt()  # [c]
    bias = norm.bias - mean * factor  # [c]
    if convolution.bias is not None:
        bias = bias + convolution.bias * factor
    weight = convolution.weight * factor[:, None, None, None]
    return F.conv2d(x, weight, bias, convolution.stride, convolution.padding)


class _Mean3x3(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 3, 1, 1)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> Tensor:
        return mean_3x3(gradient)


def mean_3x3(x: Tensor) -> Tensor:
    """Mean over 3 x 3 places at stride 1, zeros around [N, c, h, w].

    It is symmetric: its gradient is the same mean of the gradient, which PyTorch computes in a
    fraction of the time of its own backward pass.
    """
    if not (x.requires_grad and torch.is_grad_enabled()):
        return F.avg_pool2d(x, 3, 1, 1)
    return cast(Tensor, _Mean3x3.apply(x))
