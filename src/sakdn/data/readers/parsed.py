"""Samples of text files as they were parsed, kept so that a run parses each of them once.

They lie in one flat file of numbers. Its index is taken away first and written last: without it
nothing is kept.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path, make_folder
from sakdn.base.fingerprints import look_at
from sakdn.data.readers.compressed import format_of
from sakdn.data.readers.signals import Samples, read_samples
from sakdn.options.sensors import SignalOptions

KEPT = "signals.bin"  # Below a run's state.
READER = "sakdn.data.readers.parsed"
TEXT = (".csv", ".txt")
NUMBER = np.dtype("<f8")
ENTRY = np.dtype(
    [("key", "S32"), ("start", "<i8"), ("samples", "<i8"), ("columns", "<i8"), ("timed", "?")]
)


class Parsed(NamedTuple):
    """Samples of a text file.

    Attributes:
        key: of the file as it is, and of what it was read with.
        matrix: the axes, the row in the file and, if `timed`, the seconds [samples, columns].
        timed: whether samples have a time of their own.
    """

    key: bytes
    matrix: np.ndarray
    timed: bool

    @classmethod
    def of(cls, key: bytes, samples: Samples) -> "Parsed":
        """Of samples that were read."""
        columns = [samples.values, samples.rows]
        if samples.seconds is not None:
            columns.append(samples.seconds)
        return cls(key, np.column_stack(columns), samples.seconds is not None)

    @property
    def samples(self) -> Samples:
        """The same as they were read."""
        axes = self.matrix.shape[1] - 1 - self.timed
        values = np.ascontiguousarray(self.matrix[:, :axes])
        rows = self.matrix[:, axes].astype(np.int64)
        return Samples(values, rows, self.matrix[:, -1].copy() if self.timed else None)


def is_text(path: Path) -> bool:
    """Whether a signal is in a text file, which takes longer to read than what is kept of it."""
    return format_of(path) in TEXT


def key_of(path: Path, options: SignalOptions, made_with: str) -> bytes:
    """What samples depend on; another once size or date of the file are."""
    told = {name: getattr(options, name) for name in SignalOptions.model_fields}
    text = json.dumps([made_with, str(path), look_at(str(path)), told])
    return hashlib.sha256(text.encode()).hexdigest()[:32].encode()


class KeptSamples:
    """Keeps what is added; a disk without room keeps nothing."""

    def __init__(self, path: Path) -> None:
        """Forgets what the file had; where nothing is added there is none."""
        self._path, self._entries, self._end = path, list[tuple[bytes, int, int, int, bool]](), 0
        self._file: BinaryIO | None = None
        self._forget()

    def add(self, parsed: Parsed) -> None:
        """Keeps the samples of a file."""
        if self._file is None and self._entries:  # Given up.
            return
        place = (parsed.key, self._end, *parsed.matrix.shape, parsed.timed)
        self._entries.append(place)
        self._end += parsed.matrix.nbytes
        with self._or_nothing():
            self._file = self._file or self._new()
            self._file.write(np.ascontiguousarray(parsed.matrix, NUMBER).data)

    def finish(self) -> None:
        """Makes them readable."""
        if self._file is None:
            return
        with self._or_nothing():
            self._file.close()
            with atomic_path(_index(self._path)) as temporary, temporary.open("wb") as file:
                np.save(file, np.sort(np.array(self._entries, ENTRY), order="key"))

    def _new(self) -> BinaryIO:
        make_folder(self._path.parent)
        return self._path.open("wb")

    @contextmanager
    def _or_nothing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, InputError):
            with suppress(OSError):
                if self._file is not None:
                    self._file.close()
            self._file = None
            self._forget()

    def _forget(self) -> None:
        for path in (_index(self._path), self._path):
            with suppress(OSError):
                path.unlink(missing_ok=True)


class ReadOnce:
    """`read_samples`, but from what was kept, where a file is as it was then."""

    def __init__(self, path: Path, made_with: str) -> None:
        """Takes the file of `KeptSamples`, and the digest of the code that reads signals."""
        self._path, self._made_with = path, made_with
        self._entries: np.ndarray | None = None  # Opened by the process that reads.

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"_entries": None, "_keys": None}

    def __call__(self, path: Path | str, options: SignalOptions) -> Samples:
        """Reads the samples of a signal; see `read_samples`."""
        path = Path(path)
        kept = self._kept(key_of(path, options, self._made_with)) if is_text(path) else None
        return kept.samples if kept else read_samples(path, options)

    def _kept(self, key: bytes) -> Parsed | None:
        if self._entries is None:
            self._entries = _entries(self._path)
            self._keys = np.ascontiguousarray(self._entries["key"])
        place = np.searchsorted(self._keys, key)
        if place == len(self._keys) or self._keys[place] != key:
            return None
        _, start, samples, columns, timed = self._entries[place].item()
        with suppress(OSError, ValueError):
            numbers = np.fromfile(self._path, NUMBER, samples * columns, offset=start)
            return Parsed(key, numbers.reshape(samples, columns), timed)
        return None


def _index(path: Path) -> Path:
    return path.with_suffix(".index.npy")


def _entries(path: Path) -> np.ndarray:
    with suppress(OSError, ValueError):
        entries = np.load(_index(path), allow_pickle=False)
        if entries.dtype == ENTRY:
            return entries
    return np.zeros(0, ENTRY)
