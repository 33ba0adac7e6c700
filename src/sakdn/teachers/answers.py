"""What the frozen teachers say of a batch, in the form in which `knowledge` stores it."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from sakdn.losses.ablation import ablation_weights, class_score, saliency, semantic_score
from sakdn.losses.maps import resize
from sakdn.losses.scalar_weights import scalar_weights
from sakdn.losses.shapes import unit
from sakdn.models.fused import FusedOutput, FusedTeacher
from sakdn.options.columns import UNLABELLED
from sakdn.options.knowledge import KnowledgeOptions
from sakdn.teachers.task import SignalBatch

VECTORS = ("logits", "semantic", "embedding")
MAPS = ("saliency", "released", "attention", "maps")
KEPT_TAPS = 2


def ask(
    module: FusedTeacher, batch: SignalBatch, vectors: Tensor, options: KnowledgeOptions
) -> dict[str, np.ndarray]:
    """What the teachers say of a batch: `VECTORS` and `MAPS`, each [N, S, width].

    The maps of a clip without a label explain the class that the teachers name.
    """
    images = [image.requires_grad_() for image in batch.images]
    output = module(images, batch.present)
    labels = batch.labels
    labels = torch.where(labels == UNLABELLED, output.logits.argmax(1), labels)  # Their own answer.
    scores = explained_scores(output, labels, vectors, options.score)
    weights = ablation_weights([tap for stream in output.streams for tap in stream.taps], scores)
    blank = module([torch.zeros_like(image) for image in images], batch.present)
    per_sensor = []
    for sensor, stream in enumerate(output.streams):
        taps = [tap.detach() for tap in stream.taps]
        own = weights[sensor * len(taps) : (sensor + 1) * len(taps)]
        scalar = scalar_weights(stream.logits, blank.streams[sensor].logits, vectors)
        spoken = {name: getattr(stream, name).detach() for name in VECTORS}
        per_sensor.append(spoken | stored_maps(taps, own, scalar, options))
    return {
        name: torch.stack([each[name] for each in per_sensor], dim=1).cpu().numpy()
        for name in (*VECTORS, *MAPS)
    }


def explained_scores(output: FusedOutput, labels: Tensor, vectors: Tensor, score: str) -> Tensor:
    """Score [N] that the ablation weights explain, summed over the sensors."""
    if score == "class":
        scores = [class_score(stream.logits, labels) for stream in output.streams]
    else:
        target = vectors[labels]
        scores = [semantic_score(stream.semantic, target) for stream in output.streams]
    return torch.stack(scores).sum(0)


def stored_maps(
    taps: Sequence[Tensor], weights: Sequence[Tensor], scalar: Tensor, options: KnowledgeOptions
) -> dict[str, Tensor]:
    """Maps of one sensor in half precision.

    Args:
        taps: [N, c, h, w] each.
        weights: of their channels [N, c], see `ablation_weights`.
        scalar: weights of the released form [N], see `scalar_weights`.
        options: sizes, and whether channels are kept.

    Returns:
        `saliency`, `released` (with the scalar weights) and `attention` (sum_c |x|^2), each map of
        unit norm; `maps`, all channels of the last two taps, or none ([N, 0]).
    """
    sizes_px = options.map_sizes_px
    flat = [scalar[:, None].expand(tap.shape[:2]) for tap in taps]
    found = {
        "saliency": [saliency(tap, own)[:, None] for tap, own in zip(taps, weights, strict=True)],
        "released": [saliency(tap, one)[:, None] for tap, one in zip(taps, flat)],
        "attention": [tap.square().sum(1, keepdim=True) for tap in taps],
    }
    stored = {
        name: laid_out([unit(each, dims=3) for each in resized(maps, sizes_px)])
        for name, maps in found.items()
    }
    last = resized(taps[-KEPT_TAPS:], sizes_px[-KEPT_TAPS:])
    channels = None if options.keep_maps else 0
    return stored | {"maps": laid_out([maps[:, :channels] for maps in last])}


def resized(maps: Sequence[Tensor], sizes_px: Sequence[int]) -> list[Tensor]:
    """Maps [N, c, h, w] brought to squares of `sizes_px`."""
    return [resize(values, (size, size)) for values, size in zip(maps, sizes_px, strict=True)]


def laid_out(maps: Sequence[Tensor]) -> Tensor:
    """Maps [N, ...] flat and end to end, in half precision [N, width]."""
    return torch.cat([values.flatten(1) for values in maps], dim=1).half()
