"""What was found in files when they were read, for as long as they are the same."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sakdn.base.files import atomic_path, make_folder
from sakdn.data.checking.outliers import Spread
from sakdn.data.checking.signals import SignalFacts
from sakdn.data.checking.videos import VideoFacts
from sakdn.data.clips.problems import Finding
from sakdn.data.readers.parts import Part
from sakdn.data.readers.span import Span
from sakdn.data.readers.timing import Timing
from sakdn.options.sensors import SensorOptions

Facts = VideoFacts | SignalFacts
Job = tuple[Path, SensorOptions | None, list[Part]]
KINDS = {kind.__name__: kind for kind in (VideoFacts, SignalFacts, Finding, Spread, Timing, Span)}


class KeptFacts:
    """A file with a line of facts for each file that was read; a line that is not whole is none."""

    def __init__(
        self,
        path: Path | None = None,
        made_with: str = "",
        contents: Mapping[str, str] | None = None,
    ) -> None:
        """Takes what facts depend on.

        Args:
            path: of the lines; None to keep nothing.
            made_with: digest of what reads the files.
            contents: digest of each file by its path; empty where it cannot be read.
        """
        self._path, self._made_with, self._contents = path, made_with, contents or {}

    def of(self, jobs: Iterable[Job]) -> dict[int, Facts]:
        """The facts of those jobs, by number, whose file, options and parts are as they were."""
        wanted: dict[str, int] = {self._key(job): number for number, job in enumerate(jobs)}
        found = {}
        for key, line in self._lines():
            if key in wanted:
                with suppress(ValueError, TypeError, KeyError):
                    found[wanted[key]] = _facts(json.loads(line))
        return found

    def add(self, job: Job, facts: Facts) -> None:
        """Keeps what was found in a file that can be read; a disk without room keeps nothing."""
        if self._path and facts.digest and self._contents.get(str(job[0])):
            with suppress(OSError):
                make_folder(self._path.parent)
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(f"{self._key(job)} {json.dumps(_plain(facts))}\n")

    def forget_others(self, jobs: Iterable[Job]) -> None:
        """Takes out the lines of other jobs, such as those of files that have changed."""
        keys = set(map(self._key, jobs))
        if self._path and self._path.exists():
            with (
                atomic_path(self._path) as temporary,
                temporary.open("w", encoding="utf-8") as file,
            ):
                file.writelines(f"{key} {line}" for key, line in self._lines() if key in keys)

    def _lines(self) -> Iterator[tuple[str, str]]:
        with suppress(OSError), open(self._path or "", encoding="utf-8", errors="replace") as file:
            for text in file:
                key, _, line = text.partition(" ")
                yield key, line

    def _key(self, job: Job) -> str:
        path, sensor, parts = job
        options = sensor and sensor.model_dump(mode="json")
        spans = [(part.offset_s, part.span and asdict(part.span)) for part in parts]
        told = [self._made_with, str(path), self._contents.get(str(path)), options, spans]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """As JSON has it, without loss."""
    if isinstance(value, np.ndarray):
        content = base64.b64encode(value.tobytes()).decode()
        return {"array": content, "dtype": value.dtype.str, "shape": value.shape}
    if is_dataclass(value):
        return {"facts": type(value).__name__} | {
            field.name: _plain(getattr(value, field.name)) for field in fields(value)
        }
    if isinstance(value, Mapping):  # Of parts.
        return {"parts": [[_plain(key.span), key.offset_s, text] for key, text in value.items()]}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value


def _facts(value: Any) -> Any:
    """Back from JSON."""
    if isinstance(value, list):
        return tuple(_facts(each) for each in value)
    if not isinstance(value, dict):
        return value
    if "array" in value:
        array = np.frombuffer(base64.b64decode(value["array"]), value["dtype"])
        return array.reshape(value["shape"]).copy()
    if "parts" in value:
        return {Part(_facts(span), offset_s): text for span, offset_s, text in value["parts"]}
    return KINDS[value.pop("facts")](**{name: _facts(each) for name, each in value.items()})
