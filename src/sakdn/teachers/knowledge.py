"""What the teachers said of the training clips, read back by clip and window."""

from collections.abc import Collection, Sequence
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from sakdn.base.errors import InputError
from sakdn.base.files import read_json
from sakdn.base.npy_file import MapUse
from sakdn.base.options import Described, Several, parse_file
from sakdn.options.columns import UNLABELLED
from sakdn.options.knowledge import KnowledgeOptions

Rows = Tensor | slice


class Taught(NamedTuple):
    """What S teachers say of N clips, row by row; only what was asked for.

    Attributes:
        present: bool [N, S].
        logits: [N, S, C].
        semantic: [N, S, d].
        embedding: [N, S, d].
        saliency: five maps [N, S, h, w] of unit norm.
        released: the same with the released code's scalar weights.
        attention: five maps [N, S, h, w] of unit norm, sum_c |x|^2.
        maps: the last two taps [N, S, c, h, w].
        course: of the signals over the whole clip, standardised, S times [N, parts, values].
        unaided: `logits` before a second opinion was added to them [N, S, C]; None where none was.
    """

    present: Tensor
    logits: Tensor | None = None
    semantic: Tensor | None = None
    embedding: Tensor | None = None
    saliency: Sequence[Tensor] = ()
    released: Sequence[Tensor] = ()
    attention: Sequence[Tensor] = ()
    maps: Sequence[Tensor] = ()
    course: Sequence[Tensor] = ()
    unaided: Tensor | None = None

    def of_sensor(self, sensor: int, rows: Rows) -> "Taught":
        """What one sensor's teacher says of clips `rows` [n], without the axis S, and no course."""
        vectors = [None if values is None else values[rows, sensor] for values in self[1:4]]
        logits, semantic, embedding = vectors
        of_maps = [[maps[rows, sensor] for maps in each] for each in self[4:8]]
        saliency, released, attention, maps = of_maps
        present = self.present[rows, sensor]
        return Taught(present, logits, semantic, embedding, saliency, released, attention, maps)


