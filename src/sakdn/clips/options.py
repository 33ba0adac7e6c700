"""Options of the clips stage: the config's `data` and `sensors`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sakdn.checks import one_of, whole_number
from sakdn.errors import InputError


@dataclass(frozen=True)
class DataOptions:
    """Where the recordings are (config key `data`).

    Attributes:
        source: `demo` and `utd_mhad` find files by pattern; `table` reads a clips table.
        root: folder of the recordings.
        video: path pattern of a video below root, with `{clip}` for its id.
        table: the clips table of source `table`.
        classes: file with one action name a line, line 1 for action 1.
        subjects: use these only; None for all.
        shards: number of frame shards.
        demo: size of the demo set; used by the stage that makes it.
    """

    source: Literal["demo", "utd_mhad", "table"]
    root: str
    video: str | None = None
    table: str | None = None
    classes: str | None = None
    subjects: Sequence[int | str] | None = None
    shards: int = 4
    demo: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one_of("data.source", self.source, ("demo", "utd_mhad", "table"))
        whole_number("data.shards", self.shards, 1)
        needed = ("table",) if self.source == "table" else ("video", "classes")
        for key in needed:
            if not getattr(self, key):
                raise InputError(f"data.{key}: is missing; data.source {self.source} needs it")


@dataclass(frozen=True)
class SensorOptions:
    """One wearable signal (config key `sensors.<name>`).

    Attributes:
        path: path pattern below root, with `{clip}`; source `table` has a column instead.
        variable: variable of a .mat file.
        columns: columns that are this sensor's axes, from 0, or names of a CSV header.
        rate_hz: sampling rate.
        gaf: options of the gaf stage that differ for this sensor.
    """

    path: str | None = None
    variable: str | None = None
    columns: Sequence[int | str] | None = None
    rate_hz: float | None = None
    gaf: Mapping[str, Any] = field(default_factory=dict)
