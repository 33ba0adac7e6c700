"""How good predictions are. Labels and predictions are integer arrays [n]; shares are in 0..1."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sakdn.base.errors import InputError


class ClassScores(NamedTuple):
    """Scores of every class, each an array [C].

    Attributes:
        clips: true clips of the class.
        recall: share of them found; 0 for a class without clips.
        precision: share of the predictions of the class that are right; 0 without any.
        f1: harmonic mean of the two.
    """

    clips: NDArray[np.int64]
    recall: NDArray[np.float64]
    precision: NDArray[np.float64]
    f1: NDArray[np.float64]


def accuracy(labels: NDArray[np.integer], predicted: NDArray[np.integer]) -> float:
    """Share of clips whose predicted class is theirs.

    Raises:
        InputError: no clips, or not one prediction a clip.
    """
    _check(labels, predicted)
    return float(np.mean(labels == predicted))


def recall_at_1(labels: NDArray[np.integer], vectors: NDArray[np.floating]) -> float:
    """Share of clips whose nearest other clip, by Euclidean distance, has their label.

    A retrieval measure (the paper computes it on the logits of the test set). A clip is never
    its own neighbour; where several others are equally near, the share of them that has the
    label counts, so the result does not depend on the order of the clips.

    Args:
        labels: [n].
        vectors: [n, d].

    Returns:
        Share in 0..1; 0 for a single clip, which has no neighbour.

    Raises:
        InputError: no clips, or not one vector a clip.
    """
    _check(labels, vectors)
    if len(labels) == 1:
        return 0.0
    hits = 0.0
    for row, vector in enumerate(vectors):
        squared = np.square(vectors - vector).sum(1)
        squared[row] = np.inf
        hits += np.mean(labels[squared == squared.min()] == labels[row])
    return float(hits / len(labels))


def f_measure(accuracy: float, recall_at_1: float) -> float:
    """Harmonic mean of accuracy and recall@1, the paper's F-measure; 0 when both are 0."""
    total = accuracy + recall_at_1
    return 2 * accuracy * recall_at_1 / total if total else 0.0


def confusion_matrix(
    labels: NDArray[np.integer], predicted: NDArray[np.integer], classes: int
) -> NDArray[np.int64]:
    """Counts [C, C] of clips by true class (row) and predicted class (column).

    Raises:
        InputError: no clips, not one prediction a clip, or a class outside 0..C-1.
    """
    _check(labels, predicted)
    both = np.concatenate([labels, predicted])
    if both.min() < 0 or both.max() >= classes:
        raise InputError(
            f"confusion_matrix: found classes {both.min()}..{both.max()}, expected 0..{classes - 1}"
        )
    counts = np.bincount(np.asarray(labels) * classes + predicted, minlength=classes**2)
    return counts.reshape(classes, classes)


def class_scores(confusion: NDArray[np.integer]) -> ClassScores:
    """Recall, precision and F1 of every class from a confusion matrix [C, C]."""
    hits, clips, claimed = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    return ClassScores(
        clips,
        hits / np.maximum(clips, 1),
        hits / np.maximum(claimed, 1),
        2 * hits / np.maximum(clips + claimed, 1),
    )


def macro_f1(confusion: NDArray[np.integer]) -> float:
    """Mean F1 of the classes that have clips (some protocols test on a part of the classes)."""
    scores = class_scores(confusion)
    return float(scores.f1[scores.clips > 0].mean())


def summary(
    logits: NDArray[np.floating], labels: NDArray[np.integer], names: Sequence[str]
) -> dict[str, object]:
    """All scores of one model's logits [n, C], ready for JSON.

    Returns:
        `accuracy`, `macro_f1`, `recall_at_1`, `f_measure`, `per_class` (a row a class) and
        `confusion` (rows: truth).
    """
    confusion = confusion_matrix(labels, logits.argmax(1), len(names))
    return summary_of(confusion, recall_at_1(labels, logits), names)


def summary_of(
    confusion: NDArray[np.integer], retrieval: float, names: Sequence[str]
) -> dict[str, object]:
    """The same from a confusion matrix [C, C] and recall@1."""
    scores = class_scores(confusion)
    hit_rate = float(np.trace(confusion) / confusion.sum())
    columns = zip(names, scores.clips.tolist(), scores.recall.tolist(), scores.f1.tolist())
    return {
        "accuracy": hit_rate,
        "macro_f1": macro_f1(confusion),
        "recall_at_1": retrieval,
        "f_measure": f_measure(hit_rate, retrieval),
        "per_class": [
            {"action": label, "name": name, "clips": clips, "recall": recall, "f1": f1}
            for label, (name, clips, recall, f1) in enumerate(columns)
        ],
        "confusion": confusion.tolist(),
    }


def _check(labels: NDArray[np.integer], others: NDArray) -> None:
    if len(labels) != len(others) or not len(labels):
        raise InputError(
            f"metrics: {len(labels)} labels for {len(others)} clips; expected as many, at least 1"
        )
