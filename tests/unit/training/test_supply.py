"""Batches are the same whoever reads them: this thread, another, or worker processes."""

import os
import signal
from multiprocessing import active_children
from multiprocessing.queues import Queue

import numpy as np
import pytest
import torch
from tiny_run import SEGMENTS, VIEW, make_run
from tiny_task import ConnectedTask, assert_same, curve, run_fit

from sakdn.base.errors import InputError
from sakdn.base.stopping import Stopped
from sakdn.students.frames.batches import ClipBatches
from sakdn.students.frames.supply import supply, workers_for
from sakdn.training.workers import read_ahead


class WorkersTask(ConnectedTask):
    """Clips come from two processes."""

    def __init__(self, run, **killed):
        super().__init__(run, **killed)
        self.data.source.workers = 2


def test_a_cpu_reads_in_a_thread_and_a_gpu_by_processes():
    assert [workers_for(torch.device("cpu"), threads) for threads in (1, 2, 8)] == [0, 0, 0]
    assert [workers_for(torch.device("cuda", 0), threads) for threads in (1, 2, 8)] == [0, 2, 8]


def test_training_and_resuming_are_the_same_to_the_bit(tmp_path):
    run = make_run(tmp_path / "run")
    whole = run_fit(straight := ConnectedTask(run), tmp_path / "whole", lr=0.01, epochs=2)
    stopped, resumed = WorkersTask(run, stop_after=4), WorkersTask(run)
    with pytest.raises(Stopped, match="saved"):
        run_fit(stopped, tmp_path / "state", lr=0.01, epochs=2)
    outcome = run_fit(resumed, tmp_path / "state", lr=0.01, epochs=2)
    assert len(outcome.history) == 2
    assert_same(resumed.module.state_dict(), straight.module.state_dict())
    assert curve(outcome) == curve(whole)
    assert not active_children()


def test_whole_clips_come_in_order(tmp_path):
    source = make_run(tmp_path).source()
    rows = [np.arange(3), np.array([5, 4])]
    source.workers = 2
    for found, part in zip(supply(source, "eval", lambda part: (part,), rows), rows, strict=True):
        expected = source.eval_batch(part)
        assert torch.equal(found.clips, expected.clips)
        assert torch.equal(found.labels, expected.labels)
        assert found.clips.shape == (len(part), SEGMENTS, 3, VIEW.size_px, VIEW.size_px)


def unreadable(item):
    raise InputError("0.npy: found no such frame")


def test_an_error_of_a_worker_is_one_line():
    with pytest.raises(InputError, match=r"^0\.npy: found no such frame$"):
        list(read_ahead(unreadable, [0, 1], 1, pin=False))


def test_a_killed_worker_is_one_line_and_leaves_none():
    me, before = os.getpid(), signal.getsignal(signal.SIGCHLD)
    batches = read_ahead(lambda item: torch.tensor(os.getpid()), range(100), 2, pin=False)
    worker = int(next(batches))
    assert worker != me
    assert signal.getsignal(signal.SIGCHLD) == before
    os.kill(worker, signal.SIGTERM)  # Left to this process.
    assert int(next(batches)) in {child.pid for child in active_children()}
    os.kill(worker, signal.SIGKILL)
    os.waitid(os.P_PID, worker, os.WEXITED | os.WNOWAIT)  # It raises only where a batch is asked.
    with pytest.raises(InputError, match="one of 2 processes that read clips was killed"):
        list(batches)
    assert not active_children()


@pytest.mark.parametrize("error", [ConnectionResetError, EOFError, FileNotFoundError])
def test_a_worker_killed_while_it_sends_is_one_line(error, monkeypatch):
    asked = Queue.get

    def cut(self, *args, **options):
        number, value = asked(self, *args, **options)
        if number == 10:  # Later than what is read ahead of the first.
            os.kill(active_children()[0].pid, signal.SIGKILL)
            raise error
        return number, value

    batches = read_ahead(torch.tensor, range(100), 2, pin=False)
    next(batches)
    monkeypatch.setattr(Queue, "get", cut)
    with pytest.raises(InputError, match="one of 2 processes that read clips was killed"):
        list(batches)
    assert not active_children()


def test_an_unknown_error_of_a_worker_is_not_told_as_a_killed_one():
    def read(item):
        raise RuntimeError("of the network's maker")

    with pytest.raises(RuntimeError, match="of the network's maker"):
        list(read_ahead(read, [0, 1], 1, pin=False))
    assert not active_children()


def test_workers_leave_when_nobody_wants_more():
    state = torch.get_rng_state()
    batches = read_ahead(lambda item: torch.zeros(item), range(100), 2, pin=False)
    next(batches)
    assert len(active_children()) == 2
    batches.close()
    assert not active_children()
    assert torch.equal(torch.get_rng_state(), state)


def test_the_device_may_do_the_resizing(tmp_path, monkeypatch):
    run = make_run(tmp_path)
    source, rows = run.source(), np.arange(6)
    told = rows, rows, np.tile([0.0, 1.0], (6, 1)), 0, 0
    expected = source.train_batch(*told)
    monkeypatch.setattr(ClipBatches, "resizes", True)
    cut = source.read_train(*told)
    assert {clip.pixels.shape[-2:] for clip in cut.clips} != {(VIEW.size_px, VIEW.size_px)}
    assert torch.equal(source.finish(cut).clips, expected.clips)
