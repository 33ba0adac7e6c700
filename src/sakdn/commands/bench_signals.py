"""Signals that are read and made into images, for the benchmark."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sakdn.commands.bench_floors import copied_bytes_per_s, rate
from sakdn.data.readers.signals import read_signal
from sakdn.options.sensors import ImageOptions, SignalOptions
from sakdn.teachers.gaf.images import clip_images

SAMPLES = 180  # Of a recording of UTD-MHAD.
# How many, and of what kind: as the small configs make them, and as those of paper size.
IMAGES = {
    "64 px": (200, ImageOptions(field="summation", scaling="clip", image_size_px=64)),
    "224 px": (
        40,
        ImageOptions(field="summation", scaling="clip", image_size_px=224, resize="image"),
    ),
}


def gaf_rates(count: int, options: ImageOptions) -> dict[str, float]:
    """Images a second of the stage's function and of pyts alone, which resizes no image."""
    from pyts.image import GramianAngularField

    rng = np.random.default_rng(0)
    signals = [rng.standard_normal((SAMPLES, 3)) for _ in range(count)]

    def ours() -> None:
        for signal in signals:
            clip_images(signal, [(0.0, 1.0)], options, None)

    def bare() -> None:
        whole = options.resize == "image"
        field = GramianAngularField(image_size=1.0 if whole else options.image_size_px)
        for signal in signals:
            field.transform(signal.T)

    bytes_an_image = clip_images(signals[0], [(0.0, 1.0)], options, None).nbytes
    return {
        "copied (floor)": copied_bytes_per_s() / bytes_an_image,
        "pyts": rate(bare, len(signals)),
        "ours": rate(ours, len(signals)),
    }


def signal_rates(files: Sequence[Path]) -> dict[str, float]:
    """Signals a second that a core reads, as the stages of recordings and images do."""
    options = SignalOptions(columns=(0, 1, 2))
    bytes_a_file = sum(path.stat().st_size for path in files) / len(files)

    def read() -> None:
        for path in files:
            read_signal(path, options)

    return {"copied (floor)": copied_bytes_per_s() / bytes_a_file, "read": rate(read, len(files))}
