"""Values far outside what a sensor usually measures, by file and row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sakdn.data.clips.problems import Finding
from sakdn.data.readers.signals import Samples

BULK = (0.01, 0.99)
# The bulks of all files but the oddest; and how many times its width away a value is far.
USUAL_FILES = (0.05, 0.95)
FAR = 10


@dataclass(frozen=True)
class Spread:
    """Where the values of a file's axes lie; arrays are [axes].

    Attributes:
        low: most of them are above this ...
        high: ... and below this.
        ends: smallest and largest [2, axes].
        rows: where in the file these are [2, axes].
        mean: of each axis.
        size: root of the mean square of a sample's length.
    """

    low: np.ndarray
    high: np.ndarray
    ends: np.ndarray
    rows: np.ndarray
    mean: np.ndarray
    size: float


def spread_of(samples: Samples) -> Spread | None:
    """Where the values of a signal lie; None where an axis has no number."""
    finite = np.isfinite(samples.values)
    if not finite.any(axis=0).all():
        return None
    low = np.where(finite, samples.values, np.inf)
    high = np.where(finite, samples.values, -np.inf)
    at = np.stack([low.argmin(axis=0), high.argmax(axis=0)])
    columns = [axis[ok] for axis, ok in zip(samples.values.T, finite.T)]
    return Spread(
        low=np.array([np.quantile(axis, BULK[0], method="higher") for axis in columns]),
        high=np.array([np.quantile(axis, BULK[1], method="lower") for axis in columns]),
        ends=np.stack([low.min(axis=0), high.max(axis=0)]),
        rows=samples.rows[at],
        mean=np.array([axis.mean() for axis in columns]),
        size=float(np.sqrt(sum((axis**2).mean() for axis in columns))),
    )


def far_values(spreads: Mapping[str, Spread]) -> Iterator[tuple[str, Finding]]:
    """Files of a sensor with values far from its usual ones: path and finding.

    Args:
        spreads: by path, all with as many axes.
    """
    lows = np.array([spread.low for spread in spreads.values()])
    highs = np.array([spread.high for spread in spreads.values()])
    low = np.quantile(lows, USUAL_FILES[0], axis=0, method="higher")
    high = np.quantile(highs, USUAL_FILES[1], axis=0, method="lower")
    width = high - low
    for path, spread in spreads.items():
        far = np.maximum(low - spread.ends[0], spread.ends[1] - high)
        axis = int(np.argmax(np.divide(far, width, out=np.zeros_like(far), where=width > 0)))
        if width[axis] > 0 and far[axis] > FAR * width[axis]:
            end = int(spread.ends[1, axis] - high[axis] > low[axis] - spread.ends[0, axis])
            yield (
                path,
                Finding(
                    "far_value",
                    "warning",
                    f"row {spread.rows[end, axis]}, axis {axis + 1}: found"
                    f" {spread.ends[end, axis]:g}, nearly all values of the sensor are"
                    f" {low[axis]:.3g} to {high[axis]:.3g}; correct it, or empty its cell and set"
                    " gaf.nan: interpolate",
                ),
            )
