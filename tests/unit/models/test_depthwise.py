"""Depthwise convolutions compute in fp32 under autocast on a CPU, and are else what they were."""

import copy

import pytest
import timm
import torch
from torch import nn

from sakdn.models.depthwise import depthwise_in_full_precision


@pytest.fixture(scope="module")
def network():
    net = timm.create_model("tf_efficientnet_lite0", num_classes=0).eval()
    depthwise_in_full_precision(net)
    return net


def convolutions(net):
    """Every convolution by name, and whether each channel has a filter of its own."""
    for name, module in net.named_modules():
        if isinstance(module, nn.Conv2d):
            yield name, module, 1 < module.groups == module.in_channels


def test_depthwise_maps_are_fp32_and_all_others_bfloat16(network):
    kinds = {}
    handles = [
        module.register_forward_hook(lambda _, __, out, name=name: kinds.update({name: out.dtype}))
        for name, module, _ in convolutions(network)
    ]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        network(torch.rand(1, 3, 32, 32))
    for handle in handles:
        handle.remove()
    for name, _, depthwise in convolutions(network):
        assert kinds[name] == (torch.float32 if depthwise else torch.bfloat16), name


def test_without_autocast_nothing_changes_and_copies_stand_alone(network):
    plain = timm.create_model("tf_efficientnet_lite0", num_classes=0).eval()
    plain.load_state_dict(network.state_dict())
    frames = torch.rand(2, 3, 32, 32)
    twin = copy.deepcopy(network)
    with torch.no_grad():
        torch.testing.assert_close(network(frames), plain(frames), rtol=0, atol=0)
        for weights in twin.parameters():
            weights.zero_()
        assert not twin(frames).abs().sum()
        assert network(frames).abs().sum()
