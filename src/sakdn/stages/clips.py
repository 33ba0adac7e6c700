"""Stage `clips`: writes the clips table, with the side of the split that each clip is on."""

from collections.abc import Iterable

from sakdn.base.cli import json_options, new_parser, run
from sakdn.base.errors import InputError
from sakdn.base.progress import log
from sakdn.data.clips.labelled import labels_words
from sakdn.data.clips.split import with_split
from sakdn.data.clips.table import read_rows, write_table
from sakdn.data.datasets.registry import (
    EXAMPLE_OPTIONS,
    recording_options,
    split_options,
    usable_clips,
)

EXAMPLE = rf"""--videos results/demo/videos.csv --output results/demo/clips.csv \
    {EXAMPLE_OPTIONS}"""


def main(argv: list[str] | None = None) -> None:
    """Writes the clips table of recordings that were found.

    Raises:
        InputError: bad options or table, or other clips than the recordings stage has listed.
    """
    parser = new_parser("stages.clips", __doc__, EXAMPLE)
    parser.add_argument("--options", required=True, type=json_options, help="data, split, sensors")
    parser.add_argument("--videos", required=True, help="list of the recordings stage (CSV)")
    parser.add_argument("--problems", nargs="?", help="leave out clips that are bad in it (CSV)")
    parser.add_argument("--output", required=True, help="clips table to write (CSV)")
    arguments = parser.parse_args(argv)
    data, sensors = recording_options(arguments.options)
    table, _ = usable_clips(data, sensors, arguments.problems)
    _refuse_others(table["clip"], arguments.videos)
    clips = with_split(table, split_options(arguments.options))
    write_table(clips, arguments.output)
    counts = clips["split"].value_counts()
    words = [f"{n} {split}" for split, n in counts.items()]
    log(f"{len(clips)} clips: " + "; ".join(filter(None, [", ".join(words), labels_words(clips)])))


def _refuse_others(clips: Iterable[str], videos: str) -> None:
    """Refuses clips that are not those that were checked."""
    listed, found = set(read_rows(videos)["clip"]), set(clips)
    if other := sorted(listed ^ found):
        where = "is not in it" if other[0] in found else "is in it but is there no more"
        raise InputError(
            f"{videos}: clip {other[0]} {where}: recordings have changed since they were listed;"
            " give the command again"
        )


if __name__ == "__main__":
    run(main)
