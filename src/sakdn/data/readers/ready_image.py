"""A sensor's recording as a ready image, one that others, or `inspect --export`, made.

Grey is one channel, colour three, such as three axes as red, green and blue. More channels are
squares below one another in one file: those of a summation field above those of a difference field.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from sakdn.base.errors import InputError
from sakdn.data.readers.image_folder import SUFFIXES, read_image

GREY, COLOURED = ("1", "L"), ("RGB", "YCbCr", "P", "CMYK")
SMALLEST_PX = 8


def is_image(path: str) -> bool:
    """Whether a file is called as an image is."""
    return path.lower().endswith(SUFFIXES)


def read_ready_image(path: Path | str) -> np.ndarray:
    """Reads a ready image.

    Returns:
        uint8 [channels, side, side]: of one square after the other.

    Raises:
        InputError: missing, damaged, of more than 8 bits, with transparency, or not made of squares
            of at least `SMALLEST_PX`.
    """
    path = Path(path)
    pixels = read_image(path, "rgb")
    with Image.open(path) as image:
        mode = image.mode
    if mode not in (*GREY, *COLOURED):
        raise InputError(f"{path}: found pixels of kind {mode}, expected grey or RGB; convert it")
    height, width = pixels.shape[:2]
    if width < SMALLEST_PX or height % width:
        raise InputError(
            f"{path}: found {width} x {height} px, expected a square of at least {SMALLEST_PX} px,"
            " or several, one below another; make the image of the recording again"
        )
    squares = pixels[..., : 1 if mode in GREY else 3].reshape(height // width, width, width, -1)
    return np.ascontiguousarray(np.moveaxis(squares, 3, 1)).reshape(-1, width, width)


def sheet_of(image: np.ndarray) -> np.ndarray:
    """The pixels of a file that `read_ready_image` reads as `image` [channels, side, side].

    Returns:
        uint8 [squares x side, side, 3], or without the last axis where three do not divide the
        channels.
    """
    channels, side, _ = image.shape
    if channels % 3:
        return image.reshape(channels * side, side)
    return np.moveaxis(image.reshape(-1, 3, side, side), 1, 3).reshape(-1, side, 3)
