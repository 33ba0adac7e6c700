"""The pictures of a comparison: every seed's accuracy, and the gain of every class."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sakdn.results.comparison_table import percent, standard_deviation
from sakdn.results.evaluated import Model
from sakdn.results.plots import new_figure

COLOURS = {"teacher": "#7a7a7a", "fusion": "#7b4fa3", "student": "#1f6fb4"}
WIDTH_IN, ROW_IN = 4.0, 0.5
MARKS = {"significantly better": "▲", "significantly worse": "▼"}
LEGEND = (
    "dots: seeds; diamonds and bars: mean ± sd; red line: {0}\n"
    "▲ ▼ students significantly better or worse than {0}"
)


def accuracy_figure(models: list[Model], baseline: str, verdicts: dict[str, str]) -> Figure:
    """Dot plot: a row a model, its name and accuracy above a dot a seed, mean and deviation.

    It is as wide as the screen of a phone, so that its words can be read there.

    Args:
        models: in the order of the rows.
        baseline: name of the student alone, which a line marks.
        verdicts: of `comparison_table.verdicts`; what is significant gets a mark.
    """
    figure = new_figure(WIDTH_IN, 1.3 + ROW_IN * len(models))
    axes = figure.subplots()
    for row, model in enumerate(models):
        _draw_model(axes, row, model)
        _name_model(axes, row, model, MARKS.get(verdicts.get(model.name, ""), ""))
    reference = next(model for model in models if model.name == baseline)
    axes.axvline(100 * reference.values("accuracy").mean(), color="#c0392b", lw=1, zorder=0)
    axes.set_yticks([])
    axes.set_ylim(len(models) - 0.35, -0.65)
    axes.set_xlabel("test accuracy (%)")
    figure.supxlabel(LEGEND.format(reference.label), fontsize=8.5, color="#5a6675")
    axes.grid(axis="x", color="#e4e4e4", lw=0.8)
    axes.set_axisbelow(True)
    _only_bottom(axes)
    return figure


def _draw_model(axes: Axes, row: int, model: Model) -> None:
    accuracy = 100 * model.values("accuracy")
    colour = COLOURS[model.kind]
    axes.errorbar(
        accuracy.mean(),
        row + 0.05,
        xerr=np.nan_to_num(100 * standard_deviation(accuracy / 100)),
        fmt="D",
        ms=6,
        capsize=4,
        color=colour,
        mec="white",
        ecolor=colour,
    )
    heights = row + 0.3 + np.linspace(-0.05, 0.05, len(accuracy))  # equal seeds stay apart
    axes.plot(accuracy, heights, "o", ms=4, color=colour, alpha=0.6, mew=0)


def _name_model(axes: Axes, row: int, model: Model, mark: str) -> None:
    """The model's name above its row at the left, mark and accuracy at the right."""
    fractions = model.values("accuracy")
    said = f"{mark} {percent(fractions.mean(), standard_deviation(fractions))}".strip()
    for x, side, words in ((0, "left", model.label), (1, "right", said)):
        axes.annotate(
            words,
            (x, row - 0.28),
            xycoords=("axes fraction", "data"),
            ha=side,
            va="center",
            fontsize=9,
            color=COLOURS[model.kind],
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
        )


def _only_bottom(axes: Axes) -> None:
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def gains_figure(gains: dict[str, NDArray[np.float64]], class_names: list[str]) -> Figure:
    """Heat map of recall minus the baseline's, in points; classes sorted by their sum of gains.

    Args:
        gains: [classes] by method, fractions; NaN where a class has no test clip.
        class_names: names of the rows, in label order.
    """
    table = 100 * np.array(list(gains.values())).reshape(len(gains), len(class_names)).T
    order = np.argsort(-np.nan_to_num(table).sum(axis=1), kind="stable")
    size = (2.8 + 0.62 * len(gains), 1.5 + 0.27 * len(class_names))
    figure = new_figure(*size)
    axes = figure.subplots()
    if gains:
        _draw_gains(axes, table[order])
    axes.set_xticks(range(len(gains)), gains, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(order)), [class_names[i] for i in order])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def _draw_gains(axes: Axes, cells: NDArray[np.float64]) -> None:
    limit = 1.4 * max(10.0, float(np.nanmax(np.abs(cells), initial=0)))
    axes.imshow(cells, cmap="RdBu", vmin=-limit, vmax=limit, aspect="auto")
    for (row, column), value in np.ndenumerate(cells):
        colour = "white" if abs(value) > 0.62 * limit else "#222222"
        axes.text(column, row, _whole(value), ha="center", va="center", fontsize=8.5, color=colour)


def _whole(value: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{round(value):+d}".replace("-", "−") if round(value) else "0"
