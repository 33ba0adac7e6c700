"""Two clips whose signals were exchanged: each is like those of the other's action."""

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from sakdn.data.checking.signals import SignalFacts
from sakdn.data.clips.problems import Finding, Problem
from sakdn.data.clips.spans import spans_of

NEAREST, MIN_CLIPS = 2, 5
# Share of clips whose own action must be nearest, else the sensor does not tell actions apart.
TELLING = 0.75
# How many times as far the own action is as another. On 646 clips of UTD-MHAD no two clips cross
# at 1.3, of exchanged ones of different actions two thirds do; at 1.2 there are false alarms.
MARGIN = 1.3
MAX_COMPARED = 3000  # Above that only clips of one person are compared with each other.


def swapped_signals(
    clips: pd.DataFrame, sensor: str, signals: Mapping[str, SignalFacts]
) -> Iterator[Problem]:
    """Pairs of clips of different actions whose signals seem to have been exchanged.

    A signal is judged by the two of each action that it is nearest to, itself left out. Two of one
    action cannot be told apart so.

    Args:
        clips: clips table.
        sensor: its column.
        signals: by path.
    """
    courses = {path: facts.course for path, facts in signals.items() if facts.course is not None}
    if not courses:
        return
    usual = pd.Series([course.shape[1] for course in courses.values()]).mode().iloc[0]
    alike = [path for path, course in courses.items() if course.shape[1] == usual]
    whole = np.array([span is None for span in spans_of(clips)])
    rows = clips[whole & clips[sensor].isin(alike)].drop_duplicates(sensor)
    groups = [rows] if len(rows) <= MAX_COMPARED else [own for _, own in rows.groupby("subject")]
    for group in groups:
        of_group = [courses[path] for path in group[sensor]]
        if of_group:
            yield from _crossed(group.reset_index(drop=True), sensor, np.stack(of_group))


def _crossed(rows: pd.DataFrame, sensor: str, courses: np.ndarray) -> Iterator[Problem]:
    """Problems of clips `rows`, whose signals have `courses` [clips, parts, axes]."""
    labels = rows["action"].to_numpy()
    other, margin = _other_action(courses, labels)
    if np.mean(margin < 1) < TELLING:
        return
    suspects = np.flatnonzero(margin > MARGIN).tolist()
    for one, two in combinations(suspects, 2):
        if other[one] == labels[two] and other[two] == labels[one]:
            for here, there in ((one, two), (two, one)):
                row, its = rows.iloc[here], rows.iloc[there]
                found = (
                    f"signal is more like those of {its['action_name']!r} than of"
                    f" {row['action_name']!r}, and that of clip {its['clip']} the other way round;"
                    " if the two were exchanged, exchange them back"
                )
                yield Problem(row["clip"], row[sensor], Finding("swapped", "warning", found))


def _other_action(courses: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest other action of each signal, and how many times as far its own is.

    Args:
        courses: [clips, parts, axes].
        labels: [clips].
    """
    spread = courses.reshape(-1, courses.shape[2]).std(axis=0)
    flat = (courses / np.where(spread > 0, spread, 1)).reshape(len(courses), -1)
    squares = (flat**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * flat @ flat.T, 0))
    np.fill_diagonal(distances, np.inf)
    actions, counts = np.unique(labels, return_counts=True)
    actions = actions[counts >= MIN_CLIPS]
    if len(actions) < 2:
        return labels, np.ones(len(labels))
    far = np.stack(
        [
            np.partition(distances[:, labels == action], NEAREST - 1)[:, :NEAREST].mean(axis=1)
            for action in actions
        ],
        axis=1,
    )  # [clips, actions]
    is_own = labels[:, None] == actions
    own = np.where(is_own, far, 0).sum(axis=1)
    others = np.where(is_own, np.inf, far)
    nearest = others.min(axis=1)
    margin = np.divide(own, nearest, out=np.zeros_like(own), where=nearest > 0)
    return actions[others.argmin(axis=1)], margin
