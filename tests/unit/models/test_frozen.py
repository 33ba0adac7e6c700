"""The faster layers of BN-Inception give what PyTorch's own give, gradients included."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sakdn.models.bninception import BNInception
from sakdn.models.frozen import mean_3x3, with_frozen_norm


def test_mean_has_the_gradients_of_average_pooling_twice_over():
    x = torch.randn(2, 3, 7, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(mean_3x3, x)
    assert torch.autograd.gradgradcheck(mean_3x3, x)
    torch.testing.assert_close(mean_3x3(x), F.avg_pool2d(x, 3, 1, 1), rtol=0, atol=0)


@pytest.mark.parametrize("stride", [1, 2])
def test_frozen_norm_is_that_of_its_module(stride):
    torch.manual_seed(0)
    convolution = nn.Conv2d(4, 6, 3, stride, 1).double()
    norm = nn.BatchNorm2d(6).double().eval().requires_grad_(False)
    for values in (norm.weight, norm.bias, norm.running_mean):
        nn.init.normal_(values)
    nn.init.uniform_(norm.running_var, 0.5, 2)
    x = torch.randn(2, 4, 8, 8, dtype=torch.float64, requires_grad=True)
    wanted, found = norm(convolution(x)), with_frozen_norm(convolution, norm, x)
    torch.testing.assert_close(found, wanted)
    each = [
        torch.autograd.grad(y.square().sum(), [x, *convolution.parameters()])
        for y in (wanted, found)
    ]
    for ours, theirs in zip(*each, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_network_with_frozen_norms_computes_what_it_computed():
    torch.manual_seed(0)
    net = BNInception().eval()
    frames = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        wanted, _ = net(frames)
        found, _ = net.requires_grad_(False)(frames)
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)
