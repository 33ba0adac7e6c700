"""What the project's pictures have in common."""

from pathlib import Path
from typing import Any, BinaryIO

import matplotlib
from matplotlib.figure import Figure

# Names of classes, clips and files are anybody's: a dollar sign in one starts no formula.
matplotlib.rcParams["text.parse_math"] = False


AXIS_COLOURS = ("#c8322b", "#2c8a3f", "#2a5fc0", "#8a5a2b", "#7b4fa3", "#555555")


def value_label(name: str, unit: str | None) -> str:
    """A quantity with its unit, if that is known."""
    return f"{name} ({unit})" if unit else name


def new_figure(width_in: float, height_in: float, layout: Any = "constrained") -> Figure:
    """An empty figure of a size in inches; it belongs to no window and no global state."""
    return Figure(figsize=(width_in, height_in), layout=layout)


def save_svg(figure: Figure, file: Path | BinaryIO) -> None:
    """Saves a figure as SVG, byte for byte the same for the same figure.

    Text becomes outlines, so that it looks the same whatever fonts the reader has.
    """
    with matplotlib.rc_context({"svg.hashsalt": "sakdn", "svg.fonttype": "path"}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
