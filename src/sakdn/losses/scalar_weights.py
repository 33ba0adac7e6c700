"""The released code's weight: one number a sample, real input against blank input.

Kept as an option. It multiplies every channel alike, so it cannot rank them, and the guard
changes it where the released code divides by (nearly) nothing.
"""

import torch
from torch import Tensor

from sakdn.losses.graph import graph, smooth


def scalar_weights(
    logits: Tensor,
    blank_logits: Tensor,
    embeddings: Tensor,
    *,
    graph_guided: bool = False,
    clip: bool = False,
    floor: float = 0.01,
) -> Tensor:
    """Relative change of the predicted class's vector when the input is blanked.

    With g, g0 the class vectors predicted for the real and the blank input: the mean over the
    dimensions of (g - g0) / g, or with the graphs S, S0 of (S g - S0 g0) / (S g).

    Args:
        logits: of the real input [N, C].
        blank_logits: of the blank input [N, C].
        embeddings: class vectors [C, d].
        graph_guided: smooth the vectors over the batch first.
        clip: ratios below 0 count as 0.
        floor: least size of a divisor (its sign is kept). Values differ from the released code's
            where a dimension of g (or S g) is smaller than this.

    Returns:
        [N]; 0 where real and blank predictions agree (without graph).
    """
    real, blank = (embeddings[values.argmax(1)] for values in (logits, blank_logits))
    if graph_guided:
        real, blank = smooth(graph(logits), real), smooth(graph(blank_logits), blank)
    sign = torch.where(real < 0, -1.0, 1.0).to(real.dtype)
    ratio = (real - blank) / (sign * real.abs().clamp_min(floor))
    return (ratio.clamp_min(0) if clip else ratio).mean(1)
