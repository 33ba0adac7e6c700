"""The training loop: named losses in, best weights on `val` out, resumable after every step."""

import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from sakdn.base.errors import InputError
from sakdn.base.progress import log
from sakdn.base.provenance import Cost
from sakdn.base.stopping import Stopped, StopRequest
from sakdn.options.training import Schedule
from sakdn.training.average import begin_average, follow, showing
from sakdn.training.saving import Saver
from sakdn.training.schedule import make_optimiser, set_rate
from sakdn.training.state import Progress, Tensors, fingerprint, load_state, save_state

SAVE_EVERY_S = 5.0  # After an epoch.
SAVE_STEPS_EVERY_S = 60.0  # In the middle of one.
SAY_EVERY_S = 10.0
SEED_STRIDE = 1_000_003


class Task(Protocol):
    """What is trained. All randomness of an epoch follows from its seed and number."""

    @property
    def module(self) -> torch.nn.Module:
        """The network, with all that is trained beside it."""

    def groups(self) -> list[dict[str, Any]]:
        """Parameter groups, with optional `lr_mult` and `decay_mult`."""

    def batches(self, epoch: int, start: int) -> Generator[Any, None, None]:
        """The batches of an epoch from number `start` on; those before are not read."""

    def steps(self) -> int:
        """Number of batches of an epoch."""

    def losses(self, batch: Any) -> dict[str, torch.Tensor]:
        """Named, weighted losses of a batch; their sum is minimised."""

    def validate(self) -> dict[str, float]:
        """`val_accuracy` and `val_loss`."""


@dataclass
class Fit:
    """Outcome of `fit`: best weights, learning curve, cost."""

    best: Tensors
    best_epoch: int
    history: list[dict[str, float]]
    cost: dict[str, float]


def fit(
    task: Task,
    schedule: Schedule,
    seed: int,
    state_path: Path,
    key: Any,
    label: str,
    scaler: torch.amp.GradScaler | None = None,
    told: Callable[[dict[str, float]], None] | None = None,
) -> Fit:
    """Trains `task`; a run that was killed goes on from its last saved step.

    Args:
        task: module, batches and losses.
        schedule: epochs, optimiser, learning rate.
        seed: of weights, order and augmentation.
        state_path: resumable state; removed by the caller once the result is safe.
        key: everything that the run depends on; a state with another key is ignored.
        label: name shown with the progress.
        scaler: of the loss, for fp16.
        told: is given the row of the learning curve, with `lr`, after every epoch.

    Raises:
        InputError: the loss is not finite, or the state cannot be written, with what to do.
        Stopped: SIGTERM or Ctrl-C; the state was saved.
    """
    scaler = scaler or torch.amp.GradScaler(enabled=False)
    optimiser = make_optimiser(task.groups(), schedule)
    key = fingerprint(key, seed, vars(schedule))
    progress = load_state(state_path, key, task.module, optimiser, scaler)
    cost = Cost(progress.wall_s, progress.cpu_s)

    def save() -> None:
        spent = cost.total()
        progress.wall_s, progress.cpu_s = spent["wall_s"], spent["cpu_s"]
        save_state(state_path, key, task.module, optimiser, progress, scaler)

    if progress.epoch or progress.step:
        log(f"{label}: resumes after {progress.place()}")
    if schedule.ema_decay:
        progress.average = begin_average(task.module, progress.average)
    reporter = Reporter(label, schedule.epochs - progress.epoch)
    with StopRequest() as request:
        saver = Saver(save, lambda: f"{label}: {progress.place()}", request)
        while not finished(progress, schedule):
            if not progress.step:
                torch.manual_seed(seed * SEED_STRIDE + progress.epoch)
            set_rate(optimiser, schedule.factor(progress.epoch))
            row = train_epoch(task, optimiser, scaler, schedule, progress, saver, label)
            row = look_at_val(task, progress, row, saver, request)
            reporter.epoch_done(row, schedule.epochs)
            if told:
                told(row | {"lr": schedule.lr * schedule.factor(progress.epoch - 1)})
            saver.offer(0 if finished(progress, schedule) else SAVE_EVERY_S)
    accuracy, epoch = progress.history[progress.best_epoch]["val_accuracy"], progress.best_epoch + 1
    log(f"val accuracy {100 * accuracy:.1f} % at epoch {epoch} of {schedule.epochs}")
    return Fit(progress.best, progress.best_epoch, progress.history, cost.total())


