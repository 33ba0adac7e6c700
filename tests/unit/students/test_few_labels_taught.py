"""Few labels: who learns from which clips, and from what."""

import json
import signal

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from tiny_run import DIM, NAMES, SENSORS, make_run, tiny_student
from torch.nn import functional as F
from unit.students.test_taught_signals_alone import watched
from unit.test_selection import arguments, train_teacher
from unit.training.tiny_task import EPOCHS, OPTIONS, assert_same, curve, run_fit

from sakdn.base.errors import InputError
from sakdn.base.stopping import Stopped
from sakdn.commands.inspection_words import model_words
from sakdn.losses.gsdm import map_loss
from sakdn.options.columns import UNLABELLED
from sakdn.options.knowledge import KnowledgeOptions
from sakdn.options.methods import SELF_TRAINING, MethodOptions
from sakdn.options.student import LearningOptions
from sakdn.stages import fusion, knowledge, student
from sakdn.students.about import StudentAbout
from sakdn.students.frames.batches import ClipBatches
from sakdn.students.load import load_student, video_batches
from sakdn.students.mixture import mixture_of
from sakdn.students.scores import video_logits
from sakdn.students.second_opinion import second_opinion
from sakdn.students.self_training import OwnTeacher, confident_loss
from sakdn.students.task import Lesson, VideoData, VideoTask
from sakdn.teachers.answers import ask
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.knowledge import KnowledgeStore, Taught, answered
from sakdn.teachers.load import load_average
from sakdn.teachers.task import SignalBatches
from sakdn.training.loop import fit
from sakdn.training.saved import read_about

HIDDEN = (1, 3, 5, 6, 8, 10)  # Of the twelve training clips; two of each class keep their label.


