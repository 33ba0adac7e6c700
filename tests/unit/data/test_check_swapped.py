"""Signals that were exchanged between two clips of different actions are both named."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from sakdn.data.checking.signals import PARTS
from sakdn.data.checking.swapped import swapped_signals

NAMES = ("wave", "bow", "sit down")


def recorded(people=4, trials=3):
    """A table, and facts of signals that are like those of their action, less so of a person."""
    rows, facts = [], {}
    time = np.linspace(0, 1, PARTS)[:, None]
    for person in range(people):
        for action, name in enumerate(NAMES):
            for trial in range(trials):
                rng = np.random.default_rng([person, action, trial])
                phase = 0.2 * person + 0.1 * rng.normal()
                course = np.sin((2 + 3 * action) * time + phase + np.array([0, 1, 2]))
                clip = f"{name[:3]}_{person}_{trial}"
                noise = 0.1 * rng.normal(size=course.shape)
                facts[clip] = SimpleNamespace(course=course + noise, axes=3)
                about = {"clip": clip, "action": action, "action_name": name, "video": clip}
                rows.append(about | {"subject": str(person), "acc": clip})
    return pd.DataFrame(rows), facts


def found(clips, facts):
    return list(swapped_signals(clips, "acc", facts))


def test_nothing_is_said_of_signals_that_are_right():
    assert found(*recorded()) == []


def test_both_clips_of_an_exchange_are_named():
    clips, facts = recorded()
    one, two = "wav_1_0", "bow_2_1"
    facts[one], facts[two] = facts[two], facts[one]
    problems = found(clips, facts)
    assert {problem.clip for problem in problems} == {one, two}
    assert {problem.finding.kind for problem in problems} == {"swapped"}
    message = next(p.finding.message for p in problems if p.clip == one)
    assert message.startswith("signal is more like those of 'bow' than of 'wave', and that of clip")
    assert f"clip {two} the other way round" in message


def test_what_cannot_be_told_is_not_said():
    clips, facts = recorded()
    facts["wav_0_0"], facts["wav_1_0"] = facts["wav_1_0"], facts["wav_0_0"]
    assert found(clips, facts) == []
    clips, facts = recorded(people=1, trials=2)
    facts["wav_0_0"], facts["bow_0_0"] = facts["bow_0_0"], facts["wav_0_0"]
    assert found(clips, facts) == []
    assert found(clips.iloc[:0], {}) == []
    clips, facts = recorded()
    for place, clip in enumerate(facts):
        facts[clip].course = np.random.default_rng(place).normal(size=(PARTS, 3))
    assert found(clips, facts) == []
