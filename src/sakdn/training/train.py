"""What every stage that trains does with its task: train or resume, save, clear away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from sakdn.base.device import device_name
from sakdn.base.progress import log
from sakdn.base.sources import code_digest, data_digest
from sakdn.options.training import Schedule
from sakdn.training.about import Plan
from sakdn.training.loop import Task, fit
from sakdn.training.saved import save_model
from sakdn.training.state import Tensors
from sakdn.training.watchers import Watcher, chosen_watcher


@dataclass(frozen=True)
class Job:
    """One training.

    Attributes:
        stage: module of the stage, whose code the result depends on.
        label: name shown with the progress.
        inputs: files that the result depends on.
        state: resumable state.
        output: JSON to write.
        device: where it is trained.
        pictures: shows how it goes, to those who watch; each [k, 3, H, W] in 0..1.
    """

    stage: str
    label: str
    inputs: Sequence[Path]
    state: Path
    output: Path
    device: torch.device
    pictures: Callable[[], Tensors] | None = None


def train(
    task: Task,
    plan: Plan,
    schedule: Schedule,
    job: Job,
    deployed: Callable[[Tensors], Tensors] = dict,
    found: Callable[[], dict[str, Any]] = dict,
) -> None:
    """Trains `task`, or goes on with it, and saves the best network.

    Args:
        task: module, batches and losses.
        plan: what is known of the network before.
        schedule: epochs, optimiser, learning rate.
        job: files and device.
        deployed: takes what is saved out of the best weights.
        found: what the JSON says besides, once the training is over.

    Raises:
        InputError: the loss is not finite, or a file cannot be written.
        Stopped: SIGTERM or Ctrl-C; the state was saved.
    """
    key = [plan.model_dump(mode="json"), data_digest(*job.inputs), code_digest(job.stage)]
    log(f"{job.label}: computes in {plan.precision} on {device_name(job.device)}")
    scaler = torch.amp.GradScaler(job.device.type, enabled=plan.precision == "fp16")
    watcher = chosen_watcher(job.output.parent / "tensorboard")
    watcher.begin(plan.model_dump_json(indent=1))
    told = partial(_tell, watcher, job, schedule.epochs)
    outcome = fit(task, schedule, plan.seed, job.state, key, job.label, scaler, told)
    watcher.end()
    outcome = replace(outcome, best=deployed(outcome.best))
    save_model(job.output, plan, outcome, job.device, found())
    job.state.unlink(missing_ok=True)


def _tell(watcher: Watcher, job: Job, epochs: int, row: dict[str, float]) -> None:
    """Passes on an epoch; with pictures the first, second, fourth and so on, and the last."""
    values = dict(row)
    epoch = int(values.pop("epoch"))
    watcher.epoch_done(epoch, values)
    if (
        job.pictures
        and type(watcher) is not Watcher
        and (epoch.bit_count() == 1 or epoch == epochs)
    ):
        watcher.pictures(epoch, job.pictures())
