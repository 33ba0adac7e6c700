"""Heads of the student: from segment features to logits."""

import torch
from torch import Tensor, nn

from sakdn.models.trn import MultiScaleTRN


class AverageConsensus(nn.Module):
    """Mean of the segments' scores (temporal segment networks, Wang et al., 2016)."""

    def __init__(self, dim: int, n_classes: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(dim, n_classes)

    def forward(self, features: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Logits [N, C] of segment features [N, T, d]."""
        return self.classifier(features.relu()).mean(1)  # [N, T, C] -> [N, C]


class MaxOverTime(nn.Module):
    """Scores of the largest value of each feature over the segments: what was seen at any time."""

    def __init__(self, dim: int, n_classes: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(dim, n_classes)

    def forward(self, features: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Logits [N, C] of segment features [N, T, d]."""
        return self.classifier(features.relu().amax(1))  # [N, d] -> [N, C]


def temporal_convolution(dim: int, hidden: int) -> nn.Sequential:
    """Features [N, dim, T] to [N, hidden, T]: every segment sees its two neighbours."""
    return nn.Sequential(
        nn.ReLU(), nn.Conv1d(dim, hidden, 3, padding=1), nn.BatchNorm1d(hidden), nn.ReLU()
    )


class TemporalConvolution(nn.Module):
    """One convolution over three segments, then the mean over time: light, and sees the order."""

    def __init__(self, dim: int, n_classes: int, hidden: int = 128) -> None:
        super().__init__()
        self.convolution = temporal_convolution(dim, hidden)
        self.classifier = nn.Linear(hidden, n_classes)

    def forward(self, features: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Logits [N, C] of segment features [N, T, d]."""
        related = self.convolution(features.transpose(1, 2))  # [N, hidden, T]
        return self.classifier(related.mean(2))  # [N, C]


def build_head(name: str, segments: int, dim: int, n_classes: int) -> nn.Module:
    """Builds head `trn`, `average`, `max` or `tconv`.

    Raises:
        InputError: too many segments for `trn`.
    """
    if name == "trn":
        return MultiScaleTRN(segments, dim, n_classes)
    if name == "average":
        return AverageConsensus(dim, n_classes)
    if name == "max":
        return MaxOverTime(dim, n_classes)
    return TemporalConvolution(dim, n_classes)
