"""Options of the clips stage: the config's `data` and `sensors`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sakdn.base.errors import InputError
from sakdn.base.options import one_of, whole_number
from sakdn.data.readers.signals import SignalOptions

SOURCES = ("demo", "utd_mhad", "berkeley_mhad", "mmact", "table")
POLICIES = ("error", "drop", "mask")


@dataclass(frozen=True)
class DataOptions:
    """Where the recordings are (config key `data`).

    Attributes:
        source: `table` reads a clips table, the others find the files of their data set.
        root: folder of the recordings.
        video: path pattern of a video below root, with the fields of the data set in braces.
        outside_root: recordings may lie, or lead by a symbolic link, outside root.
        table: the clips table of source `table`.
        classes: file with one action name a line, in the order of the labels.
        sensors_missing: what to do with clips that lack a sensor: `error`, `drop` them, or `mask`
            (use what is there). None for `error`, but `mask` where a table says so by empty cells.
        on_bad_clip: what to do with clips that the data check finds unusable: `error`, or `drop`.
        subjects: use these only; None for all.
        shards: number of frame shards.
        demo: size of the demo set; used by the stage that makes it.
    """

    source: Literal["demo", "utd_mhad", "berkeley_mhad", "mmact", "table"]
    root: str
    outside_root: bool = False
    video: str | None = None
    table: str | None = None
    classes: str | None = None
    sensors_missing: Literal["error", "drop", "mask"] | None = None
    on_bad_clip: Literal["error", "drop"] = "error"
    subjects: Sequence[int | str] | None = None
    shards: int = 4
    demo: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one_of("data.source", self.source, SOURCES)
        one_of("data.sensors_missing", self.missing, POLICIES)
        one_of("data.on_bad_clip", self.on_bad_clip, ("error", "drop"))
        whole_number("data.shards", self.shards, 1)
        needed = ("table",) if self.source == "table" else ("video", "classes")
        for key in needed:
            if not getattr(self, key):
                raise InputError(f"data.{key}: is missing; data.source {self.source} needs it")

    @property
    def missing(self) -> str:
        """The policy for missing sensors."""
        return self.sensors_missing or ("mask" if self.source == "table" else "error")


@dataclass(frozen=True)
class SensorOptions(SignalOptions):
    """One wearable signal (config key `sensors.<name>`).

    Attributes:
        path: path pattern below root, with the fields of a recording in braces; source `table` has
            a column instead.
        images: the sensor comes as ready images, not as signals: their path pattern, or true where
            the column of source `table` holds their paths.
        gaf: options of the gaf stage that differ for this sensor.
    """

    path: str | None = None
    images: str | bool | None = None
    gaf: Mapping[str, Any] = field(default_factory=dict)

    def pattern(self, name: str) -> str:
        """The path pattern of sensor `name`.

        Raises:
            InputError: there is none, or two.
        """
        given = [pattern for pattern in (self.path, self.images) if isinstance(pattern, str)]
        if len(given) != 1:
            found = "path and images" if given else "is missing"
            raise InputError(
                f"sensors.{name}.path: {found}; give the path pattern of the signals (path) or of"
                " ready images (images)"
            )
        return given[0]

    def key(self, name: str) -> str:
        """The config key of `pattern`."""
        return f"sensors.{name}.{'images' if self.images else 'path'}"
