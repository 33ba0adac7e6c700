"""One clip as the networks see it: frames, signals and GAF images."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sakdn.data.clips.recordings import with_video
from sakdn.results.report.images import Image, photo_image
from sakdn.results.report.sensor import Sensor, sensor_options, sensor_sample
from sakdn.results.seen_signal import seen_signal
from sakdn.students.frames.stored import FrameStore
from sakdn.teachers.gaf.stored import GafImages

FRAMES = 8
FRAME_HEIGHT_PX = 120


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
    shown = []
    for gaf in (each for each in images if each.present[row]):
        source = sensor_options(gaf.sensor, sensors[gaf.sensor])
        signal = None if source.images else seen_signal(root, gaf.sensor, source, about)
        shown.append(sensor_sample(gaf, row, source, signal))
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
