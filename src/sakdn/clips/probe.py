"""A quick look at every file before any long job."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd

from sakdn.checks import listed
from sakdn.clips.options import SensorOptions
from sakdn.container import check_opens
from sakdn.errors import InputError
from sakdn.progress import track
from sakdn.signals import read_signal

THREADS = 8


def probe(table: pd.DataFrame, root: Path, sensors: Mapping[str, SensorOptions]) -> None:
    """Opens every video and reads every signal, in parallel.

    Args:
        table: clips table.
        root: folder that relative paths refer to.
        sensors: how each sensor's files are read.

    Raises:
        InputError: names up to five files that cannot be used, what is wrong with each, and how
            many more there are.
    """
    checks: list[Callable[[], object]] = [
        partial(check_opens, root / path) for path in table["video"].unique()
    ]
    for name, sensor in sensors.items():
        checks += [
            partial(read_signal, root / path, sensor) for path in table[name].unique() if path
        ]
    with ThreadPoolExecutor(THREADS) as pool:
        results = list(track(pool.map(_problem, checks), "files", "files", len(checks)))
    problems = [result for result in results if result]
    if problems:
        raise InputError(
            f"{len(problems)} of {len(checks)} files cannot be used:\n  {listed(problems)}"
        )


def _problem(check: Callable[[], object]) -> str | None:
    try:
        check()
    except InputError as error:
        return str(error)
    return None
