"""What the sensor measures while the camera looks: the course of a signal, read off the video.

A clip has one label, but a measurement at every moment. A student whose features of a moment
also tell what the sensor measured then must look at what moves, which is the same for everyone
who does the action. Not in the paper: an option of `sakdn`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sakdn.losses.shapes import full, masked_mean, require_same_shape
from sakdn.models.heads import temporal_convolution

HIDDEN = 128


class SignalReader(nn.Module):
    """Reads the signals of all sensors off segment features; a frame sees its neighbours.

    Args:
        dim: of the segment features.
        widths: values of each sensor at a moment.
    """

    def __init__(self, dim: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.widths = list(widths)
        self.context = temporal_convolution(dim, HIDDEN)
        self.values = nn.Linear(HIDDEN, sum(widths))

    def forward(self, segments: Tensor) -> list[Tensor]:
        """Signals, one [N, T, width] a sensor, of segment features [N, T, d]."""
        context = self.context(segments.transpose(1, 2))  # [N, hidden, T]
        return list(self.values(context.transpose(1, 2)).split(self.widths, dim=-1))


def at_moments(course: Tensor, moments: Tensor) -> Tensor:
    """Values of a course at moments, between the middles of its parts linearly.

    Args:
        course: [N, parts, width].
        moments: fractions of the clip [N, T], 0..1.

    Returns:
        [N, T, width].
    """
    parts = course.shape[1]
    place = (moments * parts - 0.5).clamp(0, parts - 1)
    left = place.floor().long().clamp_max(max(parts - 2, 0))
    right = (left + 1).clamp_max(parts - 1)
    share = (place - left)[..., None]
    rows = torch.arange(len(course), device=course.device)[:, None]
    return course[rows, left] * (1 - share) + course[rows, right] * share


def signal_loss(
    read: Sequence[Tensor], measured: Sequence[Tensor], present: Tensor | None = None
) -> Tensor:
    """Smooth L1 between what was read and what was measured, mean over moments and values.

    Args:
        read: of `SignalReader`, [N, T, width] a sensor.
        measured: standardised, the same shapes.
        present: [N, S] bool; None = all.
    """
    distances = []
    for ours, theirs in zip(read, measured, strict=True):
        require_same_shape("signal", ours, theirs, "run `knowledge` again")
        distances.append(F.smooth_l1_loss(full(ours), theirs, reduction="none").mean((1, 2)))
    return masked_mean(torch.stack(distances, 1), present)
