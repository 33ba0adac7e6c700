"""Pictures as data URIs, each with its size and the words for those who cannot see it."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image as PillowImage

from sakdn.base.errors import InputError
from sakdn.results.plots import save_svg

PX_PER_INCH = 96
PX_PER_POINT = 96 / 72
SHEET_PX_PER_INCH = 88


@dataclass(frozen=True)
class Image:
    """An `<img>`: its data URI, size in CSS pixels and alternative text."""

    source: str
    width: int
    height: int
    alt: str


def _data_uri(kind: str, write: Callable[[BinaryIO], object]) -> str:
    buffer = io.BytesIO()
    write(buffer)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def figure_image(figure: Figure, alt: str) -> Image:
    """A matplotlib figure as SVG, at its size in inches."""
    width, height = (round(PX_PER_INCH * inches) for inches in figure.get_size_inches())
    return Image(_data_uri("svg+xml", lambda file: save_svg(figure, file)), width, height, alt)


def svg_image(path: Path, alt: str) -> Image:
    """An SVG file whose root gives its size in points, as matplotlib writes it.

    Raises:
        InputError: the file is missing or not such an SVG.
    """
    try:
        content = path.read_bytes()
        root = ElementTree.fromstring(content)
        sizes = [float(root.attrib[key].removesuffix("pt")) for key in ("width", "height")]
    except (OSError, ElementTree.ParseError, KeyError, ValueError) as error:
        raise InputError(f"{path}: not a figure of the compare stage: {error}") from error
    width, height = (round(PX_PER_POINT * size) for size in sizes)
    return Image(_data_uri("svg+xml", lambda file: file.write(content)), width, height, alt)


def photo_image(pixels: NDArray[np.uint8], height_px: int, alt: str) -> Image:
    """A video frame [height, width, 1 or 3] as JPEG, scaled to `height_px`."""
    picture = _picture(pixels)
    width_px = max(1, round(height_px * picture.width / picture.height))
    picture = picture.resize((width_px, height_px), PillowImage.Resampling.LANCZOS)
    source = _data_uri("jpeg", lambda file: picture.save(file, "jpeg", quality=85))
    return Image(source, width_px, height_px, alt)


def sheet_image(path: Path, alt: str) -> Image:
    """A picture of words, lines and frames as WebP, at its size in inches.

    Raises:
        InputError: the file is missing or not a picture.
    """
    try:
        with PillowImage.open(path) as opened:
            picture = opened.convert("RGB")
            dpi = opened.info["dpi"][0]
    except (OSError, KeyError) as error:
        raise InputError(f"{path}: not a picture of the explain stage: {error}") from error
    width_px, height_px = (round(SHEET_PX_PER_INCH * side / dpi) for side in picture.size)
    source = _data_uri("webp", lambda file: picture.save(file, "webp", quality=80, method=6))
    return Image(source, width_px, height_px, alt)


def pixel_image(pixels: NDArray[np.uint8], side_px: int, alt: str) -> Image:
    """A small square image [side, side, 1 or 3] as PNG, shown at `side_px` unsmoothed."""
    picture = _picture(pixels)
    return Image(_data_uri("png", lambda file: picture.save(file, "png")), side_px, side_px, alt)


def _picture(pixels: NDArray[np.uint8]) -> PillowImage.Image:
    return PillowImage.fromarray(np.squeeze(pixels, 2) if pixels.shape[2] == 1 else pixels)
