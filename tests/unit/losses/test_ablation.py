from itertools import pairwise

import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.losses.ablation import (
    ablation_weights,
    class_score,
    saliency,
    semantic_score,
    weighted_map,
)


class SmallNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        widths = (2, 12, 16, 16)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2))
            for a, b in pairwise(widths)
        )
        self.head = nn.Linear(16, 4)

    def forward(
        self, x: Tensor, ablated: tuple[int, int] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        taps = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if ablated and ablated[0] == index:
                x = x * (torch.arange(x.shape[1]) != ablated[1])[:, None, None]
            taps.append(x)
        return self.head(x.mean((2, 3))), taps


@pytest.fixture(scope="module")
def trained() -> tuple[SmallNet, Tensor, Tensor]:
    torch.manual_seed(0)
    net, clips, labels = SmallNet(), torch.randn(64, 2, 16, 16), torch.arange(64) % 4
    clips[labels == 1, :, :8] += 1
    clips[labels == 2, 0] *= 2
    clips[labels == 3, 1, :, 8:] -= 1
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    for _ in range(60):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(clips)[0], labels).backward()
        optimiser.step()
    return net, clips[:8], labels[:8]


def exact_ablation(net: SmallNet, clips: Tensor, labels: Tensor, tap: int, width: int) -> Tensor:
    """Fall of the label's logit [N, c] when a channel is really set to zero."""
    with torch.no_grad():
        whole = class_score(net(clips)[0], labels)
        parts = [class_score(net(clips, (tap, c))[0], labels) for c in range(width)]
    return torch.stack([whole - part for part in parts], 1)


@pytest.mark.parametrize("tap", [0, 1, 2])
def test_ranks_channels_as_exact_ablation(
    trained: tuple[SmallNet, Tensor, Tensor], tap: int
) -> None:
    net, clips, labels = trained
    logits, taps = net(clips)
    weights = ablation_weights(taps, class_score(logits, labels))[tap]
    exact = exact_ablation(net, clips, labels, tap, taps[tap].shape[1])
    ranks = [spearmanr(ours, truth).statistic for ours, truth in zip(weights, exact)]
    assert sum(ranks) / len(ranks) >= 0.9
    assert min(ranks) >= 0.8


def test_exact_on_a_linear_score_and_independent_of_the_batch() -> None:
    maps = torch.randn(3, 5, 4, 4, requires_grad=True)
    factors = torch.randn(5, 4, 4)
    score = (maps * factors).sum((1, 2, 3))
    (weights,) = ablation_weights([maps], score)
    torch.testing.assert_close(weights, (maps * factors).sum((2, 3)).detach())
    (alone,) = ablation_weights([maps], score[:1])
    torch.testing.assert_close(alone[0], weights[0])


def test_relative_weights_are_shares_of_the_score() -> None:
    maps = torch.rand(2 * 3, 4, 2, 2, requires_grad=True)
    score = maps.sum((1, 2, 3)).unflatten(0, (2, 3)).sum(1) * torch.tensor([1.0, -5.0])
    (shares,) = ablation_weights([maps], score, relative=True)
    per_clip = shares.unflatten(0, (2, 3)).sum((1, 2))
    torch.testing.assert_close(per_clip, torch.tensor([1.0, -1.0]))
    (zero,) = ablation_weights([maps], 0 * score, relative=True)
    assert (zero == 0).all()


def test_weights_are_detached_unless_asked() -> None:
    maps = torch.rand(2, 3, 2, 2, requires_grad=True)
    score = maps.square().sum((1, 2, 3))
    assert not ablation_weights([maps], score)[0].requires_grad
    (weights,) = ablation_weights([maps], score, create_graph=True)
    (gradient,) = torch.autograd.grad(weights.sum(), maps)
    torch.testing.assert_close(gradient, 4 * maps)  # of sum (2 m) m


def test_a_copy_of_the_tap_is_refused() -> None:
    maps = torch.rand(2, 3, 2, 2, requires_grad=True)
    with pytest.raises(InputError, match="map 1"):
        ablation_weights([maps, maps * 1], maps.sum((1, 2, 3)))


def test_class_score_takes_the_label_or_the_prediction() -> None:
    logits = torch.tensor([[1.0, 5.0], [2.0, 0.0]])
    assert class_score(logits).tolist() == [5, 2]
    assert class_score(logits, torch.tensor([0, 1])).tolist() == [1, 0]


def test_semantic_score() -> None:
    semantic, vectors = (
        torch.tensor([[3.0, 0.0], [0.0, 0.0]]),
        torch.tensor([[4.0, 3.0], [1.0, 1.0]]),
    )
    assert semantic_score(semantic, vectors).tolist() == pytest.approx([0.8, 0])
    assert semantic_score(semantic, vectors, cosine=False).tolist() == [12, 0]


def test_saliency_is_the_positive_evidence_at_unit_norm() -> None:
    maps = torch.tensor([[[[1.0, 0.0], [2.0, 1.0]], [[0.0, 3.0], [0.0, 1.0]]]])
    weights = torch.tensor([[2.0, -1.0]])
    assert weighted_map(maps, weights).tolist() == [[[2, 0], [4, 1]]]
    expected = torch.tensor([[[2.0, 0], [4, 1]]]) / 21**0.5
    torch.testing.assert_close(saliency(maps, weights), expected)
    torch.testing.assert_close(saliency(maps, 1e-9 * weights), expected)


@pytest.mark.parametrize("weight", [-1.0, 0.0])
def test_no_evidence_gives_zeros_without_nan(weight: float) -> None:
    maps = torch.ones(2, 3, 4, 4, requires_grad=True)
    blank = saliency(maps, torch.full((2, 3), weight))
    assert (blank == 0).all()
    (gradient,) = torch.autograd.grad(blank.sum(), maps)
    assert (gradient == 0).all()
