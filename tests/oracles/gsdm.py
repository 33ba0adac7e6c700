"""Checks of `gsdm_*`: right where the released GSDM is, and different where it is not."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from sakdn.losses.ablation import saliency
from sakdn.losses.gsdm import map_loss, semantic_loss
from sakdn.losses.outputs import soft_target
from sakdn.losses.scalar_weights import scalar_weights

TAPS = ("conv2", "3c", "4c", "5a", "5b")
FORMS = {
    "UTD": {},
    "MMAct_subject": {"graph_guided": True, "clip": True},
    "MMAct_view": {"graph_guided": True, "clip": True},
    "MMAct_scene": {"graph_guided": True},
    "MMAct_session": {"graph_guided": True},
    "Berkeley": {"graph_guided": True},
}


def check_gsdm(path: Path) -> None:
    arrays = np.load(path)
    oracle = {key: torch.from_numpy(arrays[key]) for key in arrays.files}
    forms = [form for name, form in FORMS.items() if path.name.startswith(f"gsdm_{name}_")]
    assert forms, f"{path.name}: unknown data set"
    sensors = sorted(
        key.removesuffix("_logits") for key in oracle if key[0] == "t" and key.endswith("_logits")
    )
    assert sensors
    for network in ("s", *sensors):
        check_weights(oracle, network, **forms[0])
        check_raw_maps(oracle, network)
    check_output_losses(oracle, sensors)
    check_correction(oracle, sensors)


def check_weights(oracle: dict[str, Tensor], network: str, **form: bool) -> None:
    """The scalar weights, with a guard too small to matter."""
    logits, blank = oracle[f"{network}_logits"], oracle[f"{network}_logits_ablated"]
    weights = scalar_weights(logits, blank, oracle["class_embeddings"], floor=1e-12, **form)
    expected = oracle[f"weight_{network}"]
    # One divisor near 0 makes a weight large, and float32's rounding of it counts by the square.
    assert ((weights - expected).abs() <= 1e-5 * (1 + expected.square())).all(), network


def check_raw_maps(oracle: dict[str, Tensor], network: str) -> None:
    """relu(w * channel sum), up to our norm of each map."""
    prefix, layers = ("s_", TAPS) if network == "s" else (f"{network}_map", range(1, 6))
    for layer in layers:
        maps = oracle[f"s_map_{layer}" if network == "s" else f"{network}_map{layer}"]
        weights = oracle[f"weight_{network}"][:, None].expand(-1, maps.shape[1])
        expected = F.normalize(oracle[f"raw_{prefix}{layer}"].flatten(1)).view(-1, *maps.shape[2:])
        torch.testing.assert_close(saliency(maps, weights), expected, rtol=1e-5, atol=1e-6)


def check_output_losses(oracle: dict[str, Tensor], sensors: list[str]) -> None:
    """Soft target, class and semantic loss, and the gradients of the trained total."""
    logits = oracle["s_logits"].clone().requires_grad_()
    semantic = oracle["s_semantic"].clone().requires_grad_()
    soft = torch.stack([soft_target(logits, oracle[f"{t}_logits"], 4.0) for t in sensors]).mean()
    soft = oracle["soft_target_weight"].to(soft.dtype) * soft
    class_loss = F.cross_entropy(logits, oracle["labels"])
    regression = semantic_loss(semantic, torch.stack([oracle[f"{t}_semantic"] for t in sensors], 1))
    for name, loss in {"soft_target": soft, "class": class_loss, "semantic": regression}.items():
        torch.testing.assert_close(loss, oracle[f"{name}_loss"], rtol=1e-5, atol=1e-6)
    gradients = torch.autograd.grad(soft + class_loss + regression, [logits, semantic])
    for name, gradient in zip(("s_logits", "s_semantic"), gradients):
        torch.testing.assert_close(gradient, oracle[f"grad_total_{name}"], rtol=1e-4, atol=1e-6)


def check_correction(oracle: dict[str, Tensor], sensors: list[str]) -> None:
    """Ours moves every student map, and is not the released number."""
    losses = []
    for layer, tap in enumerate(TAPS, start=1):
        maps = oracle[f"s_map_{tap}"].clone().requires_grad_()
        theirs = torch.stack([whole_saliency(oracle[f"{t}_map{layer}"]) for t in sensors], 1)
        loss = map_loss(whole_saliency(maps), theirs)
        (gradient,) = torch.autograd.grad(loss, maps)
        assert gradient.flatten(1).norm(dim=1).min() > 0, f"{tap}: a row without gradient"
        losses.append(loss)
    assert (torch.stack(losses).mean() - oracle["gsdm_loss"]).abs() > 1e-3


def whole_saliency(maps: Tensor) -> Tensor:
    """Saliency with equal weights: the released scalar, whose size cancels, at a positive sign."""
    return saliency(maps, torch.ones(maps.shape[:2]))
