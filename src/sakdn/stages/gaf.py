"""Stage `gaf`: turns one sensor's signals into Gramian angular field images."""

from pathlib import Path
from typing import Any

import pandas as pd

from sakdn.base.cli import add_news, json_options, new_parser, run
from sakdn.base.errors import InputError
from sakdn.base.files import write_json
from sakdn.base.fingerprints import Kept, fingerprints, write_kept
from sakdn.base.options import parse_options
from sakdn.base.progress import log
from sakdn.base.sources import code_digest
from sakdn.data.clips.parts import parts_of
from sakdn.data.clips.recordings import places_of, recordings_of
from sakdn.data.clips.table import read_table, sensors_of
from sakdn.data.clips.windows import windows_of
from sakdn.data.readers.parsed import KEPT, READER, ReadOnce
from sakdn.options.sensors import ImageOptions
from sakdn.teachers.gaf.ranges import Ranges
from sakdn.teachers.gaf.store import store_images

EXAMPLE = r"""--clips results/demo/clips.csv --root data/demo --sensor wrist_accelerometer \
    --options '{"field": "both", "image_size_px": 48, "signal": {"columns": [0, 1, 2]}}' \
    --output results/demo/gaf/wrist_accelerometer.npy \
    --index results/demo/gaf/wrist_accelerometer.json"""


def main(argv: list[str] | None = None) -> None:
    """Writes the images of a sensor, beside them the courses of its signals, and their index.

    Both are stored once a recording, whatever the number of cameras: those of row i of the
    clips table are row `places[i]`. A clip without the sensor has zero images and is listed under
    `missing`.

    Raises:
        InputError: bad options, or a signal that is missing, damaged or not finite.
    """
    parser = new_parser("stages.gaf", __doc__, EXAMPLE)
    parser.add_argument("--clips", required=True, help="clips table (CSV)")
    parser.add_argument("--root", default=".", help="folder that its relative paths refer to")
    parser.add_argument("--sensor", required=True, help="column of the clips table")
    parser.add_argument("--options", default="{}", type=json_options)
    parser.add_argument("--processes", default=1, type=int)
    parser.add_argument("--output", required=True, help="images to write (.npy)")
    parser.add_argument("--index", required=True, help="index to write (.json)")
    add_news(parser)
    arguments = parser.parse_args(argv)
    options = parse_options(ImageOptions, arguments.options, "gaf")
    table = read_table(arguments.clips)
    if arguments.sensor not in sensors_of(table):
        raise InputError(
            f"{arguments.clips}: no sensor {arguments.sensor!r}; it has"
            f" {', '.join(sensors_of(table)) or 'none'}"
        )
    table["path"] = [cell and str(Path(arguments.root) / cell) for cell in table[arguments.sensor]]
    table["part"] = pd.Series(parts_of(table, arguments.sensor), dtype=object)
    recordings = fingerprints(filter(None, table["path"])) if arguments.noted else {}
    read = arguments.noted and ReadOnce(arguments.noted.parents[1] / KEPT, code_digest(READER))
    ranges = store_images(table, options, Path(arguments.output), arguments.processes, read)
    write_json(arguments.index, _index(table, options, ranges))
    if arguments.noted:
        write_kept(arguments.noted, Kept(arguments.news, "", recordings))


def _index(table: pd.DataFrame, options: ImageOptions, ranges: Ranges | None) -> dict[str, Any]:
    missing = table.loc[table["path"] == "", "clip"].tolist()
    if missing:
        log(f"{len(missing)} clips have no such signal; their images are zero")
    return {
        "clips": table["clip"].tolist(),
        "places": places_of(table).tolist(),
        "windows": [windows_of(name, **dict(options.windows)) for name in recordings_of(table)],
        "options": options.model_dump(),
        "ranges": ranges,
        "missing": missing,
    }


if __name__ == "__main__":
    run(main)
