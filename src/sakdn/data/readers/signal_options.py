"""Where in a file a sensor's signal is, and how the file is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sakdn.data.readers.columns import Columns


@dataclass(frozen=True)
class SignalOptions:
    """Where in a file a sensor's signal is; of text, what is None is found where it is certain.

    Attributes:
        variable: variable of a .mat file; None for its only matrix.
        columns: the axes: columns counted from 0, or names of a text file's header; None for all.
        rate_hz: sampling rate. Windows are fractions of a clip, so that only time stamps need it:
            they are resampled to it, or to one over their median step where it is None.
        time_column: column of time stamps; None where the samples are equally spaced in time.
        time_format: `s`, `ms`, `us` or `ns` for numbers, `iso8601`, else a format of `strptime`.
        separator: of the cells of a text file.
        decimal: sign of its decimals.
        skip_rows: lines at its top that are left out.
        comment: sign that begins a comment in it, to the end of the line.
        encoding: of its letters, one that Python knows.
    """

    variable: str | None = None
    columns: Sequence[int | str] | None = None
    rate_hz: float | None = None
    time_column: int | str | None = None
    time_format: str = "s"
    separator: Literal[",", ";", "|", "tab", "blank"] | None = None
    decimal: Literal[".", ","] | None = None
    skip_rows: int | None = None
    comment: str | None = None
    encoding: str | None = None

    @property
    def wanted(self) -> Columns:
        """The columns of the axes and of the time stamps."""
        return Columns(self.columns, self.time_column)
