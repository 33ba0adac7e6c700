"""The signals of clips: a file each, or spans of one file, which is then read once."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from sakdn.data.readers.parts import Part, signal_cutter
from sakdn.data.readers.signals import Read
from sakdn.options.sensors import ImageOptions


def clip_signals(
    path: Path | str, options: ImageOptions, parts: Iterable[Part], read: Read | None = None
) -> Iterator[np.ndarray]:
    """Finite signals [samples, axes] of the clips that are these parts of a file.

    Raises:
        InputError: as `finite_signal` and `cut_signal`.
    """
    yield from map(signal_cutter(Path(path), options.signal, options.nan, read), parts)
