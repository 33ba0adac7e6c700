from itertools import combinations, product

import pytest
import torch

from sakdn.base.errors import InputError
from sakdn.models.trn import MultiScaleTRN


def features(segments: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randn(2, segments, 3, generator=generator, dtype=torch.float64)


def test_at_test_the_logits_are_the_expectation_of_the_random_rule():
    torch.manual_seed(0)
    trn = MultiScaleTRN(4, 3, 5, hidden=6).double().eval()
    lists = [torch.tensor(list(combinations(range(4), n))) for n in (4, 3, 2)]
    draws = [list(combinations(range(len(t)), min(3, len(t)))) for t in lists]
    logits = [
        trn(features(4), tuples=[t[list(d)] for t, d in zip(lists, draw, strict=True)])
        for draw in product(*draws)
    ]
    torch.testing.assert_close(trn(features(4)), torch.stack(logits).mean(0))


def test_chance_only_in_training_and_only_from_the_generator():
    trn = MultiScaleTRN(8, 3, 5, hidden=6).double()
    x = features(8)

    def draw(seed: int) -> torch.Tensor:
        return trn(x, torch.Generator().manual_seed(seed))

    assert draw(1).equal(draw(1))
    assert not draw(1).equal(draw(2))
    trn.eval()
    assert draw(1).equal(draw(2))


def test_drawn_tuples_are_distinct_and_ordered():
    trn = MultiScaleTRN(8, 3, 5, hidden=6)
    for n in trn.scales:
        tuples = [tuple(t) for t in trn.choose_tuples(n).tolist()]
        assert len(set(tuples)) == len(tuples) == min(3, len(list(combinations(range(8), n))))
        assert all(list(t) == sorted(set(t)) for t in tuples)


def test_many_segments_are_spread_over_a_bounded_number_of_tuples():
    trn = MultiScaleTRN(11, 2, 5, hidden=2).eval()
    tuples = trn.choose_tuples(5)
    assert len(tuples) == len({tuple(t) for t in tuples.tolist()}) == 128
    assert tuples[0].tolist() == [0, 1, 2, 3, 4]
    assert tuples[-1].tolist() == [6, 7, 8, 9, 10]


@pytest.mark.parametrize("segments", [1, 21])
def test_too_few_and_too_many_segments_are_refused(segments):
    with pytest.raises(InputError, match=f"found {segments}, head `trn` takes 2 to 20"):
        MultiScaleTRN(segments, 2, 5)
