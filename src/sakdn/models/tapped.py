"""Taps within a published network: maps that lie on the way to its answer, whatever its layout."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

Layout = Callable[[Any], tuple[Tensor, Any]]
"""Turns what a layer puts out into maps [N k, c, h, w], and makes it anew from those maps.

The network goes on with what was made anew, so that gradients of its answer reach the maps.
"""


class Tapped(nn.Module):
    """A published network with five taps.

    Attributes:
        feature_dim: length of a feature.
        tap_names: the layers of the five taps, first to last; one may stand for two.
        tap_widths: their channels.
        sees_clips: whether it takes clips [N, channels, T, H, W], else frames [N, channels, H, W].
    """

    def __init__(
        self,
        net: nn.Module,
        read: Callable[[Any, Tensor], Tensor],
        layouts: Mapping[str, Layout],
        tap_names: Sequence[str],
        tap_widths: Sequence[int],
        feature_dim: int,
        sees_clips: bool = False,
    ) -> None:
        """Prepares.

        Args:
            net: the network.
            read: computes features of its input with it.
            layouts: of each tapped layer.
            tap_names: as the attributes.
            tap_widths: likewise.
            feature_dim: likewise.
            sees_clips: likewise.
        """
        super().__init__()
        self.net, self.read, self.layouts = net, read, dict(layouts)
        self.tap_names, self.tap_widths = tuple(tap_names), tuple(tap_widths)
        self.feature_dim, self.sees_clips = feature_dim, sees_clips

    def forward(self, inputs: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Computes features [N k, feature_dim] and maps [N k, c, h, w] by name.

        k is 1 for frames; for clips it is what the time axis has become at the layer.
        """
        maps: dict[str, Tensor] = {}

        def tap(name: str) -> Callable[[nn.Module, Any, Any], Any]:
            def hook(module: nn.Module, arguments: Any, output: Any) -> Any:
                maps[name], anew = self.layouts[name](output)
                return anew

            return hook

        handles = [
            self.net.get_submodule(name).register_forward_hook(tap(name)) for name in self.layouts
        ]
        try:
            return self.read(self.net, inputs), maps
        finally:
            for handle in handles:
                handle.remove()


def clips(output: Tensor) -> tuple[Tensor, Tensor]:
    """Layout of [N, c, T, h, w]."""
    maps = output.transpose(1, 2).flatten(0, 1)
    return maps, maps.unflatten(0, (output.shape[0], -1)).transpose(1, 2)


def clips_channels_last(output: Tensor) -> tuple[Tensor, Tensor]:
    """Layout of [N, T, h, w, c]."""
    maps = output.permute(0, 1, 4, 2, 3).flatten(0, 1)
    return maps, maps.unflatten(0, (output.shape[0], -1)).permute(0, 1, 3, 4, 2)


def tokens(output: tuple[Tensor, tuple[int, ...]]) -> tuple[Tensor, Any]:
    """Layout of a class token and T h w tokens [N, 1 + T h w, c], with (T, h, w)."""
    values, sizes = output
    grid = values[:, 1:].unflatten(1, sizes)  # [N, T, h, w, c]
    maps, grid = clips_channels_last(grid)
    return maps, (torch.cat([values[:, :1], grid.flatten(1, 3)], 1), sizes)