def train_epoch(
    task: Task,
    optimiser: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    schedule: Schedule,
    progress: Progress,
    saver: Saver,
    label: str,
) -> dict[str, float]:
    """One pass over the training clips, or its rest; returns mean losses and seconds."""
    task.module.train()
    said = time.monotonic()
    start = said - progress.epoch_s
    optimiser.zero_grad(set_to_none=True)
    gathered = 0
    with closing(task.batches(progress.epoch, progress.step)) as batches:
        for batch in batches:
            losses = task.losses(batch)
            total = torch.stack(list(losses.values())).sum()
            scaler.scale(total).backward()
            gathered += 1
            now = time.monotonic()
            progress.step_done(losses | {"": total}, now - start)
            if now - said > SAY_EVERY_S:
                said = now
                log(f"{label}: epoch {progress.epoch + 1}, step {progress.step}/{task.steps()}")
            if gathered == schedule.accumulate_steps:
                update(task.module, optimiser, scaler, schedule, progress, gathered)
                gathered = 0
                saver.offer(SAVE_STEPS_EVERY_S)  # Never while gradients wait for others.
    if gathered:
        update(task.module, optimiser, scaler, schedule, progress, gathered)
        saver.offer(SAVE_STEPS_EVERY_S)
    means = {f"train_{k or 'loss'}": float(v) / progress.step for k, v in progress.sums.items()}
    # A restored state has lost their order; their sum comes last.
    means = {k: means[k] for k in sorted(means, key=lambda k: (k == "train_loss", k))}
    if not all(map(_finite, means.values())):
        raise InputError(
            f"{label}: the loss of epoch {progress.epoch + 1} is not finite ({means}); lower `lr`"
            " or the loss weights, or set `clip_norm`"
        )
    return {"epoch": progress.epoch + 1, "seconds": round(progress.epoch_s, 3)} | means


def update(
    module: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    schedule: Schedule,
    progress: Progress,
    batches: int,
) -> None:
    """One step of the optimiser with the mean of the gradients of `batches`."""
    if batches > 1:
        gradients = [p.grad for p in module.parameters() if p.grad is not None]
        torch._foreach_div_(gradients, batches)
    if schedule.clip_norm > 0:
        scaler.unscale_(optimiser)
        torch.nn.utils.clip_grad_norm_(module.parameters(), schedule.clip_norm)
    scaler.step(optimiser)
    scaler.update()
    optimiser.zero_grad(set_to_none=True)
    if schedule.ema_decay:
        follow(progress.average, module, schedule.ema_decay, progress.updates)
    progress.updates += 1


def look_at_val(
    task: Task, progress: Progress, row: dict[str, float], saver: Saver, request: StopRequest
) -> dict[str, float]:
    """Ends an epoch: its `row` with accuracy and loss on `val`, of the averaged weights if any.

    A request to stop does not wait for them.
    """
    try:
        with showing(progress.average, task.module):
            with request.at_once():
                row = row | task.validate()
            record(progress, row, task.module)
    except Stopped:
        saver.offer(0)
        raise
    return row


def finished(progress: Progress, schedule: Schedule) -> bool:
    """Whether all epochs are done, or `val` has not become better for long enough."""
    waited_epochs = progress.epoch - 1 - progress.best_epoch
    patience = schedule.early_stopping_epochs
    stopped = bool(patience and progress.history) and waited_epochs >= patience
    return stopped or progress.epoch >= schedule.epochs


def _finite(value: float) -> bool:
    return value == value and abs(value) != float("inf")


def record(progress: Progress, row: dict[str, float], module: torch.nn.Module) -> None:
    """Adds an epoch to the curve and keeps its weights when they are the best on `val`.

    Higher accuracy wins; at equal accuracy the lower loss.
    """
    progress.epoch_done(row)
    best = progress.history[progress.best_epoch] if progress.best_epoch >= 0 else None
    if best is None or _rank(row) > _rank(best):
        progress.best_epoch = progress.epoch - 1
        progress.best = {k: v.detach().cpu().clone() for k, v in module.state_dict().items()}


def _rank(row: dict[str, float]) -> tuple[float, float]:
    return row["val_accuracy"], -row["val_loss"]


class Reporter:
    """Says every few seconds how the epochs go and how long the rest takes."""

    def __init__(self, label: str, epochs_left: int) -> None:
        self.label, self.left, self.done = label, epochs_left, 0
        self.start = time.monotonic()
        self.said = 0.0

    def epoch_done(self, row: dict[str, float], epochs: int) -> None:
        """Called after every epoch with its row of the learning curve."""
        self.done += 1
        now = time.monotonic()
        if now - self.said < SAY_EVERY_S and self.done < self.left:
            return
        self.said = now
        left_s = round((now - self.start) / self.done * (self.left - self.done))
        log(
            f"{self.label}: epoch {row['epoch']}/{epochs}, loss {row['train_loss']:.3f},"
            f" val accuracy {100 * row['val_accuracy']:.1f} %, {row['seconds']:.1f} s/epoch,"
            f" {left_s // 60}:{left_s % 60:02d} left"
        )
