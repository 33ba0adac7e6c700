"""What the data check found, and the clips that were dropped for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.files import read_json
from sakdn.data.clips.problems import kinds, read_problems
from sakdn.results.report.tables import Table

SHOWN = 50


@dataclass(frozen=True)
class Checked:
    """What the data check found.

    Attributes:
        sentence: what was read, and how long it took.
        counts: problems by kind.
        problems: the worst of them.
        found: how many there are.
        stale: whether it was of other recordings, split or sensors than the run's.
    """

    sentence: str
    counts: Table
    problems: Table
    found: int
    stale: bool


def read_checked(
    folder: Path | None, config: Mapping[str, Any], changed: bool = False
) -> Checked | None:
    """Reads what the stage `check_data` wrote; None where it was not asked for.

    Args:
        folder: where it lies.
        config: of the run.
        changed: whether recordings were changed since.

    Raises:
        InputError: a file of the folder is damaged.
    """
    if folder is None or not (folder / "problems.csv").exists():
        return None
    table, summary = read_problems(folder / "problems.csv"), read_json(folder / "summary.json")
    alone = summary.get("without_video", 0)
    try:
        clips, files, seconds = summary["clips"], summary["files"], summary["seconds"]
        options = summary["options"]
        split = {k: v for k, v in (config["split"] or {}).items() if k != "only_folds"}
        stale = changed or (options["split"] or {}) != split
        stale |= set(options["sensors"]) != set(config["sensors"])
        stale |= any(config["data"].get(key) != value for key, value in options["data"].items())
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{folder / 'summary.json'}: found no {error}; run snakemake check_data again"
        ) from error
    counts = [[words(kind), sev, str(n)] for (sev, kind), n in kinds(table).items()]
    shown = [
        [row.clip, row.file, words(row.kind), row.message] for row in table[:SHOWN].itertuples()
    ]
    return Checked(
        f"{clips:,} clips{f' ({alone:,} without a video)' * bool(alone)}, {files:,} files, read to"
        f" their ends in {seconds:,.0f} s.",
        Table(["Kind", "Severity", "Problems"], counts),
        Table(["Clip", "File", "Kind", "What was found"], shown),
        len(table),
        stale,
    )


def words(kind: str) -> str:
    """A kind of problem as people read it."""
    return kind.replace("_", " ")


def read_dropped(path: Path | None) -> Table:
    """Clips that were left out as unusable, and why.

    Raises:
        InputError: the file cannot be read.
    """
    header = ["Clip", "Video", "Reason"]
    if path is None:
        return Table(header, [])
    try:
        dropped = pd.read_csv(path, dtype=str, keep_default_na=False)
        return Table(header, dropped[["clip", "video", "reason"]].to_numpy().tolist())
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a list of dropped clips: {error}; delete it") from error
