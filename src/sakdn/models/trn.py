"""Multi-scale temporal relation network (Zhou et al., ECCV 2018)."""

from collections.abc import Sequence
from functools import reduce
from itertools import combinations
from operator import add

import torch
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.options.student import MAX_TRN_SEGMENTS

TUPLES_TRAINED = 3
TUPLES_TESTED = 128


class MultiScaleTRN(nn.Module):
    """Sums what heads of every scale read from ordered tuples of segments.

    Scale n = T .. 2 has one head, ReLU -> Linear(n d, hidden) -> ReLU -> Linear(hidden, C), for
    all its tuples. In train mode min(3, number of tuples) distinct tuples a scale are drawn, the
    same for the whole batch. In eval mode there is no chance: all tuples (128 spread evenly over
    the lexicographic list where there are more, T > 9) are averaged and weighted as in training,
    which is the expectation of the random rule.

    Args:
        segments: number of segments T, 2 to 20.
        dim: length d of a segment's feature.
        n_classes: number of classes C.
        hidden: width of a head.

    Raises:
        InputError: fewer segments or more.
    """

    def __init__(self, segments: int, dim: int, n_classes: int, hidden: int = 256) -> None:
        super().__init__()
        if not 2 <= segments <= MAX_TRN_SEGMENTS:
            raise InputError(
                f"student.segments: found {segments}, head `trn` takes 2 to {MAX_TRN_SEGMENTS}"
            )
        self.scales = range(segments, 1, -1)
        self.heads = nn.ModuleList(
            nn.Sequential(
                nn.ReLU(), nn.Linear(n * dim, hidden), nn.ReLU(), nn.Linear(hidden, n_classes)
            )
            for n in self.scales
        )
        for n in self.scales:
            tuples = torch.tensor(list(combinations(range(segments), n)))
            self.register_buffer(f"tuples_{n}", tuples, persistent=False)

    def forward(
        self,
        features: Tensor,
        generator: torch.Generator | None = None,
        tuples: Sequence[Tensor] | None = None,
    ) -> Tensor:
        """Logits [N, C] of segment features [N, T, d].

        Args:
            features: one feature a segment, in temporal order.
            generator: CPU generator of the draws in train mode; None: PyTorch's own.
            tuples: the tuples to sum, [k, n] a scale, instead of the rule.
        """
        drawn = self.training or tuples is not None
        tuples = tuples or [self.choose_tuples(n, generator) for n in self.scales]
        terms = []
        for head, chosen in zip(self.heads, tuples, strict=True):
            related = features[:, chosen].flatten(2)  # [N, k, n d]
            scores = head(related).sum(1)  # [N, C]
            weight = 1.0 if drawn else min(TUPLES_TRAINED, len(chosen)) / len(chosen)
            terms.append(weight * scores)
        return reduce(add, terms)

    def choose_tuples(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Tuples [k, n] of scale n: drawn in train mode, fixed in eval mode."""
        tuples = getattr(self, f"tuples_{n}")
        if self.training:
            ranks = torch.randperm(len(tuples), generator=generator)[:TUPLES_TRAINED]
        else:
            ranks = torch.linspace(0, len(tuples) - 1, min(TUPLES_TESTED, len(tuples))).round()
        return tuples[ranks.long().to(tuples.device)]
