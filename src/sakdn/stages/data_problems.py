"""Stage `check_data`: reads every file of the data set once, whole, and lists what is wrong."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sakdn.base.cli import add_news, json_options, new_parser, run
from sakdn.base.files import write_json
from sakdn.base.fingerprints import Kept, fingerprints, read_kept, write_kept
from sakdn.base.progress import log
from sakdn.base.sources import code_digest
from sakdn.data.checking.dataset import (
    missing_signals,
    odd_files,
    read_all,
    same_files,
    signals_alone,
)
from sakdn.data.checking.kept import KeptFacts
from sakdn.data.checking.sides import odd_classes
from sakdn.data.checking.spans import odd_neighbours, odd_spans
from sakdn.data.clips.problems import write_problems
from sakdn.data.clips.split import with_split
from sakdn.data.datasets.listing import listing
from sakdn.data.datasets.registry import (
    EXAMPLE_OPTIONS,
    candidates,
    recording_options,
    split_options,
)
from sakdn.options.sensors import SensorOptions

CODE = "sakdn.stages.data_problems"
EXAMPLE = rf"""--output results/demo/check/problems.csv \
    --summary results/demo/check/summary.json \
    {EXAMPLE_OPTIONS}"""


def main(argv: list[str] | None = None) -> None:
    """Writes the table of problems and what was checked.

    Raises:
        InputError: bad options, a table that breaks the contract, or a split that is not possible.
    """
    parser = new_parser("stages.data_problems", __doc__, EXAMPLE)
    parser.add_argument("--options", required=True, type=json_options, help="data, split, sensors")
    parser.add_argument("--processes", default=1, type=int)
    parser.add_argument("--output", required=True, help="problems to write (CSV)")
    parser.add_argument("--summary", required=True, help="what was checked (JSON)")
    add_news(parser)
    arguments = parser.parse_args(argv)
    start = time.monotonic()
    data, sensors = recording_options(arguments.options)
    split = split_options(arguments.options)
    there = listing(data, sensors) if arguments.noted else ""
    clips = candidates(data.model_copy(update={"sensors_missing": "mask"}), sensors)
    used = with_split(clips, split)
    sides = clips["clip"].map(dict(zip(used["clip"], used["split"]))).fillna("")
    kept = KeptFacts()
    if arguments.noted:
        cells = [cell for name in ("video", *sensors) for cell in clips[name] if cell]
        paths = [os.path.join(data.root, cell) for cell in cells]
        kept = _noted(arguments.noted, Kept(arguments.news, there, {}), paths)
    videos, signals = read_all(clips, Path(data.root), sensors, arguments.processes, kept)
    problems = [
        *missing_signals(clips, list(sensors), data.missing),
        *signals_alone(clips, list(sensors)),
        *odd_files(clips, videos, signals),
        *odd_spans(clips, {"video": videos, **signals}),
        *odd_neighbours(clips.assign(split=sides), _columns(sensors)),
        *same_files(clips.assign(split=sides), videos, signals),
        *odd_classes(used),
    ]
    table = write_problems(problems, arguments.output)
    files = len(videos) + sum(map(len, signals.values()))
    summary = {
        "clips": len(clips),
        "without_video": int((clips["video"] == "").sum()),
        "files": files,
        "seconds": round(time.monotonic() - start, 1),
        "problems": table["severity"].value_counts().to_dict(),
        "options": arguments.options,
    }
    write_json(arguments.summary, summary)
    log(f"{len(table)} problems in {files} files of {len(clips)} clips")


def _noted(path: Path, now: Kept, recordings: Sequence[str]) -> KeptFacts:
    """Notes down what recordings are; what was found in those that were the same before."""
    before = read_kept(path)
    prints = fingerprints(recordings, before and before.recordings)
    write_kept(path, now._replace(recordings=prints))
    contents = {str(Path(name)): each.content for name, each in prints.items()}
    return KeptFacts(path.parents[1] / "checked.txt", code_digest(CODE), contents)


def _columns(sensors: Mapping[str, SensorOptions]) -> list[str]:
    """Columns of files that clips may be spans of."""
    return ["video", *(name for name, sensor in sensors.items() if not sensor.images)]


if __name__ == "__main__":
    run(main)
