"""What the student and the teachers say of one clip, and where they look."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from torch import Tensor

from sakdn.base.options import parse_options
from sakdn.losses.ablation import class_score
from sakdn.models.fused import FusedTeacher
from sakdn.models.student import Student
from sakdn.options.sensors import SensorOptions
from sakdn.results.explain.maps import ablation_map, chosen_layer, enlarged, grad_cam
from sakdn.results.seen_signal import seen_signal
from sakdn.students.about import StudentAbout
from sakdn.students.frames.batches import network_input
from sakdn.students.frames.reading import read_eval_clip
from sakdn.students.frames.stored import FrameStore
from sakdn.students.scores import run_student
from sakdn.teachers.task import SignalBatches


@dataclass(frozen=True)
class Looks:
    """Saliency of the answer given, 0..1, k maps on one scale [k, H, W]."""

    grad_cam: np.ndarray
    ablation: np.ndarray
    layer: int


@dataclass(frozen=True)
class SeenVideo:
    """What the student saw and said.

    Attributes:
        frames: uint8 [T, H, W, channels], as cut for the network.
        places: centre of each frame as a share of the clip [T].
        looks: maps of the frames.
        probabilities: [C].
    """

    frames: np.ndarray
    places: np.ndarray
    looks: Looks
    probabilities: np.ndarray


class SeenImage(NamedTuple):
    """A sensor's image uint8 [H, W, channels], where its teacher looked, what it said.

    `lead` is that of `SeenSignal`.
    """

    gaf: np.ndarray
    looks: Looks
    lead: float


@dataclass(frozen=True)
class SeenSignal:
    """What a teacher saw of its sensor.

    Attributes:
        name: of the sensor.
        signal: [samples, axes]; None where the sensor came as ready images.
        gaf: uint8 [H, W, channels].
        looks: one map of each kind.
        lead: how much it speaks for the teachers' answer over the next likely class: its logit of
            the one less that of the other. Their mean over sensors is the fused answer's own.
        axes: names of the signal's axes.
        unit: of the signal.
    """

    name: str
    signal: np.ndarray | None
    gaf: np.ndarray
    looks: Looks
    lead: float
    axes: list[str]
    unit: str | None = None


def look(maps: Tensor, score: Tensor, side: int, layer: int) -> Looks:
    """Both kinds of saliency of `maps` [k, c, h, w] for `score` [1], enlarged to `side` px."""
    cams = (enlarged(kind(maps, score), side) for kind in (grad_cam, ablation_map))
    gradients, ablation = (cam.float().cpu().numpy() for cam in cams)
    return Looks(gradients, ablation, layer + 1)


def per_frame(looks: Looks, frames: int) -> Looks:
    """Maps [frames, H, W] of maps over time [t, H, W]: frames that a network joined share one."""
    moments = np.arange(frames) * len(looks.grad_cam) // frames
    return Looks(looks.grad_cam[moments], looks.ablation[moments], looks.layer)


def see_video(
    module: Student, about: StudentAbout, store: FrameStore, clip: str, layer: int | None
) -> SeenVideo:
    """Shows the student a clip exactly as the evaluation does and asks why it answers so."""
    view, device = about.view, next(module.parameters()).device
    pixels, _, moments = read_eval_clip(store, clip, view)
    frames = network_input(pixels[None].to(device), view).requires_grad_()
    output = run_student(module, frames, about.precision)
    tap = chosen_layer(output.frame_taps, layer)
    score = class_score(output.logits)
    looks = look(output.frame_taps[tap], score, view.size_px, tap)
    return SeenVideo(
        pixels[-view.segments :].permute(0, 2, 3, 1).numpy(),
        moments.numpy(),
        per_frame(looks, view.segments),
        _shares(output.logits),
    )


def see_signals(
    module: FusedTeacher, source: SignalBatches, row: int, layer: int | None
) -> tuple[dict[str, SeenImage], np.ndarray]:
    """Shows the teachers a clip's images and asks why they answer so, together.

    Returns:
        What each sensor that the clip has shows and says; and the joint probabilities [C].
    """
    batch = source.take(np.array([row]))
    images = [image.requires_grad_() for image in batch.images]
    output = module(images, batch.present)
    score = class_score(output.logits)
    answer, second = output.logits[0].topk(2).indices.tolist()
    seen = {}
    for number, (sensor, stream) in enumerate(zip(source.sensors, output.streams, strict=True)):
        if batch.present[0, number]:
            tap = chosen_layer(stream.taps, layer)
            looks = look(stream.taps[tap], score, images[number].shape[-1], tap)
            image = np.moveaxis(sensor.images[row, 0], 0, -1)
            lead = stream.logits[0, answer] - stream.logits[0, second]
            seen[sensor.sensor] = SeenImage(image, looks, lead.item())
    return seen, _shares(output.logits)


def seen_signals(
    images: dict[str, SeenImage],
    about: pd.Series,
    root: Path,
    sensors: dict[str, dict[str, Any]],
) -> list[SeenSignal]:
    """Adds to every sensor's image the signal that it was made of.

    Args:
        images: of `see_signals`.
        about: the clip's row of the clips table.
        root: data root.
        sensors: the config's.
    """
    found = []
    for name, (gaf, looks, lead) in images.items():
        source = parse_options(SensorOptions, sensors[name], f"sensors.{name}")
        signal = None if source.images else seen_signal(root, name, source, about)
        axes = [] if signal is None else source.axis_names(signal.shape[1])
        found.append(SeenSignal(name, signal, gaf, looks, lead, axes, source.unit))
    return found


def _shares(logits: Tensor) -> np.ndarray:
    return logits[0].detach().float().softmax(0).cpu().numpy()