def hide(run):
    run.table.loc[list(HIDDEN), ["action", "action_name"]] = [UNLABELLED, ""]
    run.table.assign(action=run.table["action"].replace(UNLABELLED, "")).to_csv(
        run.clips, index=False
    )
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return hide(make_run(tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="module")
def known(run, tmp_path_factory):
    """Its teachers' networks and what they know."""
    folder = tmp_path_factory.mktemp("known")
    teachers = [train_teacher(run, folder / sensor, sensor) for sensor in SENSORS]
    more = ("--gaf", *run.gaf, "--teachers", *teachers)
    fusion.main(arguments(run, "fusion", folder / "fusion", *more))
    told = ["--clips", run.clips, "--semantics", run.semantics, "--gaf", *run.gaf]
    told += ["--models", folder / "fusion/model.json", "--output", folder / "know/index.json"]
    knowledge.main([*map(str, told), "--options", '{"map_sizes_px": [4, 4, 2, 2, 2]}'])
    return folder


def train(run, folder, method, *more, options=None):
    words = ["--frames", *run.frames, "--name", "x", "--method", json.dumps(method), *more]
    given = arguments(run, "student", folder, *words)
    place = given.index("--options") + 1
    given[place] = json.dumps(json.loads(given[place]) | (options or {}))
    student.main(given)
    return folder / "model.json"


def test_teachers_see_no_clip_without_a_label_and_tell_of_all(run, tmp_path, monkeypatch):
    taken = watched(monkeypatch, SignalBatches, "take")
    model = train_teacher(run, tmp_path, SENSORS[0])
    assert taken == (set(run.rows("train")) | set(run.rows("val"))) - set(HIDDEN)
    told = ["--clips", run.clips, "--semantics", run.semantics, "--gaf", *run.gaf]
    told += ["--models", model, "--output", tmp_path / "know/index.json"]
    knowledge.main([*map(str, told), "--options", '{"map_sizes_px": [4, 4, 2, 2, 2]}'])
    index = json.loads((tmp_path / "know/index.json").read_text())
    assert index["clips"] == run.table["clip"].iloc[run.rows("train")].tolist()


def test_the_bank_of_fusion_has_labelled_clips_only(run, known):
    bank = json.loads((known / "fusion/model.json").read_text())["bank"]
    assert bank
    assert not set(bank) & set(run.table["clip"].iloc[list(HIDDEN)])


def test_maps_of_unlabelled_clips_explain_the_teachers_own_answer(run, known):
    models = [known / sensor / "model.json" for sensor in SENSORS]
    module = load_average(models)[0].requires_grad_(False)
    vectors = torch.randn(len(NAMES), DIM)
    sensors = [GafImages(path, run.table["clip"]) for path in run.gaf]
    options = KnowledgeOptions(map_sizes_px=(4, 4, 2, 2, 2))
    source = SignalBatches(sensors, run.table["action"].to_numpy(), torch.device("cpu"))
    rows = np.array(HIDDEN)
    named = module(source.take(rows).images).logits.argmax(1)
    for score in ("class", "semantic"):
        asked = options.model_copy(update={"score": score})
        own = ask(module, source.take(rows), vectors, asked)
        batch = source.take(rows)
        batch.labels = named
        said = ask(module, batch, vectors, asked)
        np.testing.assert_array_equal(own["saliency"], said["saliency"])


def test_answers_stand_in_for_labels_as_far_as_they_are_sure():
    present = torch.tensor([[True, True], [True, False], [False, False]])
    logits = torch.tensor([[[1.0, 3, 0], [3, 3, 0]], [[0, 0, 2], [99, 0, 0]], [[0, 0, 0]] * 2])
    named, trust = answered(Taught(present, logits), torch.tensor([UNLABELLED, UNLABELLED, 2]))
    assert named.tolist() == [1, 2, 2]
    sure = torch.tensor([[2.0, 3, 0], [0, 0, 2]]).softmax(1).amax(1).tolist()
    assert trust.tolist() == pytest.approx([*sure, 1.0])
    corner, other = torch.zeros(2, 1, 4, 4)
    corner[0, 0, 0] = other[0, 3, 3] = 1
    ours, theirs = torch.stack([corner, corner]), torch.stack([other, other])
    assert map_loss(ours[:, 0], theirs, None, torch.tensor([1.0, 0.5])) == pytest.approx(0.75)


def test_maps_explain_what_the_teachers_named_as_far_as_both_believe_it():
    """The second opinion wins the product of the first clip, and agrees about the other."""
    unaided = torch.tensor([[[2.0, 0, 0]], [[0, 3.0, 0]]])
    second = torch.tensor([[[0, 5.0, 0]], [[0, 1.0, 0]]])
    taught = Taught(torch.ones(2, 1, dtype=torch.bool), unaided + second, unaided=unaided)
    named, trust = answered(taught, torch.tensor([UNLABELLED, UNLABELLED]))
    assert named.tolist() == [0, 1]
    together = (unaided + second)[:, 0].softmax(1)
    torch.testing.assert_close(trust, torch.stack([together[0, 0], together[1, 1]]))
    assert trust[0] < 0.1


@pytest.mark.parametrize("loss", ["soft_target", "sakdn"])
def test_the_taught_learn_from_all_and_the_student_alone_from_labels(
    run, known, tmp_path, monkeypatch, loss
):
    seen = watched(monkeypatch, ClipBatches, "train_batch")
    train(run, tmp_path / "none", {"loss": "none", "epochs": 3})
    assert seen == set(run.rows("train")) - set(HIDDEN)
    assert len(pd.read_csv(tmp_path / "none/curves.csv")) == 3
    seen.clear()
    told = ("--knowledge", known / "know/index.json")
    train(run, tmp_path / loss, {"loss": loss}, *told, options={"epochs": 4})
    assert seen == set(run.rows("train"))


def make_task(run, loss="none", **options):
    rows = {side: run.rows(side) for side in ("train", "val")}
    network = tiny_student(dropout=0.3)
    own = OwnTeacher(network) if loss == SELF_TRAINING else None
    method = MethodOptions(loss=loss, **({"confidence": 0.3} if own else {}))
    lesson = Lesson(method, torch.zeros(len(NAMES), DIM), own=own)
    data = VideoData(run.source(), run.windows, rows)
    return VideoTask(network, data, lesson, OPTIONS.model_copy(update=options), 0)


def test_the_label_s_loss_is_of_labelled_clips_alone(run):
    task = make_task(run, class_weights="balanced")
    logits, labels = torch.randn(4, 3), torch.tensor([0, UNLABELLED, 2, UNLABELLED])
    torch.testing.assert_close(task.class_weights, torch.ones(3))
    expected = F.cross_entropy(logits[[0, 2]], labels[[0, 2]])
    torch.testing.assert_close(task.label_loss(logits, labels), expected)


def test_batches_are_mixed_and_epochs_as_long_as_with_all_labels():
    labels = np.array([0, 1, 2] * 3 + [UNLABELLED] * 21)
    rows, options = np.arange(30), LearningOptions(batch_size=8)
    mixture = mixture_of(rows, np.full(30, True), labels, options, 0)
    batches = mixture.batches(2)
    assert [len(batch) for batch, _ in batches] == [8] * 4
    assert all((labels[batch] != UNLABELLED).sum() == 4 for batch, _ in batches)
    assert [turn for _, turn in batches] == [8, 9, 10, 11]
    every = np.concatenate([batch for batch, _ in batches])
    assert set(every[labels[every] != UNLABELLED]) == set(range(9))
    assert len(set(every[labels[every] == UNLABELLED])) == 16
    again = mixture_of(rows, np.full(30, True), labels, options, 0).batches(2)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(batches, again, strict=True))
    alone = mixture_of(rows, np.full(30, False), labels, options, 0)
    assert (alone.shares, alone.steps) == ((8, 0), 4)
    many = np.where(rows < 24, rows % 3, UNLABELLED)
    assert mixture_of(rows, rows >= 0, many, options, 0).shares == (6, 2)
    few = np.where(rows == 0, 0, UNLABELLED)
    with pytest.raises(InputError, match="found 1 training video to learn from"):
        mixture_of(rows, rows < 0, few, options, 0)


