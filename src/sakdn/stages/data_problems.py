"""Stage `check_data`: reads every file of the data set once, whole, and lists what is wrong."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sakdn.base.cli import json_options, new_parser, run
from sakdn.base.files import write_json
from sakdn.data.checking.dataset import (
    missing_signals,
    odd_files,
    read_all,
    same_files,
    signals_alone,
)
from sakdn.data.checking.sides import odd_classes
from sakdn.data.checking.spans import odd_neighbours, odd_spans
from sakdn.data.clips.options import SensorOptions
from sakdn.data.clips.problems import write_problems
from sakdn.data.clips.split import split_options, with_split
from sakdn.data.datasets.registry import candidates, data_and_sensors

EXAMPLE = r"""--output results/demo/check/problems.csv \
    --summary results/demo/check/summary.json \
    --options '{"data": {"source": "demo", "root": "data/demo", "classes": "data/demo/classes.txt"},
      "split": {"protocol": "cross_subject", "test_subjects": [5, 6]},
      "sensors": {"wrist_accelerometer": {"columns": [0, 1, 2]}}}'"""


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
    arguments = parser.parse_args(argv)
    start = time.monotonic()
    data, sensors = data_and_sensors(arguments.options)
    clips = candidates(replace(data, sensors_missing="mask"), sensors)
    split = with_split(clips, split_options(arguments.options["split"]))
    sides = clips["clip"].map(dict(zip(split["clip"], split["split"]))).fillna("")
    videos, signals = read_all(clips, Path(data.root), sensors, arguments.processes)
    problems = [
        *missing_signals(clips, list(sensors), data.missing),
        *signals_alone(clips, list(sensors)),
        *odd_files(clips, videos, signals),
        *odd_spans(clips, {"video": videos, **signals}),
        *odd_neighbours(clips.assign(split=sides), _columns(sensors)),
        *same_files(clips.assign(split=sides), videos, signals),
        *odd_classes(split),
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


def _columns(sensors: Mapping[str, SensorOptions]) -> list[str]:
    """Columns of files that clips may be spans of."""
    return ["video", *(name for name, sensor in sensors.items() if not sensor.images)]


if __name__ == "__main__":
    run(main)
