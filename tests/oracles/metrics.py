"""Checks of `metrics_*`: the student alone, and with the sum of the teachers' logits."""

from pathlib import Path

import numpy as np

from sakdn.results.metrics import accuracy, f_measure, recall_at_1


def check_metrics(path: Path) -> None:
    oracle = np.load(path)
    student = oracle["student_logits"]
    teachers = sum(oracle[key] for key in oracle.files if key.startswith("teacher_logits_"))
    for name, logits in {"student": student, "combined": student + teachers}.items():
        hits = accuracy(oracle["labels"], logits.argmax(1))
        neighbours = recall_at_1(oracle["labels"], logits)
        found = [hits, neighbours, f_measure(hits, neighbours)]
        stored = [oracle[f"{name}_{metric}"] for metric in ("accuracy", "recall_at_1", "f_measure")]
        np.testing.assert_allclose(found, stored, rtol=1e-6)  # the stored shares are float32
