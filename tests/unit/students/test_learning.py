"""How a student sees clips and is asked about them, beside its method."""

import numpy as np
import pytest
import torch
from tiny_run import DIM, NAMES, VIEW, make_run, tiny_student, write_frames
from torch import nn
from torch.nn import functional as F

from sakdn.options.methods import MethodOptions
from sakdn.options.student import LearningOptions
from sakdn.students.frames.batches import ClipBatches
from sakdn.students.frames.sampling import with_previous
from sakdn.students.scores import run_student
from sakdn.students.task import Lesson, VideoData, VideoTask, inverse_frequencies
from sakdn.training.batches import balanced_rows


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("run"))


def make_task(run, student=None, **options):
    rows = {side: run.rows(side) for side in ("train", "val")}
    data = VideoData(run.source(), run.windows, rows)
    lesson = Lesson(MethodOptions(loss="none"), torch.zeros(len(NAMES), DIM))
    # Not what the machine is fastest at: statistics are compared to the last digits.
    options = LearningOptions(**{"batch_size": 4, "precision": "fp32"} | options)
    return VideoTask(student or tiny_student(dropout=0.5), data, lesson, options, 0)


def brightening(tmp_path, seen, background="keep"):
    """Batches of one clip of 8 frames, of which frame i has grey level i squared."""
    levels = np.arange(8)[:, None, None, None] ** 2 * np.ones((1, 18, 18, 1))
    path = write_frames(tmp_path / "0.npy", ["c"], [levels])
    view = VIEW.model_copy(update={"input": seen, "background": background})
    return ClipBatches([path], ["c"], np.zeros(1, int), ["bend"], view, torch.device("cpu"))


def levels_of(clips):
    return (255 * clips.mean((-2, -1)))[0].round(decimals=3).tolist()


def test_differences_are_to_the_stored_frame_before(tmp_path):
    batch = brightening(tmp_path, "difference").eval_batch(np.array([0]))  # frames 2 and 6
    assert levels_of(batch.clips) == [[3.0], [11.0]]
    both = brightening(tmp_path, "both", "subtract").eval_batch(np.array([0])).clips
    assert levels_of(both) == [[-16.0, 3.0], [16.0, 11.0]]
    assert with_previous(np.array([0, 3]), "both").tolist() == [0, 2, 0, 3]


def test_training_clips_show_frames_with_their_own_differences(tmp_path):
    source, rows = brightening(tmp_path, "both"), np.array([0])
    for epoch in range(8):
        batch = source.train_batch(rows, rows, np.array([[0.5, 1.0]]), 0, epoch)
        seen = np.array(levels_of(batch.clips))
        frames = np.sqrt(seen[:, 0])
        assert set(frames) <= {4, 5, 6, 7}
        np.testing.assert_allclose(seen[:, 1], 2 * frames - 1, atol=1e-3)


def test_smoothed_labels_reach_the_loss(run):
    task = make_task(run, label_smoothing=0.3)
    logits, labels = torch.randn(4, 3), torch.tensor([0, 2, 1, 1])
    shares = 0.7 * F.one_hot(labels, 3) + 0.1
    expected = -(shares * logits.log_softmax(1)).sum(1).mean()
    torch.testing.assert_close(task.label_loss(logits, labels), expected)
    torch.testing.assert_close(
        make_task(run).label_loss(logits, labels), F.cross_entropy(logits, labels)
    )


def test_balanced_classes_weigh_alike(tmp_path):
    uneven = make_run(
        tmp_path, "train train train train train val test train train"
    )  # 0 1 2 0 1 ...
    task = make_task(uneven, class_weights="balanced")
    labels = torch.from_numpy(task.data.source.labels[task.data.rows["train"]])
    assert labels.bincount().tolist() == [2, 3, 2]
    totals = task.class_weights[labels]
    assert [totals[labels == label].sum().item() for label in range(3)] == pytest.approx(
        [7 / 3] * 3
    )
    logits = torch.randn(7, 3)
    each = F.cross_entropy(logits, labels, reduction="none")
    torch.testing.assert_close(task.label_loss(logits, labels), (totals * each).sum() / 7)
    assert inverse_frequencies(torch.tensor([0, 0, 2]), 3).tolist() == [0.75, 0.0, 1.5]


def test_balanced_sampling_shows_every_class_as_often():
    labels = np.array([0] * 12 + [1] * 3 + [2] * 1 + [0] * 5)
    rows = np.arange(16)
    drawn = [balanced_rows(rows, labels, np.random.default_rng(seed)) for seed in range(20)]
    for chosen in drawn:
        assert len(chosen) == 16
        assert sorted(np.bincount(labels[chosen])) == [5, 5, 6]
        assert set(chosen[labels[chosen] == 1]) == {12, 13, 14}
    assert set(np.concatenate(drawn)) == set(rows)


def test_epochs_of_balanced_classes_follow_from_the_seed(run):
    task = make_task(run, sampling="balanced")
    assert np.array_equal(task.rows(3), make_task(run, sampling="balanced").rows(3))
    assert not np.array_equal(task.rows(3), task.rows(4))
    seen = np.concatenate([batch.rows for batch in task.batches(3)])
    assert sorted(seen) == sorted(task.rows(3))


def test_recomputed_statistics_are_those_of_the_training_batches(run):
    task = make_task(run, bn_recompute_batches=3)
    norm = task.student.backbone.blocks[0][0][1]
    norm.running_mean.fill_(1e3)
    random = torch.get_rng_state()
    task.validate()
    seen = []
    hook = norm.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    for batch in task.batches(0):
        run_student(task.student.eval(), batch.clips, "fp32")
    hook.remove()
    means = torch.stack([values.mean((0, 2, 3)) for values in seen])
    assert len(means) == 3
    torch.testing.assert_close(norm.running_mean, means.mean(0))
    assert torch.equal(random, torch.get_rng_state())
    assert norm.momentum == 0.1


def test_recomputed_statistics_leave_frozen_norms_alone(run):
    task = make_task(run, tiny_student(partial_bn=True), bn_recompute_batches=1)
    norms = [m for m in task.student.backbone.modules() if isinstance(m, nn.BatchNorm2d)]
    before = [norm.running_mean.clone() for norm in norms]
    task.validate()
    moved = [not a.equal(norm.running_mean) for a, norm in zip(before, norms, strict=True)]
    assert moved == [True] + [False] * 4


def test_val_is_right_although_the_weights_have_moved_on(run):
    """A normalised convolution says the same at any scale, if its statistics are of that scale."""
    moved = {}
    for batches in (0, 3):
        task = make_task(run, bn_recompute_batches=batches)
        seen = []
        task.student.embed.register_forward_pre_hook(
            lambda _, inputs, seen=seen: seen.append(inputs[0])
        )
        task.validate()
        before = seen[-1]
        with torch.no_grad():
            for value in task.student.backbone.blocks[0][0][0].parameters():
                value.mul_(30)
        task.validate()
        moved[batches] = ((seen[-1] - before).norm() / before.norm()).item()
    assert moved[3] < 1e-2 < 1 < moved[0]
