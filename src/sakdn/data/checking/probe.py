"""A quick look at every file before any long job."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from sakdn.base.errors import InputError, listed
from sakdn.base.parallel import map_ahead
from sakdn.base.progress import track
from sakdn.data.checking.held import wrong_spans
from sakdn.data.clips.options import SensorOptions
from sakdn.data.clips.spans import spans_of
from sakdn.data.readers.ready_image import read_ready_image
from sakdn.data.readers.signals import read_signal
from sakdn.data.readers.span import Span
from sakdn.data.readers.video import check_opens

THREADS = 8


def probe(table: pd.DataFrame, root: Path, sensors: Mapping[str, SensorOptions]) -> None:
    """Opens every video and reads every signal, in parallel; those of spans hold them.

    Args:
        table: clips table.
        root: folder that relative paths refer to.
        sensors: how each sensor's files are read.

    Raises:
        InputError: names up to five files that cannot be used, what is wrong with each, and how
            many more there are.
    """
    columns = ["video", *sensors]
    spans = spans_of(table)
    total = sum(table[column][table[column] != ""].nunique() for column in columns)
    jobs = (
        (root / path, sensors.get(column), [spans[row] for row in rows])
        for column in columns
        for path, rows in table.groupby(column, sort=False).indices.items()
        if path
    )
    with ThreadPoolExecutor(THREADS) as pool:
        results = track(map_ahead(pool, _problem, jobs), "files", "files", total)
        problems = [result for result in results if result]
    if problems:
        raise InputError(f"{len(problems)} of {total} files cannot be used:\n  {listed(problems)}")


def _problem(job: tuple[Path, SensorOptions | None, list[Span | None]]) -> str | None:
    """What is wrong with a signal, or with a video, which has no options, or with their spans."""
    path, sensor, spans = job
    try:
        wrong = wrong_spans(path, sensor, spans)
        if wrong:
            return f"{path}: {next(iter(wrong.values()))}"
        if sensor is None:
            check_opens(path)
        elif sensor.images:
            read_ready_image(path)
        elif not any(spans):
            read_signal(path, sensor)
    except InputError as error:
        return str(error)
    return None