def test_without_labelled_videos_the_student_alone_learns_nothing(run, capsys):
    labels = np.full(24, UNLABELLED)
    mixture = mixture_of(run.rows("train"), np.full(12, False), labels, OPTIONS, 0)
    assert (mixture.steps, mixture.shares) == (1, (0, 4))
    assert "the student alone learns nothing, and guesses" in capsys.readouterr().err
    taught = mixture_of(run.rows("train"), np.full(12, True), labels, OPTIONS, 0)
    assert (taught.steps, taught.shares) == (3, (0, 4))


def test_only_sure_answers_are_learnt():
    logits = torch.randn(3, 3)
    answers = torch.tensor([[9.0, 0, 0], [0, 0, 1], [0, 9, 0]])
    expected = F.cross_entropy(logits[[0, 2]], torch.tensor([0, 1])) * 2 / 3
    torch.testing.assert_close(confident_loss(logits, answers, 0.9), expected)
    assert confident_loss(logits, answers[[1] * 3], 0.9) == 0


def test_self_training_goes_on_as_if_it_had_not_been_stopped(run, tmp_path, monkeypatch):
    whole = run_fit(straight := make_task(run, SELF_TRAINING), tmp_path / "whole", lr=0.01)
    stopped = make_task(run, SELF_TRAINING)
    steps, losses = [], stopped.losses

    def stopping(batch):
        steps.append(batch)
        if len(steps) == 5:
            signal.raise_signal(signal.SIGTERM)
        return losses(batch)

    monkeypatch.setattr(stopped, "losses", stopping)
    with pytest.raises(Stopped):
        run_fit(stopped, tmp_path / "state", lr=0.01)
    resumed = make_task(run, SELF_TRAINING)
    outcome = run_fit(resumed, tmp_path / "state", lr=0.01)
    assert len(steps) < EPOCHS * resumed.steps()
    assert_same(resumed.module.state_dict(), straight.module.state_dict())
    assert curve(outcome) == curve(whole)
    assert int(straight.lesson.own.updates) == EPOCHS * straight.steps()
    assert max(row[f"train_{SELF_TRAINING}"] for row in whole.history) > 0


