"""Which clips are explained."""

from pathlib import Path

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError
from sakdn.data.clips.recordings import with_label
from sakdn.options.explain import ExplainOptions


def choose_clips(clips: pd.DataFrame, predictions: Path, options: ExplainOptions) -> list[int]:
    """Rows of the clips table to explain, the same whenever they are asked for.

    Raises:
        InputError: an unknown clip, or predictions of other clips.
    """
    if options.clips is not None:
        return [_row(clips, clip) for clip in options.clips]
    test = clips[(clips["split"] == "test") & with_label(clips)]
    if options.per_class:
        return test.groupby("action").head(options.per_class).sort_values("action").index.tolist()
    said = _read(predictions).reindex(test["clip"])
    if said["predicted"].isna().any():
        raise InputError(f"{predictions}: lacks a test clip of the table; run evaluate again")
    columns = [column for column in said if column.startswith("p_")]
    sure = said[columns].max(axis=1).to_numpy()
    test = test.assign(predicted=said["predicted"].to_numpy(), sure=sure)
    right = test["predicted"] == test["action"]
    return _surest(test[right], options.correct) + _surest(test[~right], options.wrong)


def _surest(side: pd.DataFrame, count: int) -> list[int]:
    """Rows of the clips that the student was surest of, each of another class."""
    ordered = side.sort_values("sure", ascending=False, kind="stable")
    return ordered.drop_duplicates("action").index[:count].tolist()


def _row(clips: pd.DataFrame, clip: str) -> int:
    rows = np.flatnonzero(clips["clip"] == clip)
    if not len(rows):
        raise InputError(f"explain.clips: no clip {clip!r} in the clips table; correct the id")
    if clips["video"].iloc[rows[0]] == "":
        raise InputError(f"explain.clips: clip {clip!r} has no video; choose another")
    return int(rows[0])


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype={"clip": str}).set_index("clip")
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not predictions: {error}; run evaluate again") from error
