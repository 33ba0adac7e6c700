"""The range of each axis that is one scale for all clips, which a few wild values do not set."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from sakdn.base.errors import InputError
from sakdn.base.progress import track
from sakdn.data.readers.parts import Part
from sakdn.data.readers.signals import Read
from sakdn.options.sensors import ImageOptions
from sakdn.teachers.gaf.clip_signals import clip_signals

Ranges = Sequence[tuple[float, float]]

# What nearly all values lie in; what is farther from it than it is wide is wild.
BULK = (0.001, 0.999)
MAX_POOLED = 2**20


def axis_ranges(
    paths: Sequence[Path],
    options: ImageOptions,
    parts: Mapping[Path, Sequence[Part]] | None = None,
    mapper: Callable[..., Iterable[list[np.ndarray]]] = map,
    read: Read | None = None,
) -> list[tuple[float, float]]:
    """Smallest and largest value of each axis over the signals at `paths`, less the wild ones.

    One overflow of a sensor would make the images of all its clips flat. Memory does not grow with
    the number of files: of many the bulk is judged by every second sample, every fourth, ... Of a
    file only its `parts` are used, where given. `mapper` is a `map`, perhaps over processes; `read`
    stands for `read_samples`.

    Raises:
        InputError: a bad file, or files with different numbers of axes.
    """
    pool: list[np.ndarray] = []
    ends: list[np.ndarray] = []
    pooled, stride = 0, 1
    signals_of = mapper(
        partial(_signals, options, read), paths, [(parts or {}).get(p, [Part()]) for p in paths]
    )
    files = zip(paths, track(signals_of, "ranges", "signals", len(paths)))
    for path, signal in ((path, signal) for path, signals in files for signal in signals):
        check_axes(path, signal, pool[0].shape[1] if pool else signal.shape[1])
        pool.append(signal[::stride])
        ends.append(np.stack([signal.min(axis=0), signal.max(axis=0)]))
        pooled += len(pool[-1])
        if pooled > MAX_POOLED:
            pool, stride = [np.concatenate(pool)[::2]], 2 * stride
            pooled = len(pool[0])
    if not pool:
        raise InputError("gaf.scaling: no training clip has this sensor; set gaf.scaling: clip")
    low, high = usual_range(np.concatenate(pool), np.concatenate(ends))
    return list(zip(low.tolist(), high.tolist()))


def _signals(
    options: ImageOptions, read: Read | None, path: Path, parts: Sequence[Part]
) -> list[np.ndarray]:
    return list(clip_signals(path, options, parts, read))


def usual_range(
    values: np.ndarray, more: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest value of each column that is not wild.

    Args:
        values: [n, columns]; their bulk tells what is wild.
        more: further values that may be the smallest or largest [m, columns].

    Returns:
        low [columns], high [columns].
    """
    low = np.quantile(values, BULK[0], axis=0, method="higher")
    high = np.quantile(values, BULK[1], axis=0, method="lower")
    width = np.where(high > low, high - low, np.inf)
    every = values if more is None else np.concatenate([values, more])
    usual = (every >= low - width) & (every <= high + width)
    return (
        np.where(usual, every, np.inf).min(axis=0),
        np.where(usual, every, -np.inf).max(axis=0),
    )


def check_axes(path: Path, signal: np.ndarray, axes: int) -> None:
    """Checks that a signal has as many axes as the first clip.

    Raises:
        InputError: it has not.
    """
    if signal.shape[1] != axes:
        raise InputError(
            f"{path}: found {signal.shape[1]} axes, expected {axes} as in the other clips; name the"
            " columns to use under sensors"
        )
