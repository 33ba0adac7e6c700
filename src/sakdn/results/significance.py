"""Is one model better than another on the same clips and seeds?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap, permutation_test

RESAMPLES = 9999
BATCH = 500
ALPHA = 0.05
DESCRIPTION = (
    "Paired over clips and seeds. Difference: mean over test clips and seeds of (model correct) "
    "minus (baseline correct) for the same clip and seed. 95 % interval: percentile bootstrap of "
    "9,999 resamples, clips and seeds resampled independently of each other (clips alone when "
    "there is one seed). p: two-sided sign-flip permutation test over clips of the difference "
    "averaged over seeds (exact up to 13 clips, 9,999 random flips above); adjusted for the "
    "number of student methods by Benjamini and Hochberg. A difference is called significant "
    "when the adjusted p is below 0.05 and the interval excludes zero."
)


@dataclass(frozen=True)
class PairedTest:
    """A difference in accuracy (a fraction), its 95 % interval and its p-value."""

    difference: float
    low: float
    high: float
    p_value: float


def paired_test(gain: NDArray[np.float64]) -> PairedTest:
    """Tests whether the mean of `gain` differs from zero; `DESCRIPTION` says how.

    A clip keeps its seeds together in the permutation test, because the seeds of a hard clip
    are not independent trials. With few seeds the bootstrap sees little of the spread between
    seeds, so its interval is then rather too narrow than too wide.

    Args:
        gain: [seeds, clips], 1 where only the model is right, -1 where only the baseline is,
            0 where they agree; at least two clips.
    """
    clips = gain.mean(axis=0)
    null = permutation_test(
        (clips,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=BATCH,
        rng=0,
    )
    low, high = _interval(gain)
    return PairedTest(float(gain.mean()), low, high, float(null.pvalue))


def _interval(gain: NDArray[np.float64]) -> tuple[float, float]:
    """Crossed bootstrap: draws rows and columns of `gain`, then averages what they share."""
    seeds, clips = (np.arange(size) for size in gain.shape)

    def mean_of_drawn(
        drawn_clips: NDArray[np.int64], drawn_seeds: NDArray[np.int64] = seeds, axis: int = -1
    ) -> NDArray[np.float64]:
        crossed = gain[
            drawn_seeds[..., :, None], drawn_clips[..., None, :]
        ]  # [batch, seeds, clips]
        return crossed.mean(axis=(-2, -1))

    result = bootstrap(
        (clips, seeds) if len(seeds) > 1 else (clips,),
        mean_of_drawn,
        vectorized=True,
        paired=False,
        n_resamples=RESAMPLES,
        batch=BATCH,
        method="percentile",
        rng=0,
    )
    return float(result.confidence_interval.low), float(result.confidence_interval.high)
