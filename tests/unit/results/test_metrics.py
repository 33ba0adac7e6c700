import json

import numpy as np
import pytest

from sakdn.base.errors import InputError
from sakdn.results import metrics

LABELS = np.array([0, 0, 1, 1, 3])
PREDICTED = np.array([0, 1, 1, 1, 0])


def test_accuracy() -> None:
    assert metrics.accuracy(LABELS, PREDICTED) == pytest.approx(0.6)


def test_recall_at_1_looks_at_the_nearest_other() -> None:
    points = np.array([[0.0], [1.0], [5.0], [5.5], [6.5]])
    assert metrics.recall_at_1(LABELS, points) == pytest.approx(4 / 5)


def test_recall_at_1_excludes_self_by_index_not_by_distance() -> None:
    twins = np.array([[0.0], [0.0], [9.0]])
    assert metrics.recall_at_1(np.array([0, 0, 1]), twins) == pytest.approx(2 / 3)
    assert metrics.recall_at_1(np.array([0, 1, 2]), twins) == 0


def test_recall_at_1_shares_ties_whatever_the_order() -> None:
    labels, points = np.array([0, 0, 1]), np.array([[0.0], [-1.0], [1.0]])
    orders = ([0, 1, 2], [2, 1, 0], [1, 0, 2])
    found = [metrics.recall_at_1(labels[order], points[order]) for order in orders]
    assert found == pytest.approx([(0.5 + 1 + 0) / 3] * 3)


def test_recall_at_1_of_one_clip() -> None:
    assert metrics.recall_at_1(np.array([0]), np.zeros((1, 2))) == 0


def test_f_measure() -> None:
    assert metrics.f_measure(0.5, 1.0) == pytest.approx(2 / 3)
    assert metrics.f_measure(0.0, 0.0) == 0


def test_confusion_has_the_truth_in_rows() -> None:
    confusion = metrics.confusion_matrix(LABELS, PREDICTED, 4)
    assert confusion.tolist() == [[1, 1, 0, 0], [0, 2, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]


def test_class_scores_and_macro_f1_of_present_classes() -> None:
    confusion = metrics.confusion_matrix(LABELS, PREDICTED, 4)
    scores = metrics.class_scores(confusion)
    assert scores.clips.tolist() == [2, 2, 0, 1]
    assert scores.recall.tolist() == [0.5, 1, 0, 0]
    assert scores.f1 == pytest.approx([0.5, 0.8, 0, 0])
    assert metrics.macro_f1(confusion) == pytest.approx(1.3 / 3)


def test_summary_survives_json_and_agrees_with_its_parts() -> None:
    logits = np.eye(4)[PREDICTED]
    found = json.loads(json.dumps(metrics.summary(logits, LABELS, ["a", "b", "c", "d"])))
    assert found["accuracy"] == pytest.approx(0.6)
    assert found["macro_f1"] == pytest.approx(1.3 / 3)
    assert found["per_class"][1] == {
        "action": 1,
        "name": "b",
        "clips": 2,
        "recall": 1.0,
        "f1": pytest.approx(0.8),
    }
    assert np.trace(found["confusion"]) == 3


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match="5 labels for 4"):
        metrics.accuracy(LABELS, PREDICTED[:4])
    with pytest.raises(InputError, match="at least 1"):
        metrics.recall_at_1(np.array([], int), np.zeros((0, 3)))
    with pytest.raises(InputError, match=r"classes 0\.\.3, expected 0\.\.2"):
        metrics.confusion_matrix(LABELS, PREDICTED, 3)
