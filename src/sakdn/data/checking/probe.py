"""A quick look at every file before any long job."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sakdn.base.errors import InputError, listed
from sakdn.base.parallel import map_ahead, process_map
from sakdn.base.progress import track
from sakdn.base.sources import code_digest
from sakdn.data.checking.held import wrong_spans
from sakdn.data.clips.parts import parts_of
from sakdn.data.readers.parsed import READER, KeptSamples, Parsed, is_text, key_of
from sakdn.data.readers.parts import Part
from sakdn.data.readers.ready_image import read_ready_image
from sakdn.data.readers.signals import read_samples, read_signal
from sakdn.data.readers.video import check_opens
from sakdn.options.sensors import SensorOptions

THREADS = 8
FILES_A_TASK = 16


def probe(
    table: pd.DataFrame,
    root: Path,
    sensors: Mapping[str, SensorOptions],
    processes: int = 1,
    keep: Path | None = None,
) -> None:
    """Opens every video and reads every signal, in parallel; those of spans hold them.

    Args:
        table: clips table.
        root: folder that relative paths refer to.
        sensors: how each sensor's files are read.
        processes: how many; one waits for several files at a time.
        keep: file for what was read of text, see `readers.parsed`; None to keep nothing.

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
    look = partial(_look, code_digest(READER) if keep else "")
    with _mapper(processes) as mapper:
        problems = _problems(track(mapper(look, jobs), "files", "files", total), keep)
    if problems:
        raise InputError(f"{len(problems)} of {total} files cannot be used:\n  {listed(problems)}")


def _problems(found: Iterable[str | Parsed | None], keep: Path | None) -> list[str]:
    """The problems among what was found; keeps the rest."""
    kept, problems = keep and KeptSamples(keep), []
    for each in found:
        if isinstance(each, str):
            problems.append(each)
        elif each and kept:
            kept.add(each)
    if kept:
        kept.finish()
    return problems


@contextmanager
def _mapper(processes: int) -> Iterator[Callable[..., Any]]:
    if processes > 1:
        with process_map(processes, FILES_A_TASK) as mapper:
            yield mapper
        return
    with ThreadPoolExecutor(THREADS) as pool:
        yield partial(map_ahead, pool)


def _look(
    made_with: str, job: tuple[Path, SensorOptions | None, list[Part]]
) -> str | Parsed | None:
    """What is wrong with a signal, or with a video, which has no options, or with their spans.

    Where nothing is, what is kept of a text.
    """
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
            return _read(path, sensor, made_with)
    except InputError as error:
        return str(error)
    return None


def _read(path: Path, sensor: SensorOptions, made_with: str) -> Parsed | None:
    key = key_of(path, sensor, made_with)  # Before it is read: what changes meanwhile has another.
    samples = read_samples(path, sensor)
    read_signal(path, sensor, lambda *_: samples)
    return Parsed.of(key, samples) if made_with and is_text(path) else None
