"""The small learnt parts that FitNet, OFD and AFD need; dropped after training."""

from torch import Tensor, nn

from sakdn.losses.shapes import EPSILON


def fitnet_connector(student_channels: int, teacher_channels: int) -> nn.Module:
    """Bias-free 1x1 convolution from the student's channels to the teacher's."""
    return nn.Conv2d(student_channels, teacher_channels, 1, bias=False)


def ofd_connector(student_channels: int, teacher_channels: int) -> nn.Module:
    """1x1 convolution and batch normalisation (Heo et al. 2019)."""
    convolution = nn.Conv2d(student_channels, teacher_channels, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(teacher_channels))


class ChannelAttention(nn.Module):
    """Weights of a map's channels, summing to 1 (Wang et al. 2020).

    Args:
        channels: of the maps.
        hidden: width of the bottleneck; default half the channels.
    """

    def __init__(self, channels: int, hidden: int | None = None) -> None:
        super().__init__()
        hidden = hidden or max(channels // 2, 1)
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels, hidden, 1),
            nn.ReLU(),
            nn.Conv2d(hidden, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Maps [N, c, h, w] to weights [N, c, 1, 1]."""
        gate = self.gate(maps)  # [N, c, 1, 1]
        return gate / gate.sum(1, keepdim=True).clamp_min(EPSILON)  # [N, c, 1, 1]
