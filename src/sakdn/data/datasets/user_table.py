"""Reader of anybody's own clips table (CSV)."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from sakdn.base.errors import InputError, shown
from sakdn.base.near import did_you_mean
from sakdn.data.clips.offsets import offset_columns
from sakdn.data.clips.table import read_rows, validated
from sakdn.data.datasets.annotations import annotated
from sakdn.data.datasets.confine import refuse_outside
from sakdn.data.datasets.path_habits import refuse_habits
from sakdn.data.readers.plain_file import as_on_disk
from sakdn.data.readers.ready_image import is_image
from sakdn.options.columns import OPTIONAL, REQUIRED, SPAN
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions


def read_user_table(data: DataOptions, sensors: Iterable[str]) -> pd.DataFrame:
    """Reads the table `data.table`, in the file's order; `split` may be absent.

    With `data.annotations` its rows are long recordings, and clips what these say.

    Args:
        data: paths in the table are relative to `data.root` and lie below it; with
            `data.outside_root` they may be elsewhere, also absolute.
        sensors: names of the sensor columns.

    Raises:
        InputError: no such folder, or the table breaks the contract or has a path that leads out of
            the root (row and column are named).
    """
    root = Path(data.root)
    if not root.is_dir():
        raise InputError(f"data.root: {root}: no such folder; set it to the folder of the data")
    table, where = read_rows(str(data.table)), str(data.table)
    if data.annotations:
        table = annotated(table, where, data.annotations, data.classes)
        where = f"{where} with {data.annotations}"
    sensors = list(sensors)
    for name in sensors:
        if name not in table:
            raise InputError(
                f"{data.table}: column {name} is missing; sensors.{name} needs it; there are"
                f" {', '.join(table.columns)}"
            )
    known = (*REQUIRED, *OPTIONAL, *SPAN, "split", *sensors, *offset_columns(table.columns))
    for name in table.columns:
        if name not in known:
            near = did_you_mean(name, [each for each in known if each not in table])
            remedy = f"did you mean {near}?" if near else "remove it or correct its name"
            raise InputError(
                f"{data.table}: column {shown(name)} is neither of the contract nor a sensor of the"
                f" config; {remedy}"
            )
    table = validated(table, where)
    refuse_habits(table, ["video", *sensors], data.root, where)
    refuse_outside(table, sensors, data)
    base = os.path.abspath(root)
    for name in ("video", *sensors):
        table[name] = [cell and _below(base, cell) for cell in table[name]]
    return table


def refuse_other_kind(
    table: pd.DataFrame, sensors: Mapping[str, SensorOptions], where: str
) -> None:
    """Checks that columns of ready images hold images, and columns of signals do not.

    Raises:
        InputError: names the first cell of another kind.
    """
    for name, sensor in sensors.items():
        other = [bool(cell) and is_image(cell) != bool(sensor.images) for cell in table[name]]
        if any(other):
            row = other.index(True)
            found = f"{where}: row {row + 2}, column {name}: found {shown(table[name].iloc[row])}"
            remedy = f", an image; for ready images set sensors.{name}.images: true"
            if sensor.images:
                remedy = f", expected an image; correct it, or remove sensors.{name}.images"
            raise InputError(f"{found}{remedy}")


def _below(base: str, cell: str) -> str:
    """Path relative to `base` where it lies below it, else absolute."""
    path = str(as_on_disk(os.path.normpath(os.path.join(base, cell))))
    return path.removeprefix(base + os.sep)
