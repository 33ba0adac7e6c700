"""Which columns of a table are a sensor's axes and which its time stamps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sakdn.base.errors import MAX_SHOWN, InputError, shown


@dataclass(frozen=True)
class Columns:
    """Columns that are wanted, by position from 0 or by name.

    Attributes:
        axes: the axes; None for all that are no time stamps.
        time: the time stamps; None for none.
    """

    axes: Sequence[int | str] | None
    time: int | str | None

    @property
    def names(self) -> list[str]:
        """Those that are wanted by name."""
        return [name for name in (*(self.axes or ()), self.time) if isinstance(name, str)]

    def positions(
        self, path: Path, width: int, header: Sequence[str] | None
    ) -> tuple[list[int], int | None]:
        """Positions of the axes and of the time stamps.

        Args:
            path: the file, named in errors.
            width: how many columns it has.
            header: their names; None where they have none.

        Raises:
            InputError: no such column, one that is there twice, or none that is an axis.
        """
        time = None if self.time is None else _place(path, width, header, self.time)
        if self.axes is None:
            axes = [place for place in range(width) if place != time]
        else:
            axes = [_place(path, width, header, column) for column in self.axes]
        if not axes:
            raise InputError(
                f"{path}: found {width} columns, expected time stamps and at least one axis"
            )
        return axes, time


def _place(path: Path, width: int, header: Sequence[str] | None, column: int | str) -> int:
    """Position of a column that is named by the header, or by its position."""
    if isinstance(column, str) and header is not None:
        times = header.count(column)
        if times == 1:
            return header.index(column)
        found = f"{times} columns" if times else "no column"
        raise InputError(
            f"{path}: {found} {shown(column)}; the header has {', '.join(header)[:MAX_SHOWN]};"
            " correct it or the sensor's columns"
        )
    if type(column) is not int or not 0 <= column < width:
        raise InputError(
            f"{path}: no column {shown(column)}: found {width} columns, counted from 0; correct"
            " the sensor's columns"
        )
    return column
