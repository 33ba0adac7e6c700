"""Writes a sensor's images as PNG files that others can use, and that can be used as ready images.

One file a recording, called after its first clip: channels in threes as red, green and blue, three
a square (`data.readers.ready_image`). A table beside says which clip has which file.
"""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from sakdn.base.files import atomic_path, make_folder
from sakdn.data.readers.ready_image import sheet_of
from sakdn.teachers.gaf.index import read_gaf_index
from sakdn.teachers.gaf.stored import GafImages


def export_images(path: Path, folder: Path) -> str:
    """Writes the images of the sensor whose store is `path` (.npy) below `folder`.

    Of clips that are cut into windows the whole clip is written; a clip without the sensor has no
    image.

    Returns:
        What was written, in words.

    Raises:
        InputError: the store is damaged, or a file cannot be written.
    """
    stored = GafImages(path, read_gaf_index(path.with_suffix(".json")).clips)
    target = folder / stored.sensor
    make_folder(target)
    names: dict[int, str] = {}
    rows = []
    for row in np.flatnonzero(stored.present).tolist():
        clip, place = stored.index.clips[row], stored.place_of(row)
        if place not in names:
            names[place] = f"{stored.sensor}/{clip}.png"
            _write(stored.images[row, 0], folder / names[place])
        rows.append((clip, names[place]))
    table = folder / f"{stored.sensor}.csv"
    with atomic_path(table) as temporary, temporary.open("w", newline="") as file:
        csv.writer(file).writerows([("clip", stored.sensor), *rows])
    return f"{len(names)} images of {len(rows)} clips written to {target}, listed in {table}"


def _write(image: np.ndarray, path: Path) -> None:
    with atomic_path(path) as temporary:
        Image.fromarray(sheet_of(image)).save(temporary, format="png")
