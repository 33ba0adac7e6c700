"""Is one model better than another on the same people, clips and seeds?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import permutation_test

RESAMPLES = 9999
BATCH = 500
ALPHA = 0.05
# The fewest people whose sign-flip test can reach p < 0.05: 2 / 2**6 = 0.031.
MIN_PEOPLE = 6

_COMMON = (
    "Paired over clips and seeds. Difference: mean over test clips and seeds of (model correct) "
    "minus (baseline correct) for the same clip and seed. 95 % interval: percentile bootstrap of "
    "9,999 resamples, {resampled}; seeds, where there are several, are resampled independently of "
    "them. p: two-sided sign-flip permutation test over {unit} of the difference averaged over "
    "seeds (exact up to 13 of them, 9,999 random flips above); adjusted for the number of student "
    "methods by Benjamini and Hochberg. A difference is called significant when the adjusted p is "
    "below 0.05 and the interval excludes zero. {reach}"
)


@dataclass(frozen=True)
class PairedTest:
    """A difference in accuracy (a fraction), its 95 % interval and its p-value."""

    difference: float
    low: float
    high: float
    p_value: float


def description(people: int) -> str:
    """How `paired_test` tests with so many test people, in words."""
    if people >= MIN_PEOPLE:
        return _COMMON.format(
            resampled="people drawn first and clips within each of them",
            unit="people",
            reach=f"So it speaks of new people, of whom {people} were tested.",
        )
    return _COMMON.format(
        resampled="clips drawn within each test person",
        unit="clips",
        reach=f"With {people} test {'person' if people == 1 else 'people'}, fewer than "
        f"{MIN_PEOPLE}, interval and p speak of these people only, not of new ones.",
    )


def paired_test(gain: NDArray[np.float64], people: NDArray[np.str_]) -> PairedTest:
    """Tests whether the mean of `gain` differs from zero; `description` says how.

    A clip keeps its seeds together in the permutation test, and a person all clips, because
    neither the seeds of a hard clip nor the clips of a person are independent trials. With few
    seeds or people the bootstrap sees little of the spread between them, so that its interval is
    then rather too narrow than too wide.

    Args:
        gain: [seeds, clips], 1 where only the model is right, -1 where only the baseline is,
            0 where they agree; at least two clips.
        people: who is seen in each clip [clips].
    """
    names, owner = np.unique(people, return_inverse=True)
    clips = gain.mean(axis=0)
    units = np.bincount(owner, clips) if len(names) >= MIN_PEOPLE else clips
    null = permutation_test(
        (units,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=BATCH,
        rng=0,
    )
    low, high = np.percentile(_resampled(gain, owner), (2.5, 97.5))
    return PairedTest(float(gain.mean()), float(low), float(high), float(null.pvalue))


def _resampled(gain: NDArray[np.float64], owner: NDArray[np.intp]) -> NDArray[np.float64]:
    """Means of `gain` [seeds, clips] over resampled seeds and clips of `owner`s: [RESAMPLES]."""
    rng = np.random.default_rng(0)
    clips = [np.flatnonzero(owner == person) for person in range(owner.max() + 1)]
    means = []
    for start in range(0, RESAMPLES, BATCH):
        count = min(BATCH, RESAMPLES - start)
        by_clip = _seeds_drawn(gain, count, rng)  # [count, clips]
        drawn, used = _clips_drawn(by_clip, clips, rng)
        means.append(drawn / used)
    return np.concatenate(means)


def _seeds_drawn(
    gain: NDArray[np.float64], count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The mean over as many seeds as there are, drawn with replacement: [count, clips]."""
    seeds = len(gain)
    return rng.multinomial(seeds, [1 / seeds] * seeds, size=count) @ gain / seeds


def _clips_drawn(
    by_clip: NDArray[np.float64], clips: list[NDArray[np.intp]], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sums over drawn people of drawn clips of theirs, and how many these are: [count] each."""
    count, people = len(by_clip), len(clips)
    times = np.ones((count, people))
    if people >= MIN_PEOPLE:
        times = rng.multinomial(people, [1 / people] * people, size=count).astype(float)
    total = np.zeros(count)
    for person, own in enumerate(clips):
        # A person drawn k times brings k draws of as many clips as that person has.
        draws = (times[:, person] * len(own)).astype(int)
        chosen = rng.multinomial(draws, [1 / len(own)] * len(own))  # [count, clips of the person]
        total += (chosen * by_clip[:, own]).sum(axis=1)
    sizes = np.array([len(own) for own in clips])
    return total, times @ sizes