def test_its_average_is_not_deployed_and_follows(run, tmp_path):
    path = train(run, tmp_path / "own", {"loss": SELF_TRAINING, "confidence": 0.0})
    alone = train(run, tmp_path / "none", {"loss": "none"})
    ours, theirs = (load_file(file.with_suffix(".safetensors")) for file in (path, alone))
    assert ours.keys() == theirs.keys()
    task = make_task(run, SELF_TRAINING)
    before = {k: v.clone() for k, v in task.lesson.own.network.state_dict().items()}
    fit(task, OPTIONS.model_copy(update={"epochs": 1}), 0, tmp_path / "state", "key", "test")
    after = task.lesson.own.network.state_dict()
    assert not torch.equal(before["embed.weight"], after["embed.weight"])
    assert not torch.equal(task.student.state_dict()["embed.weight"], after["embed.weight"])
    assert not [p for p in task.lesson.own.parameters() if p.requires_grad]
    assert not task.lesson.own.training


SECOND = {"loss": "soft_target", "second_opinion": True, "temperature": 1.0}


def test_the_student_alone_is_asked_of_clips_without_a_label(run, known, tmp_path):
    alone = train(run, tmp_path / "none", {"loss": "none"})
    rows, train_rows = list(HIDDEN), run.rows("train")
    answers = second_opinion(alone, run.frames, run.table, train_rows, torch.device("cpu"))
    module, about = load_student(alone)
    source = video_batches(about, run.frames, run.table, torch.device("cpu"))
    expected = video_logits(module, source, np.array(rows), 2, about.precision)
    torch.testing.assert_close(answers[rows], expected, atol=0.02, rtol=0.02)
    assert not np.delete(answers.numpy(), rows, axis=0).any()
    store = KnowledgeStore(known / "know/index.json", run.table["clip"], answers.device, ["logits"])
    batch, windows = train_rows[:4], np.zeros(4, int)
    both = Lesson(MethodOptions(**SECOND), torch.zeros(3, DIM), store, second=answers)
    product = store.take(batch, windows).logits.softmax(2) * answers[batch].softmax(1)[:, None]
    found = both.taught(batch, windows).logits.softmax(2)
    torch.testing.assert_close(found, product / product.sum(2, keepdim=True))


def test_with_it_another_student_is_trained(run, known, tmp_path):
    told = ("--knowledge", known / "know/index.json")
    alone = train(run, tmp_path / "none", {"loss": "none"})
    plain = train(run, tmp_path / "plain", SECOND | {"second_opinion": False}, *told)
    with pytest.raises(InputError, match="--alone: found none"):
        train(run, tmp_path / "missing", SECOND, *told)
    with pytest.raises(InputError, match="found a student that was taught by x"):
        train(run, tmp_path / "taught", SECOND, *told, "--alone", plain)
    both = train(run, tmp_path / "both", SECOND, *told, "--alone", alone)
    ours, theirs = (load_file(file.with_suffix(".safetensors")) for file in (both, plain))
    assert any(not torch.equal(ours[name], theirs[name]) for name in ours)
    words = (model_words(file, read_about(file, StudentAbout)) for file in (both, plain))
    told = ["by the student alone too" in "\n".join(each) for each in words]
    assert told == [True, False]


def test_without_any_label_there_is_no_second_opinion(run, tmp_path):
    alone = train(run, tmp_path / "none", {"loss": "none"})
    bare = run.table.assign(action=UNLABELLED)
    with pytest.raises(InputError, match="the student alone knows nothing; leave it out"):
        second_opinion(alone, run.frames, bare, run.rows("train"), torch.device("cpu"))
