"""The image of a signal that no run has seen, as a teacher's own images were made."""

from pathlib import Path

import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.readers.parts import Part
from sakdn.data.readers.ready_image import read_ready_image
from sakdn.teachers.about import ImagesAbout
from sakdn.teachers.gaf.clip_signals import clip_signals
from sakdn.teachers.gaf.field import resize_image
from sakdn.teachers.gaf.images import clip_images
from sakdn.teachers.gaf.ranges import Ranges

WHOLE = [(0.0, 1.0)]


def signal_image(path: Path, made: ImagesAbout, channels: int) -> np.ndarray:
    """Image uint8 [channels, S, S] of a whole signal, or of a ready image.

    Args:
        path: of the signal, in a file as the sensor's own are.
        made: how the teacher's images were made.
        channels: that the teacher sees.

    Raises:
        InputError: it cannot be read, or has other axes than the sensor.
    """
    options = made.options
    if options.images:
        channels_of = read_ready_image(path)
        image = np.stack([resize_image(each, options.image_size_px) for each in channels_of])
    else:
        (signal,) = clip_signals(path, options, [Part()])
        if signal.shape[1] * len(options.fields) != channels:
            raise InputError(
                f"{path}: found {signal.shape[1]} axes, expected {channels // len(options.fields)}"
                " as in training; give a file of the same columns"
            )
        ranges: Ranges | None = None
        if made.ranges is not None:
            ranges = [(low, high) for low, high in made.ranges]
        image = clip_images(signal, WHOLE, options, ranges)[0]
    if len(image) != channels:
        raise InputError(
            f"{path}: found {len(image)} channels, expected {channels} as in training; give an"
            " image as those were"
        )
    return image
