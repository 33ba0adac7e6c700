"""The unit of every interval and test is the person, where there are enough people."""

import numpy as np
import pytest

from sakdn.results.significance import MIN_PEOPLE, description, paired_test


def one(clips):
    """One person in all clips."""
    return np.repeat("1", clips)


def test_permutation_p_is_exact_for_few_clips():
    gain = np.ones((3, 6))
    assert paired_test(gain, one(6)).p_value == pytest.approx(2 / 2**6)


def test_a_seed_that_does_it_all_widens_the_interval():
    rng = np.random.default_rng(0)
    noise = rng.permuted(np.repeat([[1.0, -1.0, 0.0, 0.0]], 50, axis=0).reshape(1, 200), axis=1)
    steady = np.repeat(noise + 0.1, 3, axis=0)
    lucky = steady + np.array([[0.5], [-0.25], [-0.25]])
    narrow, wide = paired_test(steady, one(200)), paired_test(lucky, one(200))
    assert narrow.difference == pytest.approx(wide.difference)
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_chance_is_seldom_called_a_gain():
    rng = np.random.default_rng(1)
    gains = [(rng.random((3, 60)) < 0.7) * 1.0 - (rng.random((3, 60)) < 0.7) for _ in range(12)]
    tests = [paired_test(gain, one(60)) for gain in gains]
    assert sum(test.p_value < 0.05 and test.low > 0 for test in tests) <= 2


def person_effects(people, clips, spread, seed):
    """Gains [1, people * clips] of a method that helps some and harms others, zero on average."""
    rng = np.random.default_rng(seed)
    share = np.repeat(rng.permutation(np.linspace(-spread, spread, people)), clips)
    return (rng.random((1, people * clips)) < np.abs(share)) * np.sign(share)


def test_what_differs_from_person_to_person_is_no_gain_for_new_people():
    names = np.repeat(np.arange(8).astype(str), 40)
    gain = person_effects(8, 40, 0.6, seed=0)
    gain[:, :80] = 1.0  # Two people gain everything.
    as_people, as_clips = paired_test(gain, names), paired_test(gain, one(320))
    assert as_people.difference == as_clips.difference
    assert as_clips.low > 0
    assert as_clips.p_value < 0.05
    assert as_people.low < 0
    assert as_people.p_value > 0.05


def test_six_equal_gains_are_the_fewest_that_can_be_significant():
    names = np.repeat(np.arange(MIN_PEOPLE).astype(str), 2)
    test = paired_test(np.ones((1, 2 * MIN_PEOPLE)), names)
    assert test.p_value == pytest.approx(2 / 2**MIN_PEOPLE)
    assert test.p_value < 0.05
    assert (test.low, test.high) == (1, 1)


def test_people_with_more_clips_weigh_more():
    names = np.array([*"111111", *"23456"])
    gain = np.array([[1.0] * 6 + [0.0] * 5])
    test = paired_test(gain, names)
    assert test.difference == pytest.approx(6 / 11)
    assert test.low == 0  # Without the first person nothing is gained.


def test_words_name_the_unit():
    assert "over people" in description(6)
    assert "new people, of whom 6 were tested" in description(6)
    assert "With 4 test people, fewer than 6, interval and p speak of these people only" in (
        description(4)
    )
    assert "With 1 test person, fewer" in description(1)
