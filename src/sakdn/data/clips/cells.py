"""The error for a cell of a clips table."""

import pandas as pd

from sakdn.base.errors import InputError, shown


def refuse(
    where: str, table: pd.DataFrame, column: str, wrong: "pd.Series[bool]", expected: str
) -> None:
    """Raises for the first row that is `wrong`; rows count from the header, which is row 1."""
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        found = shown(str(table[column].iloc[row]))
        raise InputError(
            f"{where}: row {row + 2}, column {column}: found {found}, expected {expected};"
            " correct that cell"
        )
