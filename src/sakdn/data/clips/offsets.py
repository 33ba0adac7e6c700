"""When each clip's sensors were started: columns `<sensor>_offset_s` of the clips table."""

import pandas as pd

ENDING = "_offset_s"


def offset_columns(columns: "pd.Index[str] | list[str]") -> list[str]:
    """Columns that hold offsets of sensors that have a column."""
    names = set(columns)
    return [name for name in columns if str(name).removesuffix(ENDING) in names - {name}]


def offsets_of(clips: pd.DataFrame, sensor: str) -> "pd.Series[float]":
    """Seconds after each clip's video at which its sensor was started; 0 where none are said."""
    column = f"{sensor}{ENDING}"
    if column not in clips:
        return pd.Series(0.0, index=clips.index)
    return clips[column].replace("", "0").astype(float)
