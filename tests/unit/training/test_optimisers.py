"""Optimisers are PyTorch's, without the import of its compiler."""

import subprocess
import sys
import textwrap

import pytest
import torch

from sakdn.options.training import Schedule
from sakdn.training.schedule import make_optimiser

THEIRS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": lambda groups: torch.optim.SGD(groups, momentum=0.9),
}


def trained(make):
    torch.manual_seed(0)
    layer = torch.nn.Linear(3, 2)
    optimiser = make([{"params": layer.parameters(), "lr": 0.1, "weight_decay": 0.01}])
    for _ in range(4):
        layer(torch.ones(1, 3)).square().sum().backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        optimiser.load_state_dict(optimiser.state_dict())
    assert all(not value.requires_grad for value in optimiser.state[layer.weight].values())
    return layer.weight


@pytest.mark.parametrize("name", THEIRS)
def test_steps_are_those_of_pytorch(name):
    schedule = Schedule(epochs=1, batch_size=2, optimiser=name, lr=0.1, weight_decay=0.01)
    ours = trained(lambda groups: make_optimiser(groups, schedule))
    assert torch.equal(ours, trained(THEIRS[name]))


@pytest.mark.parametrize("name", THEIRS)
def test_an_optimiser_does_not_import_the_compiler(name):
    code = f"""
        import sys, torch
        from sakdn.options.training import Schedule
        from sakdn.training.schedule import make_optimiser
        layer = torch.nn.Linear(1, 1)
        schedule = Schedule(epochs=1, batch_size=2, optimiser="{name}")
        optimiser = make_optimiser([{{"params": layer.parameters()}}], schedule)
        layer(torch.ones(1, 1)).sum().backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        optimiser.state_dict()
        print("torch._dynamo" in sys.modules)
    """
    words = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
