"""All clips of a data set, before any is left out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.clips.dropping import usable
from sakdn.data.clips.missing import without_empty
from sakdn.data.clips.table import validated
from sakdn.data.datasets.berkeley_mhad import read_berkeley_mhad
from sakdn.data.datasets.confine import refuse_outside
from sakdn.data.datasets.mmact import read_mmact
from sakdn.data.datasets.user_table import read_user_table, refuse_other_kind
from sakdn.data.datasets.utd_mhad import read_utd_mhad
from sakdn.options.data import SOURCES, DataOptions
from sakdn.options.sensors import SensorOptions
from sakdn.options.split import SplitOptions

READERS: dict[str, Callable[[DataOptions, Mapping[str, SensorOptions]], pd.DataFrame]] = {
    "demo": read_utd_mhad,
    "utd_mhad": read_utd_mhad,
    "berkeley_mhad": read_berkeley_mhad,
    "mmact": read_mmact,
    "table": read_user_table,
}

# Of the demo, for the `--help` of the stages that find its clips.
EXAMPLE_OPTIONS = """--options '{"data": {"source": "utd_mhad", "root": "data/demo",
        "video": "RGB/{clip}_color.avi", "classes": "data/demo/classes.txt"},
      "split": {"protocol": "cross_subject",
        "train_subjects": [1, 2, 3, 4], "test_subjects": [5, 6]},
      "sensors": {"wrist_accelerometer": {"path": "Inertial/{clip}_inertial.mat"}}}'"""


def recording_options(
    options: Mapping[str, Any],
) -> tuple[DataOptions, dict[str, SensorOptions]]:
    """Parses the config's `data` and `sensors`.

    Raises:
        InputError: a section is missing, an unknown key or a wrong value.
    """
    data = parse_options(DataOptions, _section(options, "data"), "data")
    sensors = {
        name: parse_options(SensorOptions, values, f"sensors.{name}")
        for name, values in _section(options, "sensors").items()
    }
    return data, sensors


def split_options(options: Mapping[str, Any]) -> SplitOptions:
    """Parses the config's `split`; raises InputError as `recording_options` does."""
    return parse_options(SplitOptions, _section(options, "split"), "split")


def _section(options: Mapping[str, Any], key: str) -> dict[str, Any]:
    if key not in options:
        raise InputError(f"--options: {key} is missing")
    return dict(options[key])


def usable_clips(
    data: DataOptions, sensors: Mapping[str, SensorOptions], problems: str | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Finds the clips that can be used, and those that are left out, as `usable` does.

    Args:
        data: where they are and the policy.
        sensors: how each sensor's files are read.
        problems: table of the data check, whose bad clips are left out; None for none.
    """
    # What lacks a sensor is among the problems, and left out with them.
    policy = data.model_copy(update={"sensors_missing": "mask"}) if problems else data
    return usable(candidates(policy, sensors), data, list(sensors), problems)


def candidates(data: DataOptions, sensors: Mapping[str, SensorOptions]) -> pd.DataFrame:
    """Finds the clips of `data.subjects`; one that lacks a sensor has an empty cell there.

    Returns:
        Clips table without split, index 0..n-1.

    Raises:
        InputError: no such folder or table, nothing matches, a table that breaks the contract, a
            file outside the root, or a sensor that is missing where `data.sensors_missing` is
            `error`.
    """
    if not Path(data.root).is_dir():
        raise missing_root(data.source, data.root)
    table = READERS[data.source](data, sensors)
    if data.source == "table":
        refuse_other_kind(table, sensors, str(data.table))
    else:
        refuse_outside(table, list(sensors), data)
    if data.missing != "error":
        table = without_empty(table, list(sensors), Path(data.root))
    return _of_subjects(validated(table, "data"), data)


def _of_subjects(table: pd.DataFrame, data: DataOptions) -> pd.DataFrame:
    """Keeps the clips of `data.subjects`; what is left must still have every label."""
    if data.subjects is None:
        return table
    wanted = [str(subject) for subject in data.subjects]
    absent = [subject for subject in wanted if subject not in set(table["subject"])]
    if absent:
        raise InputError(f"data.subjects: no clip of subject {absent[0]!r}; correct the list")
    kept = table[table["subject"].isin(wanted)].reset_index(drop=True)
    return validated(kept, "data.subjects")


def missing_root(source: str, root: str) -> InputError:
    """The error for a folder of recordings that is not there."""
    how = SOURCES[source].format(root=root)
    message = f"data.root: {root}: no such folder; set it to the folder of the data"
    return InputError(f"{message}; {how}" if how else message)
