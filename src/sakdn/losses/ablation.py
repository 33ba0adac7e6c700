"""What each channel of a feature map is worth to a network's answer, and where it looks.

A channel's ablation weight is how much the answer's score falls when the channel is set to
zero, to first order: w_c = sum over h, w of (d score / d map_c) map_c. One backward pass gives
the weights of all channels of all maps. (The released code compares the real input with a blank
one instead, one number a sample, which cannot rank channels: see `scalar_weights`.)
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from sakdn.base.errors import InputError
from sakdn.losses.shapes import EPSILON, full, unit

# A map whose norm is below this share of a typical activation is noise left by cancellation;
# it is not blown up to unit norm.
SALIENCY_FLOOR = 1e-4


def class_score(logits: Tensor, labels: Tensor | None = None) -> Tensor:
    """Logit [N] of each sample's label [N], or of its predicted class when there is none."""
    chosen = logits.argmax(1) if labels is None else labels
    return logits.gather(1, chosen[:, None])[:, 0]


def semantic_score(semantic: Tensor, vectors: Tensor, cosine: bool = True) -> Tensor:
    """Cosine or dot product [N] of semantic vectors [N, d] with their class's vectors [N, d]."""
    if cosine:
        return F.cosine_similarity(semantic, vectors, dim=1, eps=EPSILON)
    return (semantic * vectors).sum(1)


def ablation_weights(
    maps: Sequence[Tensor],
    score: Tensor,
    *,
    relative: bool = False,
    create_graph: bool = False,
) -> list[Tensor]:
    """First-order ablation weights of every channel of every map, from one backward pass.

    A sample's score must depend on its own map only (batch statistics leak a little).

    Args:
        maps: each [N k, c, h, w], k maps a sample (the segments of a clip), and on the way to
            the score: the tensors that the network itself went on with, not copies of them.
        score: [N], see `class_score` and `semantic_score`; its graph is kept.
        relative: divide by the size of the sample's score.
        create_graph: let gradients flow through the weights (a second-order pass, which costs
            about as much as the forward and backward pass together).

    Returns:
        Weights [N k, c] for each map, detached unless `create_graph`.

    Raises:
        InputError: the score does not depend on one of the maps.
    """
    gradients = torch.autograd.grad(
        score.sum(), list(maps), retain_graph=True, create_graph=create_graph, allow_unused=True
    )
    off_the_way = [index for index, gradient in enumerate(gradients) if gradient is None]
    if off_the_way:
        raise InputError(
            f"ablation_weights: the score does not depend on map {off_the_way[0]}; expected the "
            "tensor that the network went on with; do not copy, detach or compile it away"
        )
    inputs = maps if create_graph else [values.detach() for values in maps]
    weights = [full(g * values).sum((-2, -1)) for g, values in zip(gradients, inputs)]
    if relative:
        size = score.detach().abs().clamp_min(EPSILON)[:, None]
        weights = [w / size.repeat_interleave(len(w) // len(size), 0) for w in weights]
    return weights


def weighted_map(maps: Tensor, weights: Tensor) -> Tensor:
    """Evidence for the score at each place: relu(sum_c w_c map_c), at least float32.

    Args:
        maps: [..., c, h, w].
        weights: [..., c].

    Returns:
        [..., h, w], non-negative.
    """
    return full(torch.einsum("...chw,...c->...hw", maps, weights.to(maps.dtype))).relu()


def saliency(maps: Tensor, weights: Tensor) -> Tensor:
    """`weighted_map` of unit L2 norm, each map as a whole; zero where nothing speaks for the score.

    Args:
        maps: [N, c, h, w].
        weights: [N, c]; their common scale cancels.

    Returns:
        [N, h, w].
    """
    shares = F.normalize(weights, p=1, dim=1)
    return unit(weighted_map(maps, shares), dims=2, floor=SALIENCY_FLOOR)
