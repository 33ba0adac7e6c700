"""Which recordings there are, as one digest: another one once a file was added or removed.

Of a table of the user's own all counts but labels and split: who, which spans and which offsets.
"""

import csv
import glob
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from sakdn.base.fingerprints import GONE, content_of, looks_at
from sakdn.data.datasets.find import glob_of
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions

LABELS = ("action", "action_name", "split")  # What the recordings themselves do not depend on.


def listing(data: DataOptions, sensors: Mapping[str, SensorOptions]) -> str:
    """Digest of the files that patterns match, or that a table names; empty without a root.

    Where it matters also of which are there and which are empty. What is wrong with patterns and
    table is left to the stage that reads them.
    """
    if not os.path.isdir(data.root):
        return ""
    rows = _rows(str(data.table)) if data.table else []
    named = _named(rows, sensors) if data.table else _matching(data, sensors)
    names = sorted(set(named))
    if data.missing != "error":
        looks = looks_at([os.path.join(data.root, name) for name in names])
        names = [f"{name} {_state(look)}" for name, look in zip(names, looks)]
    told = [f"{column} {cell}" for row in rows for column, cell in row.items()]
    text = "\n".join([*names, *told, content_of(data.annotations) if data.annotations else ""])
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


def _state(look: str) -> str:
    return "gone" if look == GONE else "empty" if look.startswith("0 ") else "there"


def _matching(data: DataOptions, sensors: Mapping[str, SensorOptions]) -> Iterator[str]:
    patterns = [data.video, *(sensor.path or sensor.images for sensor in sensors.values())]
    for pattern in patterns:
        if isinstance(pattern, str):
            yield from glob.iglob(glob_of(pattern), root_dir=data.root, include_hidden=True)


def _named(rows: list[dict[str, str]], sensors: Iterable[str]) -> Iterator[str]:
    for row in rows:
        yield from filter(None, (row.get(column) for column in ("video", *sensors)))


def _rows(table: str) -> list[dict[str, str]]:
    """Cells of a table by column, without labels and split; nothing where it cannot be read."""
    with (
        suppress(OSError, ValueError, csv.Error),
        open(table, newline="", encoding="utf-8-sig") as file,
    ):
        return [
            {column: cell for column, cell in row.items() if column not in LABELS}
            for row in csv.DictReader(file)
        ]
    return []
