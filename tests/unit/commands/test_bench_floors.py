"""The benchmark's floors."""

import pytest
import torch
from torch import nn

from sakdn.commands.bench_floors import copied_bytes_per_s, floor_s, flop, gemm_flop_per_s

CPU = torch.device("cpu")
FORWARD = 2 * 3 * 4 * 5  # A product of [3, 4] and [4, 5].


@pytest.mark.parametrize(
    ("input_grad", "products"), [(False, 2), (True, 3)], ids=["of the weight", "of both"]
)
def test_forward_and_backward_products_are_counted(input_grad, products):
    layer, seen = nn.Linear(4, 5), torch.rand(3, 4, requires_grad=input_grad)

    assert flop(lambda: layer(seen).sum().backward()) == products * FORWARD


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize(("input_grad", "products"), [(False, 2), (True, 3)])
def test_convolutions_in_groups_count_what_they_multiply(groups, input_grad, products):
    layer = nn.Conv2d(4, 8, 3, groups=groups, bias=False)
    seen = torch.rand(3, 4, 8, 8, requires_grad=input_grad)
    forward = 2 * 3 * 6 * 6 * layer.weight.numel()

    assert flop(lambda: layer(seen).sum().backward()) == products * forward


def test_a_compiled_step_counts_as_the_same_one():
    layer, seen = nn.Linear(4, 5), torch.rand(3, 4)
    layer.compile(backend="eager")

    assert flop(lambda: layer(seen).sum().backward()) == 2 * FORWARD


def test_a_floor_is_operations_over_the_rate_of_the_precision():
    rate = gemm_flop_per_s(CPU, "fp32")

    assert floor_s(int(rate), CPU, "fp32") == pytest.approx(1, rel=1e-6)
    assert copied_bytes_per_s() > 0
