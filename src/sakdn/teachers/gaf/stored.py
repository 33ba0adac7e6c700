"""The GAF images of one sensor, as the `gaf` stage stored them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sakdn.base.errors import InputError
from sakdn.base.npy_file import MapUse
from sakdn.teachers.gaf.course import course_path
from sakdn.teachers.gaf.index import read_gaf_index


class ClipArray:
    """Arrays by row of the clips table, where the views of a recording share theirs."""

    def __init__(self, stored: np.ndarray, places: np.ndarray) -> None:
        """Args: arrays [recordings, ...] and the recording of each clip [clips]."""
        self._stored, self._places = stored, places
        self._use = MapUse(stored)
        self.shape = (len(places), *stored.shape[1:])

    def __getitem__(self, key: Any) -> np.ndarray:
        """Arrays of clips; the first index is a row of the clips table."""
        first, *rest = key if isinstance(key, tuple) else (key,)
        values = self._stored[(self._places[first], *rest)]
        self._use.add(values.nbytes)
        return values


class GafImages:
    """Images of one sensor, memory-mapped, in the order of the clips table.

    Attributes:
        sensor: its name.
        images: uint8 [clips, windows, channels, height, width]; stored once a recording, at the
            `places` of the index (none: one a clip).
        present: bool [clips]; False where the recording has no such signal.
        windows: start and end of each window as fractions of the clip [clips, windows, 2].
        index: all that is said of them.
    """

    def __init__(self, path: Path | str, clips: Sequence[str]) -> None:
        """Opens `path` (.npy, with its .json beside it).

        Raises:
            InputError: the images are not those of `clips`, in that order.
        """
        path = Path(path)
        index = read_gaf_index(path.with_suffix(".json"))
        if list(index.clips) != list(clips):
            raise InputError(
                f"{path}: made for other clips than the clips table; delete it and run again"
            )
        self.sensor = path.stem
        places = np.array(range(len(clips)) if index.places is None else index.places)
        self.images = ClipArray(np.load(path, mmap_mode="r", allow_pickle=False), places)
        self._path, self._places = path, places
        self.present = ~np.isin(index.clips, index.missing)
        self.windows = np.asarray(index.windows)
        self.index = index

    def place_of(self, row: int) -> int:
        """Which recording a clip, a row of the clips table, is of."""
        return int(self._places[row])

    def courses(self, rows: np.ndarray) -> np.ndarray:
        """Courses of the signals of clips `rows`, float32 [n, parts, values]; see `gaf.course`.

        Raises:
            InputError: there are none beside the images.
        """
        path = course_path(self._path)
        try:
            stored = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {error}; run `gaf` again") from error
        return ClipArray(stored, self._places)[rows]


def joint_windows(sensors: Sequence[GafImages]) -> np.ndarray:
    """Windows of the sensors, which must be the same for all [clips, windows, 2].

    Raises:
        InputError: two sensors were cut differently.
    """
    first = sensors[0]
    for other in sensors[1:]:
        if not np.array_equal(first.windows, other.windows):
            raise InputError(
                f"gaf.windows: {first.sensor} and {other.sensor} were cut differently; use the"
                " same windows for all sensors"
            )
    return first.windows
