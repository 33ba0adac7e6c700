import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakdn.training.batches import clip_rng, epoch_rows, prefetch

SEEDS = st.integers(0, 2**31)


@given(
    rows=st.lists(st.integers(0, 10_000), min_size=1, max_size=60, unique=True),
    seed=SEEDS,
    epoch=st.integers(0, 500),
    batch_size=st.integers(2, 12),
)
def test_an_epoch_has_every_row_once_and_no_batch_of_one(rows, seed, epoch, batch_size):
    batches = epoch_rows(np.array(rows), seed, epoch, batch_size)
    assert sorted(np.concatenate(batches)) == sorted(rows)
    sizes = [len(batch) for batch in batches]
    assert set(sizes[:-1]) <= {batch_size}
    assert sizes[-1] <= batch_size + 1
    assert min(sizes) > 1 or len(rows) == 1


def test_order_follows_from_seed_and_epoch():
    rows = np.arange(40)
    order = np.concatenate(epoch_rows(rows, 3, 5, 8))
    assert np.array_equal(order, np.concatenate(epoch_rows(rows, 3, 5, 10)))
    for seed, epoch in ((4, 5), (3, 6)):
        assert not np.array_equal(order, np.concatenate(epoch_rows(rows, seed, epoch, 8)))


@given(seed=SEEDS, epoch=st.integers(0, 500), row=st.integers(0, 10_000))
def test_a_clips_chance_is_its_own(seed, epoch, row):
    drawn = clip_rng(seed, epoch, row).integers(2**62, size=2)
    assert np.array_equal(drawn, clip_rng(seed, epoch, np.int64(row)).integers(2**62, size=2))
    for other in ((seed + 1, epoch, row), (seed, epoch + 1, row), (seed, epoch, row + 1)):
        assert not np.array_equal(drawn, clip_rng(*other).integers(2**62, size=2))


def test_prefetch_keeps_the_order_whatever_takes_longest():
    def make(item):
        time.sleep(0.01 if item % 3 == 0 else 0)
        return item * 10

    assert list(prefetch(make, range(9))) == [10 * item for item in range(9)]


def test_prefetch_prepares_the_next_while_one_is_used():
    made = threading.Semaphore(0)

    def make(item):
        made.release()
        return item

    values = prefetch(make, range(5), depth=2)
    next(values)
    for _ in range(3):  # The one in use and two ahead.
        assert made.acquire(timeout=5)
    values.close()


def test_prefetch_raises_where_the_value_would_have_been():
    def make(item):
        if item == 2:
            raise OSError("unreadable")
        return item

    values = prefetch(make, range(5))
    assert [next(values), next(values)] == [0, 1]
    with pytest.raises(OSError, match="unreadable"):
        next(values)


def test_prefetch_ends_its_thread_when_the_consumer_leaves():
    before = threading.active_count()
    values = prefetch(lambda item: item, range(1000))
    next(values)
    values.close()
    assert threading.active_count() == before
