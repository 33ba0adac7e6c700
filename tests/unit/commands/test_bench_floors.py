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


@pytest.mark.parametrize("groups", [1, 4])
def test_convolutions_in_groups_are_counted_as_what_they_are(groups):
    layer, seen = nn.Conv2d(8, 4, 3, padding=1, groups=groups), torch.rand(2, 8, 5, 5)
    forward = 2 * (2 * 5 * 5) * 4 * (8 // groups * 3 * 3)

    assert flop(lambda: layer(seen)) == forward
    assert flop(lambda: layer(seen).sum().backward()) == 2 * forward  # The input needs none.


def test_a_compiled_step_counts_as_the_same_one():
    layer, seen = nn.Linear(4, 5), torch.rand(3, 4)
    layer.compile(backend="eager")

    assert flop(lambda: layer(seen).sum().backward()) == 2 * FORWARD


def test_a_floor_is_operations_over_the_rate_of_the_precision():
    rate = gemm_flop_per_s(CPU, "fp32")

    assert floor_s(int(rate), CPU, "fp32") == pytest.approx(1, rel=1e-6)
    assert copied_bytes_per_s() > 0
