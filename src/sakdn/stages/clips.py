"""Stage `clips`: finds and checks every recording; writes the clips table."""

import os
from pathlib import Path

import pandas as pd

from sakdn.base.cli import add_news, json_options, new_parser, run
from sakdn.base.files import atomic_path
from sakdn.base.fingerprints import Kept, write_kept
from sakdn.base.progress import log
from sakdn.data.checking.probe import probe
from sakdn.data.clips.dropping import usable
from sakdn.data.clips.labelled import labels_words
from sakdn.data.clips.recordings import with_video
from sakdn.data.clips.shards import shards_of
from sakdn.data.clips.split import with_split
from sakdn.data.clips.table import write_table
from sakdn.data.datasets.listing import listing
from sakdn.data.datasets.registry import EXAMPLE_OPTIONS, candidates, recording_options
from sakdn.options.columns import SPAN

EXAMPLE = rf"""--output results/demo/clips.csv --videos results/demo/videos.csv --shards 3 \
    {EXAMPLE_OPTIONS}"""


def main(argv: list[str] | None = None) -> None:
    """Writes the clips table and the list of videos.

    `--videos` gets every clip of the data set with its shard, whatever side of the split it is
    on; what cannot be used is in neither. A clip without video has an empty cell for both.

    Raises:
        InputError: bad options, table or files.
    """
    parser = new_parser("stages.clips", __doc__, EXAMPLE)
    parser.add_argument("--options", required=True, type=json_options, help="data, split, sensors")
    parser.add_argument("--shards", type=int, help="frame shards (default: data.shards)")
    parser.add_argument("--processes", default=1, type=int)
    parser.add_argument("--output", required=True, help="clips table to write (CSV)")
    parser.add_argument("--videos", required=True, help="list of videos to write (CSV)")
    parser.add_argument("--problems", nargs="?", help="leave out clips that are bad in it (CSV)")
    parser.add_argument("--dropped", help="clips that are left out, to write (CSV)")
    add_news(parser)
    arguments = parser.parse_args(argv)
    data, split, sensors = recording_options(arguments.options)
    there = listing(data, sensors) if arguments.noted else ""
    # What lacks a sensor is among the problems, and left out with them.
    found = candidates(
        data.model_copy(update={"sensors_missing": "mask"}) if arguments.problems else data, sensors
    )
    table, dropped = usable(found, data, list(sensors), arguments.problems)
    shards = data.shards if arguments.shards is None else arguments.shards
    clips = with_split(table, split)
    probe(table, Path(data.root), sensors, arguments.processes)
    _write(_listing(table, data.root, shards), arguments.videos)
    if arguments.dropped:
        _write(dropped, arguments.dropped)
    write_table(clips, arguments.output)
    if arguments.noted:
        write_kept(arguments.noted, Kept(arguments.news, there, {}))
    counts = clips["split"].value_counts()
    words = [f"{n} {split}" for split, n in counts.items()]
    log(f"{len(clips)} clips: " + "; ".join(filter(None, [", ".join(words), labels_words(clips)])))


def _listing(table: pd.DataFrame, root: str, shards: int) -> pd.DataFrame:
    seen = with_video(table)
    listing = pd.DataFrame({"clip": table["clip"], "video": "", "shard": ""})
    # As the root is written: results may be moved with the recordings.
    listing.loc[seen, "video"] = [
        os.path.join(root or ".", path) for path in table.loc[seen, "video"]
    ]
    listing.loc[seen, "shard"] = list(map(str, shards_of(table[seen], shards)))
    return listing.assign(**{column: table[column] for column in SPAN if column in table})


def _write(table: pd.DataFrame, path: str) -> None:
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False)


if __name__ == "__main__":
    run(main)
