"""Stage `clips`: finds and checks every recording; writes the clips table."""

import argparse
import os
from pathlib import Path

import pandas as pd

from sakdn.cli import json_options, run
from sakdn.clips.berkeley_mhad import read_berkeley_mhad
from sakdn.clips.missing import without_missing
from sakdn.clips.mmact import read_mmact
from sakdn.clips.options import DataOptions, SensorOptions
from sakdn.clips.probe import probe
from sakdn.clips.shards import shards_of
from sakdn.clips.split import split_options, with_split
from sakdn.clips.table import validated, write_table
from sakdn.clips.user_table import read_user_table
from sakdn.clips.utd_mhad import read_utd_mhad
from sakdn.errors import InputError
from sakdn.files import atomic_path
from sakdn.options import parse_options

READERS = {
    "demo": read_utd_mhad,
    "utd_mhad": read_utd_mhad,
    "berkeley_mhad": read_berkeley_mhad,
    "mmact": read_mmact,
    "table": read_user_table,
}


def main(argv: list[str] | None = None) -> None:
    """Writes the clips table and the list of videos.

    `--videos` gets every clip of the data set with its shard, whatever side of the split it is
    on, so that a new split decodes no frames again.

    Raises:
        InputError: bad options, table or files.
    """
    parser = argparse.ArgumentParser(prog="python -m sakdn.clips", description=__doc__)
    parser.add_argument("--options", required=True, type=json_options, help="data, split, sensors")
    parser.add_argument("--shards", type=int, help="frame shards (default: data.shards)")
    parser.add_argument("--output", required=True, help="clips table to write (CSV)")
    parser.add_argument("--videos", required=True, help="list of videos to write (CSV)")
    arguments = parser.parse_args(argv)
    for key in ("data", "split", "sensors"):
        if key not in arguments.options:
            raise InputError(f"--options: {key} is missing")
    data = parse_options(DataOptions, arguments.options["data"], "data")
    split = split_options(arguments.options["split"])
    sensors = {
        name: parse_options(SensorOptions, values, f"sensors.{name}")
        for name, values in arguments.options["sensors"].items()
    }
    table = READERS[data.source](data, sensors)
    table = without_missing(table, list(sensors), data.missing, Path(data.root))
    table = _of_subjects(validated(table, "data"), data)
    shards = shards_of(table, data.shards if arguments.shards is None else arguments.shards)
    clips = with_split(table, split)
    probe(table, Path(data.root), sensors)
    videos = [os.path.abspath(Path(data.root) / path) for path in table["video"]]
    listing = pd.DataFrame({"clip": table["clip"], "video": videos, "shard": shards})
    with atomic_path(arguments.videos) as temporary:
        listing.to_csv(temporary, index=False)
    write_table(clips, arguments.output)


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


if __name__ == "__main__":
    run(main)
