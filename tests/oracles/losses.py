"""Checks of `kd_losses_*`: every comparison loss, value and gradients, in float64."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from sakdn.losses import irg, maps, outputs, relations
from sakdn.losses.connectors import ChannelAttention, fitnet_connector, ofd_connector

Arrays = dict[str, Tensor]
Loss = Callable[..., Tensor]

TOLERANCE = 1e-9
NUMBER = r"([\d.]+)"
# Metric learning on labels, used by no distillation method; and the released "GSDM" criterion,
# which has no gradient and gives way to sakdn.losses.gsdm.
NOT_OURS = r"(l1|l2)_triplet_.*|contrastive_.*|gram_loss_.*"


def loaded(module: nn.Module, arrays: Arrays) -> nn.Module:
    module.double().load_state_dict(arrays, strict=False)
    return module


def fitnet(oracle: Arrays) -> Loss:
    weight = oracle["W_fitnet"]
    connector = loaded(fitnet_connector(weight.shape[1], weight.shape[0]), {"weight": weight})
    return partial(maps.fitnet, connector=connector)


def ofd(oracle: Arrays) -> Loss:
    weight = oracle["W_ofd_connector"]
    connector = loaded(ofd_connector(weight.shape[1], weight.shape[0]), {"0.weight": weight})
    return partial(maps.ofd, connector=connector)


def afd(oracle: Arrays) -> Loss:
    layers = {
        "1.weight": "W_afd_1",
        "1.bias": "b_afd_1",
        "3.weight": "W_afd_2",
        "3.bias": "b_afd_2",
    }
    arrays = {f"gate.{ours}": oracle[theirs] for ours, theirs in layers.items()}
    hidden, channels = oracle["W_afd_1"].shape[:2]
    return partial(maps.afd, attention=loaded(ChannelAttention(channels, hidden), arrays))


def irg_of_lists(oracle: Arrays, *weights: float) -> Loss:
    taps = irg.GraphTaps
    return lambda *arrays: irg.irg(taps(*arrays[:4]), taps(*arrays[4:]), *weights)


# Name in the file -> the function under test; the numbers in the name are its parameters.
LOSSES: dict[str, Callable[..., Loss]] = {
    rf"soft_target_T{NUMBER}": lambda _, t: partial(outputs.soft_target, temperature=t),
    "logits_mse": lambda _: outputs.logits,
    "hint_map": lambda _: maps.hint,
    "fitnet_map": fitnet,
    "sp_(?:feat|map)": lambda _: relations.sp,
    "rkd_dist(?:ance_module)?": lambda _: relations.rkd_distance,
    "rkd_angle(?:_module)?": lambda _: relations.rkd_angle,
    rf"rkd_w{NUMBER}_w{NUMBER}": lambda _, d, a: partial(
        relations.rkd, distance_weight=d, angle_weight=a
    ),
    rf"at_p{NUMBER}": lambda _, p: partial(maps.at, power=p),
    "attention_transfer_module": lambda _: maps.attention_transfer,
    rf"cc_gamma{NUMBER}_order{NUMBER}": lambda _, g, p: partial(
        relations.cc, gamma=g, order=int(p)
    ),
    rf"irg_{NUMBER}_{NUMBER}_{NUMBER}": irg_of_lists,
    rf"hard_dark_rank_a{NUMBER}_b{NUMBER}_p{NUMBER}": lambda _, a, b, p: partial(
        relations.hard_dark_rank, alpha=a, beta=b, length=int(p)
    ),
    "ofd_map_bn_batchstats": ofd,
    "afd_map": afd,
}


def loss_named(name: str, oracle: Arrays) -> Loss:
    for pattern, build in LOSSES.items():
        if match := re.fullmatch(pattern, name):
            return build(oracle, *map(float, match.groups()))
    raise AssertionError(f"unknown loss {name}")


def check_kd_losses(path: Path) -> None:
    arrays = np.load(path)
    oracle = {key: torch.from_numpy(arrays[key]) for key in arrays.files}
    names = {key.removeprefix("loss_") for key in oracle if key.startswith("loss_")}
    names = {name for name in names if not re.fullmatch(NOT_OURS, name)}
    assert names, f"{path.name}: no loss in it"
    for name in sorted(names):
        check_loss(name, oracle)


def check_loss(name: str, oracle: Arrays) -> None:
    stored = [key for key in oracle if key.startswith(f"grad_{name}__")]
    inputs = [key.split("__")[1] for key in stored]
    inputs.sort(key=["logits_s", "feat_s", "fm1_s", "fm2_s", "map_s"].index)
    assert inputs, f"{name}: no gradient stored"
    students = [oracle[key].clone().requires_grad_() for key in inputs]
    teachers = [oracle[f"{key[:-1]}t"].clone().requires_grad_() for key in inputs]
    value = loss_named(name, oracle)(*students, *teachers)
    found = torch.autograd.grad(value, students + teachers, allow_unused=True)
    assert_near(name, value, oracle[f"loss_{name}"])
    for key, gradient in zip(inputs, found):
        assert_near(f"{name} {key}", gradient, oracle[f"grad_{name}__{key}"])
    assert all(gradient is None for gradient in found[len(students) :]), f"{name}: teacher moves"


def assert_near(what: str, found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(
        found, expected, rtol=TOLERANCE, atol=TOLERANCE, msg=lambda text: f"{what}: {text}"
    )
