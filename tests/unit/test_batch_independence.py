"""What a network says of a clip does not depend on the clips that it is asked about with."""

import numpy as np
import pytest
import torch
from tiny_run import (
    CPU,
    NAMES,
    SENSORS,
    make_run,
    save_fusion,
    save_teacher,
    seasoned,
    some_clips,
    tiny_student,
)

from sakdn.students.scores import video_logits
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.load import load_average, load_teacher
from sakdn.teachers.task import SignalBatches, restore_bank, signal_logits

TOLERANCE = 1e-5
ORDERS = {
    "in pairs": (2, None),
    "all at once": (100, None),
    "backwards": (5, -1),
    "shuffled": (4, 3),
    "with a copy of one clip": (100, "copy"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    missing = {SENSORS[0]: [1, 4], SENSORS[1]: [2, 9]}
    return make_run(tmp_path_factory.mktemp("run"), missing=missing)


def check(logits_of, rows, order):
    """`logits_of(rows, batch_size)` against each clip alone."""
    alone = torch.cat([logits_of(rows[[place]], 1) for place in range(len(rows))])
    assert alone.shape == (len(rows), len(NAMES))
    assert alone.std(0).min() > 100 * TOLERANCE
    batch_size, how = ORDERS[order]
    places = np.arange(len(rows))
    if how == "copy":
        places = np.concatenate([places, np.repeat(0, 50)])
    elif how:
        places = places[::-1].copy() if how < 0 else np.random.default_rng(how).permutation(places)
    together = logits_of(rows[places], batch_size)
    torch.testing.assert_close(together, alone[places], atol=TOLERANCE, rtol=0)


def teachers(run, kind):
    """A network of signals, as the stages save it, and the sensors that it reads."""
    folder = run.root / kind.replace(" ", "_")
    if kind == "one sensor":
        return load_teacher(save_teacher(folder / "model.json", SENSORS[0]))
    if kind == "average":
        paths = [save_teacher(folder / s / "model.json", s, seed) for seed, s in enumerate(SENSORS)]
        return load_average(paths)
    bank = run.table["clip"].iloc[[0, 3, 5, 7]].tolist() if kind == "fusion bank" else None
    return load_teacher(save_fusion(folder / "model.json", kind.split()[1], bank))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", ["one sensor", "average", "fusion self", "fusion bank"])
def test_teachers(run, kind, order):
    module, about = teachers(run, kind)
    paths = [path for path in run.gaf if path.stem in about.sensors]
    sensors = [GafImages(path, run.table["clip"]) for path in paths]
    source = SignalBatches(sensors, run.table["action"].to_numpy(), CPU)
    restore_bank(module, source, about, run.table["clip"].tolist())
    rows = np.flatnonzero(np.any([sensor.present for sensor in sensors], axis=0))
    check(lambda some, size: signal_logits(module, source, some, size), rows, order)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("head", ["trn", "tconv", "average"])
def test_students(run, head, order):
    module = seasoned(tiny_student(head=head, dropout=0.5), some_clips())
    rows = np.arange(len(run.table))
    source = run.source()
    check(lambda some, size: video_logits(module, source, some, size, "fp32"), rows, order)


def test_a_student_in_train_mode_would_fail_this(run):
    """Batch statistics do depend on the batch: the test above can tell."""
    module, batch = tiny_student().train(), run.source().eval_batch(np.arange(6))
    together = module(batch.clips).logits
    assert (module(batch.clips[:3]).logits - together[:3]).abs().max() > 100 * TOLERANCE
