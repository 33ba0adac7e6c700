"""One clip as the networks see it: frames, signals and GAF images."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sakdn.base.options import parse_options
from sakdn.data.clips.recordings import with_video
from sakdn.options.sensors import SensorOptions, SignalOptions
from sakdn.results.plots import new_figure
from sakdn.results.report.images import Image, figure_image, photo_image, pixel_image
from sakdn.results.seen_signal import seen_signal
from sakdn.students.frames.stored import FrameStore
from sakdn.teachers.gaf.stored import GafImages

FRAMES = 8
FRAME_HEIGHT_PX = 120
GAF_SIDE_PX = 150
AXIS_COLOURS = ("#c8322b", "#2c8a3f", "#2a5fc0", "#8a5a2b", "#7b4fa3", "#555555")


@dataclass(frozen=True)
class Sensor:
    """What a sample shows of one sensor: its images with captions, and the signal if it has one."""

    name: str
    signal: Image | None
    gafs: list[tuple[str, Image]]


@dataclass(frozen=True)
class Sample:
    """A clip with its frames (caption, picture) and sensors."""

    clip: str
    action_name: str
    subject: str
    split: str
    frames: list[tuple[str, Image]]
    sensors: list[Sensor]


def read_sample(
    clips: pd.DataFrame, frames_dir: Path, gaf_dir: Path, sensors: dict[str, Any], root: Path
) -> Sample:
    """Reads the first test clip that has every sensor (else the first clip that has a video).

    Args:
        clips: the clips table.
        frames_dir: frame shards.
        gaf_dir: `<sensor>.npy` of every sensor.
        sensors: options of every sensor, as in the config.
        root: data root; signal paths in the table are relative to it.
    """
    images = [GafImages(gaf_dir / f"{name}.npy", clips["clip"]) for name in sensors]
    row = _choose(clips, images)
    about = clips.iloc[row]
    shown = [
        _sensor(gaf, row, about, root, sensors[gaf.sensor]) for gaf in images if gaf.present[row]
    ]
    return Sample(
        about["clip"],
        about["action_name"],
        str(about["subject"]),
        about["split"],
        _frames(FrameStore(sorted(frames_dir.glob("*.npy"))), about["clip"]),
        shown,
    )


def _choose(clips: pd.DataFrame, images: Sequence[GafImages]) -> int:
    whole = np.all([gaf.present for gaf in images], axis=0) & (clips["split"] == "test").to_numpy()
    return int(whole.argmax()) if whole.any() else int(with_video(clips).argmax())


def _frames(store: FrameStore, clip: str) -> list[tuple[str, Image]]:
    length = store.length(clip)
    indices = np.unique(np.linspace(0, length - 1, FRAMES).round().astype(int))
    frames = np.asarray(store.frames(clip, indices))
    return [
        (f"{index + 1} of {length}", photo_image(frame, FRAME_HEIGHT_PX, f"Frame {index + 1}"))
        for index, frame in zip(indices.tolist(), frames)
    ]


def _sensor(
    gaf: GafImages, row: int, about: "pd.Series[str]", root: Path, options: dict[str, Any]
) -> Sensor:
    image = np.moveaxis(gaf.images[row, 0], 0, -1)  # [height, width, channels]
    channels = image.shape[2]
    step = 3 if channels % 3 == 0 else 1
    gafs = [
        (
            f"channels {first + 1}–{first + 3}" if step == 3 else f"channel {first + 1}",
            pixel_image(
                np.ascontiguousarray(image[:, :, first : first + step]),
                GAF_SIDE_PX,
                f"Gramian angular field of the {gaf.sensor}",
            ),
        )
        for first in range(0, channels, step)
    ]
    source = parse_options(SensorOptions, options, f"sensors.{gaf.sensor}")
    if source.images:
        return Sensor(gaf.sensor, None, gafs)
    signal = seen_signal(root, gaf.sensor, source, about)
    return Sensor(gaf.sensor, _signal_image(gaf.sensor, signal, source), gafs)


def _signal_image(name: str, signal: NDArray[np.float64], source: SignalOptions) -> Image:
    """The axes of a signal [samples, axes] over time, or over samples where no rate is known."""
    figure = new_figure(4.6, 2.0)
    axes = figure.subplots()
    unit = "s" if source.rate_hz else "samples"
    time = np.arange(len(signal)) / (source.rate_hz or 1)
    axes.set_prop_cycle(color=AXIS_COLOURS)
    for number, values in enumerate(signal.T):
        axes.plot(time, values, lw=1.2, label=f"axis {number + 1}")
    axes.set(xlabel=f"time ({unit})", ylabel=name)
    figure.legend(frameon=False, fontsize=9, ncols=signal.shape[1], loc="outside upper right")
    axes.spines[["top", "right"]].set_visible(False)
    alt = f"Signal of the {name}: {signal.shape[1]} axes over {time[-1]:.1f} {unit}."
    return figure_image(figure, alt)
