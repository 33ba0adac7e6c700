"""Frames that come unevenly: stored with their times, sampled and paired by time."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from video_kinds import write_levels

from sakdn.data.clips.windows import cut
from sakdn.data.readers.timing import Timing, timing_of
from sakdn.options.frames import FramesOptions
from sakdn.options.student import StudentView
from sakdn.students.frames.batches import ClipBatches
from sakdn.students.frames.sampling import drawn_by, eval_indices, train_indices
from sakdn.students.frames.store import store_frames

TICKS = np.array([*range(0, 1320, 33), *range(1320, 5320, 200)])
TIMES = TICKS / 1000
LENGTH = TIMES[-1] + 0.033


@pytest.fixture(scope="module")
def batches(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uneven")
    uneven = write_levels(folder / "u.mp4", TICKS.tolist(), time_base=Fraction(1, 1000))
    even = write_levels(folder / "e.mp4", range(30))
    table = pd.DataFrame({"clip": ["u", "e"], "video": [str(uneven), str(even)]})
    with ThreadPoolExecutor(2) as pool:
        store_frames(
            table, FramesOptions(short_side_px=32), folder / "0.npy", folder / "0.csv", pool
        )
    view = StudentView(segments=8, size_px=28, short_side_px=32, backbone="small")
    names, labels = ["wave", "push"], np.array([0, 1])
    return ClipBatches([folder / "0.npy"], ["u", "e"], labels, names, view, torch.device("cpu"))


def test_the_store_keeps_times_only_where_they_are_uneven(batches):
    np.testing.assert_allclose(batches.store.timing("u").times_s, TIMES, atol=1e-3)
    assert batches.store.timing("e") == Timing(30, 30.0)
    index = pd.read_csv(batches.store._paths[0].with_suffix(".csv"), keep_default_na=False)
    assert index["times_s"].map(len).tolist()[1] == 0


def test_evaluation_sees_equal_steps_of_time(batches):
    moments = batches.eval_batch(np.array([0, 1])).moments.numpy()
    middles = (np.arange(8) + 0.5) / 8
    # The frame shown in the middle of each part began at most one long frame before it.
    late = middles * LENGTH - (moments[0] * LENGTH - 0.033 / 2)
    assert (late >= -1e-3).all()
    assert (late <= 0.2).all()
    np.testing.assert_allclose(moments[1], (eval_indices(30, 8) + 0.5) / 30, rtol=1e-6)


def test_moments_are_the_frames_own(batches):
    timing = batches.store.timing("u")
    np.testing.assert_allclose(timing.moments(), (TIMES + 0.033 / 2) / LENGTH, atol=1e-3)
    assert timing.moments()[40] == pytest.approx(0.25, abs=0.01)  # by number: 0.675


def test_training_draws_from_parts_of_the_time(batches):
    batch = batches.train_batch(
        np.array([0]), np.array([0]), np.array([[0.5, 1.0]]), seed=0, epoch=0
    )
    moments = batch.moments[0].numpy()
    assert (moments >= 0.49).all()
    assert (np.diff(moments) >= 0).all()
    assert len(set(moments.tolist())) >= 5


def test_cuts_lie_in_time():
    moments = Timing(60, 11.0, TIMES).moments()
    part = cut((0.0, 0.2), 60, moments)
    assert moments[part.stop - 1] < 0.2 <= moments[part.stop]
    assert part.start == 0
    assert cut((0.9, 0.9), 60, moments).stop <= 60
    assert len(range(60)[cut((0.5, 0.5), 60, moments)]) >= 2
    assert cut((0.25, 0.5), 60) == slice(15, 30)


def test_even_times_give_the_even_formulas():
    starts = np.arange(48) / 48
    assert eval_indices(48, 8, starts).tolist() == eval_indices(48, 8).tolist()
    drawn = train_indices(48, 8, drawn_by(np.random.default_rng(0)), starts)
    assert (drawn // 6).tolist() == list(range(8))


@pytest.mark.parametrize(
    ("times_s", "stated_hz", "rate_hz", "even"),
    [
        (np.arange(300) / 30, 30.0, 30.0, True),
        (np.round(np.arange(300) / 30, 3), 30.0, 30.0, True),  # Matroska rounds to ms
        (np.arange(300) / 29.0, 30.0, 29.0, True),
        (np.arange(300) / 30, None, 30.0, True),
        (TIMES, None, 60 / LENGTH, False),
        (TIMES, 12.0, 12.0, False),
        (np.full(5, np.nan), 25.0, 25.0, True),
        (np.zeros(1), 25.0, 25.0, True),
    ],
)
def test_what_is_even(times_s, stated_hz, rate_hz, even):
    timing = timing_of(times_s, stated_hz)
    assert timing.rate_hz == pytest.approx(rate_hz)
    assert (timing.times_s is None) == even
