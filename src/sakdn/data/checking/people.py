"""A person whose sensor was worn or read otherwise than everybody else's."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from sakdn.data.checking.signals import SignalFacts
from sakdn.data.clips.problems import Finding, Problem

MIN_PEOPLE, MIN_CLIPS = 3, 2
# Gravity is plain where the mean of an axis is as large as its spread over clips.
PLAIN = 1.0
# Cosines of angles between means: others agree, this one does not.
AGREE, TURNED = 0.85, 0.5
# Share of the mean's length from which the sign of an axis means something.
CLEAR_AXIS = 0.25
FACTORS = {9.81: "m/s² among g", 1000.0: "mg among g", 57.3: "deg/s among rad/s"}
TOLERANCE = 1.35


def odd_people(
    clips: pd.DataFrame, sensor: str, signals: Mapping[str, SignalFacts]
) -> Iterator[Problem]:
    """People whose signals of a sensor have another direction of gravity, or other units.

    Each is compared with all others, by the medians over their clips.

    Args:
        clips: clips table.
        sensor: its column.
        signals: by path.
    """
    spreads = [facts.spread if (facts := signals.get(path)) else None for path in clips[sensor]]
    axes = [len(spread.mean) if spread else 0 for spread in spreads]
    usual = pd.Series([count for count in axes if count], dtype=int).mode()
    if usual.empty:
        return
    rows = [row for row, count in enumerate(axes) if count == usual.iloc[0]]
    known = [spread for row in rows if (spread := spreads[row])]
    people = clips["subject"].iloc[rows].to_numpy()
    means = np.stack([spread.mean for spread in known])
    sizes = np.array([spread.size for spread in known])
    names = [name for name in pd.unique(people) if (people == name).sum() >= MIN_CLIPS]
    if len(names) < MIN_PEOPLE:
        return
    of_people = np.stack([np.median(means[people == name], axis=0) for name in names])
    deviations = np.median([means[people == name].std(axis=0) for name in names], axis=0)
    scales = np.array([np.median(sizes[people == name]) for name in names])
    first = {name: int(np.flatnonzero(people == name)[0]) for name in names}
    for number, name in enumerate(names):
        others = np.arange(len(names)) != number
        said = _units(scales[number], scales[others]) or _mounting(
            of_people[number], of_people[others], deviations
        )
        if said:
            row = rows[first[name]]
            kind, words = said
            finding = Finding(kind, "warning", f"{sensor} of subject {name!r} {words}")
            yield Problem(clips["clip"].iloc[row], clips[sensor].iloc[row], finding)


def _units(own: float, others: np.ndarray) -> tuple[str, str] | None:
    """Whether values are as many times the others' as one unit is of another."""
    usual = float(np.median(others))
    if min(own, usual) <= 0:
        return None
    ratio = own / usual
    for factor, units in FACTORS.items():
        for times, pair in (
            (factor, units),
            (1 / factor, " among ".join(units.split(" among ")[::-1])),
        ):
            if 1 / TOLERANCE < ratio / times < TOLERANCE:
                return "units", (
                    f"has values {ratio:.3g} times as large as other people's, which looks like"
                    f" {pair}; bring them to one unit"
                )
    return None


def _mounting(
    own: np.ndarray, others: np.ndarray, deviations: np.ndarray
) -> tuple[str, str] | None:
    """Whether gravity has another direction than for all others, who agree with each other."""
    usual = np.median(others, axis=0)
    length = float(np.linalg.norm(usual))
    if length <= PLAIN * float(np.max(deviations)):
        return None
    if min(_cosine(each, usual) for each in others) < AGREE or _cosine(own, usual) > TURNED:
        return None
    clear = np.abs(usual) > CLEAR_AXIS * length
    other_sign = [str(axis + 1) for axis in np.flatnonzero(clear & (own * usual < 0))]
    return "mounting", (
        f"measures gravity along {_listed(own)}, other people's along {_listed(usual)}: it was"
        f" mounted otherwise, perhaps upside down (of another sign: axis"
        f" {' and '.join(other_sign) or 'none'}); turn its signals, or leave it if it was worn so"
    )


def _cosine(one: np.ndarray, two: np.ndarray) -> float:
    size = float(np.linalg.norm(one) * np.linalg.norm(two))
    return float(one @ two) / size if size > 0 else 0.0


def _listed(vector: np.ndarray) -> str:
    return f"({', '.join(f'{value:.2g}' for value in vector)})"
