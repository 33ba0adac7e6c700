"""The course of a signal in few numbers: mean and spread of each axis in equal parts of a clip."""

from pathlib import Path

import numpy as np

PARTS = 16


def course_path(images: Path) -> Path:
    """Where the courses of the sensor with these images (.npy) are."""
    return images.with_suffix(".course.npy")


def course(signal: np.ndarray, parts: int = PARTS) -> np.ndarray:
    """Mean and standard deviation of each axis in `parts` equal parts.

    A part covers the samples that it touches, at least one: short signals repeat samples.

    Args:
        signal: finite [samples, axes].
        parts: how many.

    Returns:
        float32 [parts, 2 axes]: means in the signal's units, then standard deviations.
    """
    edges = np.arange(parts + 1) * len(signal) / parts
    first, last = np.floor(edges[:-1]).astype(int), np.ceil(edges[1:]).astype(int)
    pieces = [signal[start:end] for start, end in zip(first, last)]
    values = [np.concatenate([piece.mean(axis=0), piece.std(axis=0)]) for piece in pieces]
    return np.array(values, dtype=np.float32)
