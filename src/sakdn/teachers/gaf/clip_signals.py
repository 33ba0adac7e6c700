"""The signals of clips: a file each, or spans of one file, which is then read once."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from sakdn.data.readers.signals import timed_signal
from sakdn.data.readers.span import Span, cut_signal
from sakdn.teachers.gaf.options import GafOptions


def clip_signals(
    path: Path | str, options: GafOptions, spans: Sequence[Span | None]
) -> Iterator[np.ndarray]:
    """Finite signals [samples, axes] of the clips that are these spans of a file.

    Raises:
        InputError: as `finite_signal` and `cut_signal`.
    """
    signal, rate_hz = timed_signal(path, options.signal, options.nan)
    for span in spans:
        yield cut_signal(signal, rate_hz, path, span)