def answered(taught: Taught, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The class of each clip, that of the teachers where there is no label, and how sure it is.

    Their saliencies are of the class that they named, which a second opinion may find unlikely.

    Args:
        taught: with logits, whose mean over the sensors that are there is the teachers' answer.
        labels: [N].

    Returns:
        labels [N]; 1 for given ones, else the probability that `logits` give the class that the
        teachers named [N].
    """
    logits = _mean_answer(told(taught.logits), taught.present)
    unaided = logits if taught.unaided is None else _mean_answer(taught.unaided, taught.present)
    named = unaided.argmax(1)
    sure = logits.softmax(1).gather(1, named[:, None])[:, 0]
    unknown = labels == UNLABELLED
    return torch.where(unknown, named, labels), torch.where(unknown, sure, 1.0)


def _mean_answer(logits: Tensor, present: Tensor) -> Tensor:
    """Mean [N, C] over the sensors that are there of logits [N, S, C]."""
    there = present[..., None]
    return logits.masked_fill(~there, 0).sum(1) / there.sum(1).clamp(min=1)


def told(values: Tensor | None) -> Tensor:
    """A field of `Taught` that was asked for.

    Raises:
        LookupError: it was not.
    """
    if values is None:
        raise LookupError("not read of the teachers' knowledge; name it in the method's needs")
    return values


class KnowledgeIndex(Described):
    """Beside the arrays of the `knowledge` stage.

    Attributes:
        clips: training clips that it is about.
        places: of each in the arrays, since views share a recording's; None for one a clip.
        sensors: names of the sensors.
        present: which of them a place has.
        windows: start and end of each window of each place, as fractions of the clip.
        course_widths: values of each sensor in a part of a course.
        map_channels: of the last two taps.
        options: how it was made.
    """

    clips: Several[str]
    places: Several[int] | None = None
    sensors: Several[str]
    present: Several[Several[bool]]
    windows: Several[Several[Several[float]]]
    course_widths: Several[int] = ()
    map_channels: Several[int] = ()
    options: KnowledgeOptions


def read_knowledge_index(path: Path) -> KnowledgeIndex:
    """Reads the index at `path`.

    Raises:
        InputError: it is not as the `knowledge` stage wrote it.
    """
    return parse_file(KnowledgeIndex, read_json(path), path, "delete it and run `knowledge` again")


class KnowledgeStore:
    """Memory-mapped arrays of the `knowledge` stage.

    Attributes:
        windows: start and end of each window of each clip [clips, windows, 2].
        sensors: names of the sensors.
        channels: of the last two taps.
        course_widths: values of each sensor in a part of a course.
    """

    def __init__(
        self, index_path: Path, clips: Sequence[str], device: torch.device, names: Collection[str]
    ) -> None:
        """Opens arrays beside `index_path`.

        Args:
            index_path: index.json of the stage.
            clips: ids of the clips table, in its order.
            device: where batches go.
            names: what to read, fields of `Taught`.

        Raises:
            InputError: a clip of the index is not in the table, or an array is missing or was
                not kept.
        """
        index = read_knowledge_index(index_path)
        row_of = {clip: row for row, clip in enumerate(clips)}
        unknown = [clip for clip in index.clips if clip not in row_of]
        if unknown:
            raise InputError(
                f"{index_path}: clip {unknown[0]} is not in the clips table; delete the file and"
                " run again"
            )
        self.path, self.device = index_path, device
        self.place = np.full(len(row_of), -1)
        places = range(len(index.clips)) if index.places is None else index.places
        self.place[[row_of[clip] for clip in index.clips]] = places
        self.present = np.array(index.present)
        self.windows = np.array(index.windows)
        self.sensors, self.channels = index.sensors, index.map_channels
        self.course_widths = list(index.course_widths)
        sizes = index.options.map_sizes_px
        last = zip(self.channels, sizes[-len(self.channels) :])
        one: list[tuple[int, ...]] = [(size, size) for size in sizes]
        self.shapes: dict[str, list[tuple[int, ...]]] = {
            "saliency": one,
            "released": one,
            "attention": one,
            "maps": [(count, size, size) for count, size in last],
        }
        self.arrays = {name: self._open(name) for name in names}
        self._uses = {name: MapUse(array) for name, array in self.arrays.items()}

    def _open(self, name: str) -> np.ndarray:
        path = self.path.with_name(f"{name}.npy")
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise InputError(f"{path}: cannot be read: {error}; run `knowledge` again") from error
        if name == "course" and 0 in self.course_widths:
            sensor = self.sensors[self.course_widths.index(0)]
            raise InputError(
                f"methods: signal_weight: {sensor} comes as ready images and has no signal; set"
                " signal_weight to 0, or give the signals"
            )
        if not array.shape[-1]:
            raise InputError(
                "knowledge.keep_maps: found false, expected true for a method that compares whole"
                " feature maps; set it to true or choose another method"
            )
        return array

    def check_windows(self, windows: np.ndarray) -> None:
        """Checks that the teachers saw the cuts [clips, windows, 2] that the student will see.

        Raises:
            InputError: they did not.
        """
        known = self.place >= 0
        if not np.array_equal(self.windows[self.place[known]], windows[known]):
            raise InputError(
                f"{self.path}: the teachers saw other windows than gaf.windows of the config; use"
                " the same windows for all sensors"
            )

    def take(self, rows: np.ndarray, windows: np.ndarray) -> Taught:
        """What is known of clips `rows` (of the clips table) in `windows`, in that order."""
        places = self.place[rows]
        present = self.present[places] & (places >= 0)[:, None]
        # A tensor or several, as the field of that name says.
        found: dict[str, Any] = {n: self._read(n, places, windows) for n in self.arrays}
        return Taught(torch.from_numpy(present).to(self.device), **found)

    def _read(self, name: str, places: np.ndarray, windows: np.ndarray) -> Tensor | list[Tensor]:
        key = places if name == "course" else (places, windows)
        read = self.arrays[name][key]
        self._uses[name].add(read.nbytes)
        values = torch.from_numpy(read).to(self.device).float()
        if name == "course":
            return list(values.split(self.course_widths, dim=-1))
        if name not in self.shapes:
            return values
        shapes = self.shapes[name]
        parts = values.split([prod(shape) for shape in shapes], dim=-1)
        return [part.unflatten(-1, shape) for part, shape in zip(parts, shapes, strict=True)]
