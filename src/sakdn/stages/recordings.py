"""Stage `recordings`: finds and checks every recording; lists the videos.

Neither labels nor the split have a part in it, so that another split reads no recording again.
"""

import os
from pathlib import Path

import pandas as pd

from sakdn.base.cli import add_news, json_options, new_parser, run
from sakdn.base.files import atomic_path
from sakdn.base.fingerprints import Kept, write_kept
from sakdn.base.progress import log
from sakdn.data.checking.probe import probe
from sakdn.data.clips.recordings import with_video
from sakdn.data.clips.shards import shards_of
from sakdn.data.datasets.listing import listing
from sakdn.data.datasets.registry import EXAMPLE_OPTIONS, recording_options, usable_clips
from sakdn.data.readers.parsed import KEPT
from sakdn.options.columns import SPAN

EXAMPLE = rf"""--videos results/demo/videos.csv --shards 3 \
    {EXAMPLE_OPTIONS}"""


def main(argv: list[str] | None = None) -> None:
    """Writes the list of videos and that of what is left out.

    `--videos` gets every clip of the data set with its shard, whatever side of the split it is
    on; what cannot be used is not in it. A clip without video has an empty cell for both. By the
    files of `--lists` Snakemake sees which shards have other clips than before.

    Raises:
        InputError: bad options, table or files.
    """
    parser = new_parser("stages.recordings", __doc__, EXAMPLE)
    parser.add_argument("--options", required=True, type=json_options, help="data, sensors")
    parser.add_argument("--shards", type=int, help="frame shards (default: data.shards)")
    parser.add_argument("--processes", default=1, type=int)
    parser.add_argument("--videos", required=True, help="list of videos to write (CSV)")
    parser.add_argument("--lists", help="folder for the part of the list of each shard (CSV)")
    parser.add_argument("--problems", nargs="?", help="leave out clips that are bad in it (CSV)")
    parser.add_argument("--dropped", help="clips that are left out, to write (CSV)")
    add_news(parser)
    arguments = parser.parse_args(argv)
    data, sensors = recording_options(arguments.options)
    there = listing(data, sensors) if arguments.noted else ""
    table, dropped = usable_clips(data, sensors, arguments.problems)
    shards = data.shards if arguments.shards is None else arguments.shards
    videos = _videos(table, data.root, shards)
    keep = arguments.noted and arguments.noted.parents[1] / KEPT
    probe(table, Path(data.root), sensors, arguments.processes, keep)
    if arguments.dropped:
        _write(dropped, arguments.dropped)
    for shard in range(shards if arguments.lists else 0):
        _write(videos[videos["shard"] == str(shard)], f"{arguments.lists}/{shard}.csv")
    _write(videos, arguments.videos)
    if arguments.noted:
        write_kept(arguments.noted, Kept(arguments.news, there, {}))
    log(f"{len(table)} clips, {with_video(table).sum()} of them with a video")


def _videos(table: pd.DataFrame, root: str, shards: int) -> pd.DataFrame:
    seen = with_video(table)
    videos = pd.DataFrame({"clip": table["clip"], "video": "", "shard": ""})
    # As the root is written: results may be moved with the recordings.
    videos.loc[seen, "video"] = [
        os.path.join(root or ".", path) for path in table.loc[seen, "video"]
    ]
    videos.loc[seen, "shard"] = list(map(str, shards_of(table[seen], shards)))
    return videos.assign(**{column: table[column] for column in SPAN if column in table})


def _write(table: pd.DataFrame, path: str) -> None:
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False)


if __name__ == "__main__":
    run(main)
