"""A student's clips and what its teachers say of them are the same clips, cut the same.

Every stored frame says which clip it is of and its number; everything stored of the teachers says
which clip and which cut it is about.
"""

import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_run import CPU, SEGMENTS, VIEW, write_frames
from torch import nn

from sakdn.data.clips.windows import cut, windows_of
from sakdn.options.methods import MethodOptions
from sakdn.options.student import LearningOptions
from sakdn.students.frames.batches import ClipBatches
from sakdn.students.task import Lesson, VideoData, VideoTask
from sakdn.teachers.knowledge import KnowledgeStore

NAMES = ["one", "two"]
VECTORS, SALIENCIES = ("logits", "semantic", "embedding"), ("saliency", "released", "attention")
WIDTHS = dict.fromkeys(VECTORS, 3) | dict.fromkeys(SALIENCIES, 11) | {"maps": 20}


@dataclass(frozen=True)
class Case:
    """A data set and a run; `order` is the table's, by clip number."""

    order: list[int]
    lengths: list[int]
    known: list[int]
    windows: int
    shards: int
    batch_size: int
    seed: int
    epochs: int


@st.composite
def cases(draw):
    clips = draw(st.integers(3, 9))
    some = st.lists(st.integers(0, clips - 1), min_size=1, unique=True)
    return Case(
        order=draw(st.permutations(range(clips))),
        lengths=draw(st.lists(st.integers(3, 40), min_size=clips, max_size=clips)),
        known=draw(some),
        windows=draw(st.integers(1, 4)),
        shards=draw(st.integers(1, 3)),
        batch_size=draw(st.integers(2, 5)),
        seed=draw(st.integers(0, 2**31)),
        epochs=draw(st.integers(1, 3)),
    )


def table_of(case):
    sides = ["train"] * (len(case.order) - 1) + ["val"]
    return pd.DataFrame(
        {
            "clip": [f"c{number}" for number in case.order],
            "action": np.array(case.order) % 2,
            "split": sides,
        }
    )


def cuts_of(case, number):
    return windows_of(f"c{number}", case.windows, 0.3, 5)


def store_frames(case, folder):
    """Frames of one colour: red says the clip, green the number of the frame."""
    paths = []
    for shard in range(case.shards):
        numbers = sorted(case.order)[shard :: case.shards]
        videos = [np.zeros((case.lengths[number], 20, 24, 3), np.uint8) for number in numbers]
        for number, video in zip(numbers, videos):
            video[..., 0] = number
            video[..., 1] = np.arange(len(video))[:, None, None]
        if numbers:
            clips = [f"c{number}" for number in numbers]
            paths.append(write_frames(folder / f"{shard}.npy", clips, videos))
    return paths


def store_knowledge(case, folder):
    """Every value is 10 clip + window + sensor / 10; the last clip known is stored first."""
    stored = case.known[::-1]
    clip, window, sensor = np.ix_(stored, range(case.windows), range(2))
    value = 10 * clip + window + sensor / 10
    for name, width in WIDTHS.items():
        np.save(folder / f"{name}.npy", np.repeat(value[..., None], width, axis=-1))
    course = np.array(stored)[:, None, None] + np.array([0, 0.5, 0.5])
    np.save(folder / "course.npy", np.repeat(course, 4, axis=1))
    index = {
        "clips": [f"c{number}" for number in case.known],
        "places": [stored.index(number) for number in case.known],
        "sensors": ["a", "b"],
        "present": [[True, True]] * len(stored),
        "windows": [cuts_of(case, number) for number in stored],
        "course_widths": [1, 2],
        "map_channels": [2, 3],
        "options": {"map_sizes_px": [1, 1, 1, 2, 2]},
    }
    (folder / "index.json").write_text(json.dumps(index))
    return folder / "index.json"


def task_of(case, frames, table, knowledge):
    source = ClipBatches(frames, table["clip"], table["action"].to_numpy(), NAMES, VIEW, CPU)
    windows = np.array([cuts_of(case, number) for number in case.order])
    rows = {side: np.flatnonzero(table["split"] == side) for side in ("train", "val")}
    lesson = Lesson(MethodOptions(loss="sakdn"), torch.zeros(2, 3), knowledge)
    options = LearningOptions(batch_size=case.batch_size)
    return VideoTask(nn.Identity(), VideoData(source, windows, rows), lesson, options, case.seed)


