"""Words for recordings of one's own: a video, a signal."""

from pathlib import Path

import numpy as np

from sakdn.base.errors import InputError
from sakdn.commands.clips_named import SUFFIXES, holds_images
from sakdn.data.readers.matfile import find_variable
from sakdn.data.readers.signals import read_samples
from sakdn.data.readers.text_table import read_text_table
from sakdn.data.readers.video import plan_clip
from sakdn.options.frames import FramesOptions
from sakdn.options.sensors import SignalOptions

TEXT = (".csv", ".txt", ".tsv")
PACKED = (".gz", ".bz2", ".xz", ".zip")
NAMED = 12


def recording_words(path: Path) -> list[str]:
    """A title and sentences about a video or signal; empty if it is neither.

    Raises:
        InputError: it is one, and cannot be read; says what to set for it.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    kind = suffixes[-1] if suffixes else ""
    if kind in PACKED and len(suffixes) == 2:
        kind = suffixes[0]
    if kind in SUFFIXES or (path.is_dir() and holds_images(path)):
        return video_words(path)
    if kind == ".mat" and _holds(path, 3):
        return video_words(path)
    if kind in (*TEXT, ".npy", ".mat"):
        return signal_words(path, kind in TEXT)
    return []


def video_words(path: Path) -> list[str]:
    """How many frames of what size, and when they are shown."""
    plan = plan_clip(path, FramesOptions(short_side_px=32))
    frames, seconds = plan.timing.frames, plan.timing.end_s(plan.timing.frames)
    time = "times unknown"
    if seconds is not None:
        time = f"{seconds:.2f} s, {plan.fps:.4g} frames a second"
    return ["video", f"{frames:,} frames, {time}"]


def signal_words(path: Path, is_text: bool) -> list[str]:
    """How many samples, and for each column its name, range and whether it counts time."""
    options = SignalOptions(rate_hz=None)
    values = read_samples(path, options).values
    names = read_text_table(path, options).names if is_text else None
    labels = names if names and len(names) == values.shape[1] else None
    columns = [
        _column(labels[k] if labels else str(k), axis) for k, axis in enumerate(values.T[:NAMED])
    ]
    more = [f"and {values.shape[1] - NAMED} columns more"] * (values.shape[1] > NAMED)
    named = "names are in the header" if labels else "no header; columns count from 0"
    found = f"{len(values):,} samples, {values.shape[1]} columns ({named})"
    return ["signal", found, *columns, *more]


def _column(name: str, axis: np.ndarray) -> str:
    finite = axis[np.isfinite(axis)]
    if not len(finite):
        return f"column {name}: no numbers"
    missing = f", {len(axis) - len(finite)} missing" * (len(finite) < len(axis))
    words = f"column {name}: {finite.min():.4g} to {finite.max():.4g}, mean {finite.mean():.4g}"
    steps = np.diff(finite)
    if len(steps) > 1 and (steps > 0).all():
        step = float(np.median(steps))
        words += f"; rises by {step:.4g} a sample, as time does ({1 / step:.4g} a unit)"
    return words + missing


def _holds(path: Path, dimensions: int) -> bool:
    try:
        return bool(find_variable(path, None, dimensions))
    except InputError:
        return False
