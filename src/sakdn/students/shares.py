"""The weight of a loss term as a share of the label's gradient.

A term of share s adds `s * (|d label| / |d term|) * term` to the loss, so that its gradient is s
times as long as the label's, whatever the term's own scale, the data and the network.

Gradients are compared at the five taps together: the square root of the sum of squares over all
their entries. That is where every term arrives. What is asked of answers, vectors and segment
features passes the last tap on its way to the first; what is asked of maps (`gsdm`, `at`, `ofd`
and others) never reaches the segment features, and begins at the taps. It is upstream of all that
is taught, so that a connector's or the head's own gradient does not count, and costs no gradients
of weights: one backward pass to the first tap for each term. Where no clip has a label, the first
of the shares' terms stands in for it: the soft targets, if there are any.
"""

from collections.abc import Mapping, Sequence
from math import isfinite

import torch
from torch import Tensor, nn

from sakdn.base.progress import log
from sakdn.students.about import Scale

# Means of 20 lengths: weights are searched in steps of three, and lengths scatter less than that.
# Of steps 1 to 10 each, as they change fast at first (on UTD-MHAD that of `relation` grew fiftyfold
# in these), then of every fifth up to 60.
STEPS, DENSE, EVERY = 20, 10, 5
LAST = DENSE + EVERY * (STEPS - DENSE - 1)
# In half precision the gradients of a mean over a batch would fall below what can be told from 0.
SCALE = 2.0**10
# Of the label's gradient; what is shorter is rounding, and is not blown up.
NONE = 1e-6


class Shares(nn.Module):
    """Measures the gradients of named terms in the first steps, and weighs the terms.

    What was measured is in buffers, and so in the resumable state. A step counts for a term in
    which it has a gradient, and the label too; until the first of these the term's factor is 0,
    after `STEPS` of them it stays as it is, in between it follows. One line of the log says what
    came out.

    Args:
        shares: of each term.
    """

    sums: Tensor
    counts: Tensor
    steps: Tensor

    def __init__(self, shares: Mapping[str, float]) -> None:
        super().__init__()
        self.shares = dict(shares)
        self.register_buffer("sums", torch.zeros(len(shares), 2, dtype=torch.float64))
        self.register_buffer("counts", torch.zeros(len(shares), dtype=torch.int64))
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def weigh(
        self,
        label: Tensor | None,
        terms: Mapping[str, Tensor],
        taps: Sequence[Tensor],
        rise: float = 1.0,
    ) -> dict[str, Tensor]:
        """Terms times their factors, after measuring them where that is due.

        Args:
            label: the label's loss, with its graph, which is kept; None where no clip has one.
            terms: those of the shares, unweighted, with their graphs.
            taps: that label and terms were computed from.
            rise: 0 to 1, multiplies all shares.
        """
        self.measure(label, terms, taps)
        return {name: rise * self.factor(name) * term for name, term in terms.items()}

    def measure(
        self, label: Tensor | None, terms: Mapping[str, Tensor], taps: Sequence[Tensor]
    ) -> None:
        """Adds this step to the means of terms that want more of them."""
        places = {name: place for place, name in enumerate(self.shares)}
        wanting = [name for name in terms if self.counts[places[name]] < STEPS]
        if not wanting:
            return
        step = int(self.steps)
        self.steps += 1
        if step >= DENSE and step % EVERY:
            return
        lengths = {name: gradient_length(terms[name], taps) for name in wanting}
        ours = gradient_length(self.standard(terms) if label is None else label, taps)
        for name, theirs in lengths.items():
            if isfinite(ours) and isfinite(theirs) and theirs > NONE * ours > 0:
                self.sums[places[name]] += torch.tensor([ours, theirs], dtype=torch.float64)
                self.counts[places[name]] += 1
        if step == LAST:
            log(self.words())

    def standard(self, terms: Mapping[str, Tensor]) -> Tensor:
        """The term that stands in for the label, the same in every step."""
        return next(terms[name] for name in self.shares if name in terms)

    def scales(self) -> dict[str, Scale]:
        """What was measured of the terms that had a gradient."""
        measured = zip(self.shares, self.sums.tolist(), self.counts.tolist(), strict=True)
        return {
            name: Scale(
                share=self.shares[name],
                label_gradient=sums[0] / count,
                gradient=sums[1] / count,
                steps=count,
            )
            for name, sums, count in measured
            if count
        }

    def factor(self, name: str) -> float:
        """What term `name` is multiplied by: its share over its relative length; 0 if unknown."""
        scale = self.scales().get(name)
        return scale.factor if scale else 0.0

    def words(self) -> str:
        """What was measured, in a line."""
        scales = self.scales()
        found = [
            f"{name} {each.gradient:.3g} to the label's {each.label_gradient:.3g},"
            f" so that weight {each.share:g} is a factor of {each.factor:.3g}"
            for name, each in scales.items()
        ]
        without = [f"{name} has none, and waits for one" for name in self.shares.keys() - scales]
        return f"lengths of gradients in {self.steps} steps: {'; '.join(found + sorted(without))}"


def gradient_length(loss: Tensor, taps: Sequence[Tensor]) -> float:
    """L2 norm of the gradient of `loss` at all `taps` together; 0 where it reaches none."""
    if not loss.requires_grad:
        return 0.0
    gradients = torch.autograd.grad(SCALE * loss, taps, retain_graph=True, allow_unused=True)
    lengths = [
        torch.linalg.vector_norm(gradient, dtype=torch.float32)
        for gradient in gradients
        if gradient is not None
    ]
    return torch.stack(lengths).norm().item() / SCALE if lengths else 0.0
