"""Cuts of a clip, the same for its signals and its video."""

import zlib
from dataclasses import dataclass

import numpy as np

from sakdn.base.errors import InputError
from sakdn.base.options import whole_number


@dataclass(frozen=True)
class WindowOptions:
    """Cuts of each clip beside the whole (see `windows_of`)."""

    count: int = 1
    min_fraction: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        whole_number("gaf.windows.count", self.count, 1)
        whole_number("gaf.windows.seed", self.seed, 0)
        if not 0 < self.min_fraction <= 1:
            raise InputError(
                f"gaf.windows.min_fraction: found {self.min_fraction}, expected above 0, at most 1"
            )


def windows_of(clip: str, count: int, min_fraction: float, seed: int) -> list[tuple[float, float]]:
    """Windows of a clip, the same whenever and wherever they are asked for.

    Window 0 is the whole clip. The others have a length drawn evenly from `min_fraction`..1 and
    then an even start. A larger `count` keeps the windows of a smaller one.

    Args:
        clip: id of the clip.
        count: how many, the whole clip included.
        min_fraction: shortest length as a fraction of the clip, 0..1.
        seed: another seed, other windows.

    Returns:
        (start, end) as fractions of the clip, 0 <= start < end <= 1.
    """
    generator = np.random.default_rng([zlib.crc32(clip.encode()), seed])
    windows = [(0.0, 1.0)]
    for share, place in generator.random((count - 1, 2)):
        length = min_fraction + (1 - min_fraction) * share
        start = (1 - length) * place
        windows.append((float(start), float(min(1.0, start + length))))
    return windows


def cut(window: tuple[float, float], length: int, moments: np.ndarray | None = None) -> slice:
    """Samples (or frames) of a clip of `length` that lie in `window`; at least two if there are.

    A sample i covers the fractions i / length .. (i + 1) / length; those whose centre lies in the
    window are taken. `moments`: centres of samples that come unevenly, ascending fractions.
    """
    if moments is None:
        start, end = (round(fraction * length) for fraction in window)
    else:
        start, end = map(int, np.searchsorted(moments, window))
    start = max(0, min(start, length - 2))
    return slice(start, min(length, max(end, start + 2)))
