"""What the data check found, as a table."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path

COLUMNS = ("clip", "file", "kind", "severity", "message")
HASHED_BYTES = 2**20
STATED_RATE_TOLERANCE = 0.1  # Share by which a measured rate may differ from the stated one.

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """Something odd about a file or a data set.

    Attributes:
        kind: one word, such as `damaged`.
        severity: `error` where the clip cannot be used or would falsify the result, `warning`
            where somebody should look, `note` for what is dealt with.
        message: what was found.
    """

    kind: str
    severity: Severity
    message: str


class Problem(NamedTuple):
    """A finding about a clip's file; both are empty where it is about the data set."""

    clip: str
    file: str
    finding: Finding


def refusal(path: Path, error: InputError) -> Finding:
    """Finding for a file that its reader refuses."""
    message = str(error).removeprefix(f"{path}: ")
    return Finding("unreadable" if path.exists() else "missing", "error", message)


def digest_of(files: Iterable[Path]) -> str:
    """Digest of the contents of files, one after another.

    Raises:
        InputError: one of them cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in files:
        try:
            with path.open("rb") as file:
                while block := file.read(HASHED_BYTES):
                    digest.update(block)
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    return digest.hexdigest()


def write_problems(problems: Iterable[Problem], path: Path | str) -> pd.DataFrame:
    """Writes the table, the worst first, and returns it."""
    rows = [
        (clip, file, finding.kind, finding.severity, finding.message)
        for clip, file, finding in problems
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS), dtype=str)
    rank = table["severity"].map({"error": 0, "warning": 1, "note": 2})
    table = table.loc[rank.sort_values(kind="stable").index].drop_duplicates(ignore_index=True)
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False)
    return table


def read_problems(path: Path | str) -> pd.DataFrame:
    """Reads the table back; all columns are text.

    Raises:
        InputError: it is not such a table.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read: {error}; delete it and run again") from error
    if tuple(table.columns) != COLUMNS:
        raise InputError(f"{path}: not a table of the data check; delete it and run again")
    return table


def bad_clips(problems: pd.DataFrame) -> dict[str, str]:
    """Clips that cannot be used, in the table's order, and why."""
    errors = problems[(problems["severity"] == "error") & (problems["clip"] != "")]
    reasons = errors["kind"] + ": " + errors["file"] + ": " + errors["message"]
    return reasons.groupby(errors["clip"], sort=False).agg("; ".join).to_dict()


def kinds(problems: pd.DataFrame) -> "pd.Series[int]":
    """Number of problems by severity and kind, in the table's order."""
    return problems.groupby(["severity", "kind"], sort=False).size()
