"""A person whose sensor hung upside down or counted in other units is named, and nobody else."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sakdn.data.checking.outliers import spread_of
from sakdn.data.checking.people import odd_people

GRAVITY = np.array([-0.6, -0.3, 0.1])


def found(change=lambda values, person: values, people=5, gravity=GRAVITY, clips=4):
    """Findings about made signals of people, whom `change` changes."""
    rows, facts = [], {}
    for person in range(people):
        for clip in range(clips):
            rng = np.random.default_rng([person, clip])
            values = gravity + 0.1 * rng.normal(size=3) + 0.4 * rng.normal(size=(80, 3))
            samples = SimpleNamespace(values=change(values, person), rows=np.arange(80))
            name = f"p{person}_{clip}"
            facts[name] = SimpleNamespace(spread=spread_of(samples))
            rows.append({"clip": name, "subject": f"p{person}", "acc": name})
    return [problem.finding for problem in odd_people(pd.DataFrame(rows), "acc", facts)]


def of_third(factor):
    return lambda values, person: values * np.array(factor) if person == 2 else values


def test_nothing_is_said_of_people_who_are_alike():
    assert found() == []
    assert found(gravity=np.zeros(3)) == []


@pytest.mark.parametrize("signs", [[-1, 1, -1], [-1, -1, 1], [-1, -1, -1]])
def test_upside_down(signs):
    (finding,) = found(of_third(signs))
    assert finding.kind == "mounting"
    assert "of subject 'p2' measures gravity along" in finding.message
    assert "of another sign: axis 1" in finding.message


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (9.81, "m/s² among g"),
        (1 / 9.81, "g among m/s²"),
        (1000, "mg among g"),
        (57.3, "deg/s among rad/s"),
        (1 / 57.3, "rad/s among deg/s"),
    ],
)
def test_other_units(factor, words):
    (finding,) = found(of_third(factor))
    assert finding.kind == "units"
    assert f"which looks like {words}; bring them to one unit" in finding.message


def test_people_who_are_not_alike_say_nothing_of_each_other():
    def turned(values, person):
        return np.roll(values, person, axis=1) * (-1) ** person

    assert found(turned) == []
    assert found(of_third([-1, 1, -1]), people=2) == []
    assert found(of_third([-1, 1, -1]), clips=1) == []
