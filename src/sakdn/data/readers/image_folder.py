"""A folder of still images as a video: one file a frame, in the natural order of their names."""

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from sakdn.base.errors import InputError
from sakdn.data.readers.depth import USUAL_RANGE_MM, grey_of_depth
from sakdn.data.readers.natural import natural_key
from sakdn.data.readers.plain_file import check_plain

# What the suffixes stand for and no more: for PostScript, say, Pillow runs another program.
FORMATS = ("BMP", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
MAX_PIXELS = 2**26
FLOW = ("flow", "tvl1", "optical_flow")
SUFFIXES = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")


def image_files(folder: Path) -> list[Path]:
    """The frames of a folder; hidden files and those that are no images are left out.

    Raises:
        InputError: not readable, no images, or images of several kinds, which are often copies of
            each other.
    """
    try:
        names = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: cannot be read: {error.strerror or error}") from error
    files = [
        path for path in names if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    ]
    files = _one_family(folder, files)
    kinds = sorted({path.suffix.lower() for path in files})
    if len(kinds) != 1:
        found = " and ".join(kinds) or "no images"
        raise InputError(
            f"{folder}: a folder, expected a video or the images of one, all of one kind"
            f" ({', '.join(SUFFIXES)}); found {found}; correct its path or move the others away"
        )
    return sorted(files, key=lambda path: natural_key(path.name))


def _one_family(folder: Path, files: list[Path]) -> list[Path]:
    """Without the images of optical flow that tools write beside the frames.

    Raises:
        InputError: images of several names carry the same numbers: two recordings, or frames and
            something made from them.
    """
    families: dict[str, list[Path]] = {}
    for path in files:
        families.setdefault(re.sub(r"\d+", "0", path.stem).lower(), []).append(path)
    frames = {name: paths for name, paths in families.items() if not name.startswith(FLOW)}
    numbers = {
        name: {path.stem[len(path.stem.rstrip("0123456789")) :] for path in paths}
        for name, paths in (frames or families).items()
        if "0" in name
    }
    for (one, here), (other, there) in combinations(numbers.items(), 2):
        if (here & there) - {""}:
            shown = [(frames or families)[name][0].name for name in (one, other)]
            raise InputError(
                f"{folder}: found images of two kinds with the same numbers, such as {shown[0]} and"
                f" {shown[1]}; expected the frames of one video; move the others away"
            )
    return [path for paths in (frames or families).values() for path in paths]


def read_image(
    path: Path, color: Literal["rgb", "grey"], depth_range_mm: Sequence[float] = USUAL_RANGE_MM
) -> np.ndarray:
    """Decodes an image, turned as its EXIF says; a PNG of 16 bits is a depth map in mm.

    Returns:
        uint8 [height, width, 3] or, for `grey` (luma), [height, width].

    Raises:
        InputError: not an image, cut short, or of more than 8 bits a channel.
    """
    try:
        check_plain(path)
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InputError(
                    f"{path}: claims {image.width} x {image.height} px, expected at most"
                    f" {MAX_PIXELS} in all; resize it"
                )
            if image.format == "PNG" and image.mode[0] == "I":
                grey = grey_of_depth(np.asarray(image), depth_range_mm)
                return np.repeat(grey[..., None], 3, axis=2) if color == "rgb" else grey
            if image.mode[0] in "IF":
                raise InputError(f"{path}: has more than 8 bits a pixel; convert it to 8 bits")
            upright = ImageOps.exif_transpose(image)
            return np.asarray(upright.convert("RGB" if color == "rgb" else "L"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(
            f"{path}: not an image that can be read ({error}); copy it again"
        ) from error
