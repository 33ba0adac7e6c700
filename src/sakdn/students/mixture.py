"""Batches where some training videos have no label: part labelled, part told of by teachers."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sakdn.base.errors import InputError
from sakdn.base.progress import log
from sakdn.options.columns import UNLABELLED
from sakdn.options.student import LearningOptions
from sakdn.training.batches import balanced_rows

LABELLED_STREAM, UNLABELLED_STREAM = 1, 2


@dataclass(frozen=True)
class Mixture:
    """Two pools of clips, each gone through again and again.

    An epoch has as many steps as all training videos would give, so that methods, and shares of
    labels, are compared at equal steps. A clip that comes again is seen anew.

    Attributes:
        labelled: rows of clips with a label [n].
        unlabelled: rows of clips without one, from which the method learns [m].
        shares: clips of each in a batch.
        steps: batches of an epoch.
        labels: of all rows of the clips table.
        balanced: whether a pass over the labelled has every class as often.
        seed: of the run.
    """

    labelled: np.ndarray
    unlabelled: np.ndarray
    shares: tuple[int, int]
    steps: int
    labels: np.ndarray
    balanced: bool
    seed: int

    def batches(self, epoch: int) -> list[tuple[np.ndarray, int]]:
        """Rows of each batch of an epoch, and a number that no other batch of the run has."""
        first = self._drawn(self._labelled_pass, self.shares[0], LABELLED_STREAM, epoch)
        second = self._drawn(self._unlabelled_pass, self.shares[1], UNLABELLED_STREAM, epoch)
        return [
            (np.concatenate(parts), epoch * self.steps + step)
            for step, parts in enumerate(zip(first, second, strict=True))
        ]

    def _labelled_pass(self, generator: np.random.Generator) -> np.ndarray:
        if self.balanced:
            return generator.permutation(balanced_rows(self.labelled, self.labels, generator))
        return generator.permutation(self.labelled)

    def _unlabelled_pass(self, generator: np.random.Generator) -> np.ndarray:
        return generator.permutation(self.unlabelled)

    def _drawn(
        self,
        one_pass: Callable[[np.random.Generator], np.ndarray],
        share: int,
        stream: int,
        epoch: int,
    ) -> np.ndarray:
        """Rows of every batch [steps, share]; all of a pool come before one comes again."""
        generator = np.random.default_rng([self.seed, epoch, stream, 0])
        rows = np.empty(0, int)
        while len(rows) < self.steps * share:
            rows = np.concatenate([rows, one_pass(generator)])
        return rows[: self.steps * share].reshape(self.steps, share)


def mixture_of(
    train: np.ndarray,
    learnt: np.ndarray,
    labels: np.ndarray,
    options: LearningOptions,
    seed: int,
) -> Mixture:
    """How the clips of a training side are mixed, of which some have no label.

    Args:
        train: rows of the clips table that have a video.
        learnt: whether the method learns from each, if it has no label [n].
        labels: of all rows of the table.
        options: batch size, least share of labelled clips, sampling.
        seed: of the run.

    Raises:
        InputError: fewer than two clips to learn from.
    """
    known = labels[train] != UNLABELLED
    labelled, unlabelled = train[known], train[~known & learnt]
    steps = -(-len(train) // options.batch_size)
    if not len(labelled) and not len(unlabelled):
        log("warning: no training video has a label: the student alone learns nothing, and guesses")
        unlabelled, steps = train, 1
    shares = _shares(len(labelled), len(unlabelled), options)
    if sum(shares) < 2:
        raise InputError(
            f"student: found {sum(shares)} training video to learn from, expected at least two;"
            " label more clips"
        )
    balanced = options.sampling == "balanced"
    return Mixture(labelled, unlabelled, shares, steps, labels, balanced, seed)


def _shares(labelled: int, unlabelled: int, options: LearningOptions) -> tuple[int, int]:
    """Clips of a batch with a label and without; none comes twice in a batch if it can be."""
    size = options.batch_size
    share = max(options.labelled_share, labelled / (labelled + unlabelled))
    first = min(max(1, round(share * size)), labelled) if unlabelled else min(size, labelled)
    return first, min(size - first, unlabelled)
