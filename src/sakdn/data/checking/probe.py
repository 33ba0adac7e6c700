"""A quick look at every file before any long job."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sakdn.base.errors import InputError, listed
from sakdn.base.parallel import map_ahead, process_map
from sakdn.base.progress import track
from sakdn.data.checking.held import wrong_spans
from sakdn.data.clips.parts import parts_of
from sakdn.data.readers.parts import Part
from sakdn.data.readers.ready_image import read_ready_image
from sakdn.data.readers.signals import read_signal
from sakdn.data.readers.video import check_opens
from sakdn.options.sensors import SensorOptions

THREADS = 8
FILES_A_TASK = 16


def probe(
    table: pd.DataFrame, root: Path, sensors: Mapping[str, SensorOptions], processes: int = 1
) -> None:
    """Opens every video and reads every signal, in parallel; those of spans hold them.

    Args:
        table: clips table.
        root: folder that relative paths refer to.
        sensors: how each sensor's files are read.
        processes: how many; one waits for several files at a time.

    Raises:
        InputError: names up to five files that cannot be used, what is wrong with each, and how
            many more there are.
    """
    columns = ["video", *sensors]
    parts = {column: parts_of(table, column) for column in columns}
    total = sum(table[column][table[column] != ""].nunique() for column in columns)
    jobs = (
        (root / path, sensors.get(column), [parts[column][row] for row in rows])
        for column in columns
        for path, rows in table.groupby(column, sort=False).indices.items()
        if path
    )
    with _mapper(processes) as mapper:
        results = track(mapper(_problem, jobs), "files", "files", total)
        problems = [result for result in results if result]
    if problems:
        raise InputError(f"{len(problems)} of {total} files cannot be used:\n  {listed(problems)}")


@contextmanager
def _mapper(processes: int) -> Iterator[Callable[..., Any]]:
    if processes > 1:
        with process_map(processes, FILES_A_TASK) as mapper:
            yield mapper
        return
    with ThreadPoolExecutor(THREADS) as pool:
        yield partial(map_ahead, pool)


def _problem(job: tuple[Path, SensorOptions | None, list[Part]]) -> str | None:
    """What is wrong with a signal, or with a video, which has no options, or with their spans."""
    path, sensor, parts = job
    try:
        wrong = wrong_spans(path, sensor, parts)
        if wrong:
            return f"{path}: {next(iter(wrong.values()))}"
        if sensor is None:
            check_opens(path)
        elif sensor.images:
            read_ready_image(path)
        elif not all(part.span for part in parts):
            read_signal(path, sensor)
    except InputError as error:
        return str(error)
    return None