def seen_in(batch):
    """Clip numbers [N] and frame numbers [N, T] that the pixels say."""
    values = (255 * batch.clips).round().int()
    assert torch.equal(values.amax((-2, -1)), values.amin((-2, -1)))
    red, green = values[:, :, 0, 0, 0], values[:, :, 1, 0, 0]
    assert torch.equal(red, red[:, :1].expand_as(red))
    return red[:, 0].tolist(), green.numpy()


def check(case, batch, taught):
    numbers, frames = seen_in(batch)
    assert batch.labels.tolist() == [number % 2 for number in numbers]
    for place, number in enumerate(numbers):
        known = number in case.known
        assert taught.present[place].tolist() == [known, known]
        when = (frames[place] + 0.5) / case.lengths[number]
        np.testing.assert_allclose(batch.moments[place], when, rtol=1e-6)
        window = int(batch.windows[place])
        part = cut(cuts_of(case, number)[window], case.lengths[number])
        share = (part.stop - part.start) / SEGMENTS
        segments = (frames[place] - part.start) / max(1, int(share))
        assert part.start <= frames[place].min() <= frames[place].max() < part.stop
        if share >= 1:
            assert segments.astype(int).tolist() == list(range(SEGMENTS))
        if known:
            expected = torch.tensor([10 * number + window, 10 * number + window + 0.1])
            vectors = [getattr(taught, name) for name in VECTORS]
            maps = [each for name in (*SALIENCIES, "maps") for each in getattr(taught, name)]
            assert len(maps) == 17
            for values in (*vectors, *maps):
                per_sensor = values[place].flatten(1)
                torch.testing.assert_close(per_sensor, expected[:, None].expand_as(per_sensor))
            assert [set(each[place].flatten().tolist()) for each in taught.course] == [
                {number},
                {number + 0.5},
            ]


@settings(max_examples=40, deadline=None)
@given(cases())
def test_teachers_and_student_speak_of_the_same_clip_and_window(case):
    with tempfile.TemporaryDirectory() as folder:
        table, frames = table_of(case), store_frames(case, Path(folder))
        index = store_knowledge(case, Path(folder))
        knowledge = KnowledgeStore(index, table["clip"], CPU, [*WIDTHS, "course"])
        task = task_of(case, frames, table, knowledge)
        knowledge.check_windows(task.data.windows)
        for epoch in range(case.epochs):
            numbers = []
            for batch in task.batches(epoch):
                check(case, batch, knowledge.take(batch.rows, batch.windows))
                numbers += seen_in(batch)[0]
            assert sorted(numbers) == sorted(case.order[:-1])


@settings(max_examples=15, deadline=None)
@given(cases(), st.integers(0, 3))
def test_a_resumed_run_sees_what_the_uninterrupted_one_would(case, epoch):
    with tempfile.TemporaryDirectory() as folder:
        table, frames = table_of(case), store_frames(case, Path(folder))
        straight, resumed = (task_of(case, frames, table, None) for _ in range(2))
        for earlier in range(epoch):
            list(straight.batches(earlier))
        for expected, found in zip(straight.batches(epoch), resumed.batches(epoch), strict=True):
            assert np.array_equal(found.rows, expected.rows)
            assert np.array_equal(found.windows, expected.windows)
            assert torch.equal(found.clips, expected.clips)


@settings(max_examples=15, deadline=None)
@given(cases())
def test_a_clip_is_seen_the_same_in_batches_of_any_size(case):
    with tempfile.TemporaryDirectory() as folder:
        table, frames = table_of(case), store_frames(case, Path(folder))
        views = []
        for size in (case.batch_size, len(case.order)):
            task = task_of(replace(case, batch_size=size), frames, table, None)
            parts = list(task.batches(1))
            rows = np.concatenate([batch.rows for batch in parts])
            order = np.argsort(rows)
            views.append(torch.cat([batch.clips for batch in parts])[order])
        assert torch.equal(*views)
