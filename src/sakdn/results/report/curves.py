"""Learning curves: one picture a network, a line a seed."""

import re
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sakdn.base.errors import InputError
from sakdn.results.evaluated import KINDS, Model
from sakdn.results.plots import AXIS_COLOURS, new_figure
from sakdn.results.report.images import Image, figure_image

TERM = "train_"
COLUMNS = ("epoch", "train_label", "val_loss", "val_accuracy")
TRAIN, VAL = "#1f6fb4", "#d9822b"
LINE: dict[str, Any] = {"lw": 1.1, "alpha": 0.7}


class Training(NamedTuple):
    """One training of a model: the number of its fold (empty: there are none) and its seed."""

    fold: str
    seed: int


Curves = dict[Training, pd.DataFrame]


def read_curves(paths: Iterable[Path]) -> dict[str, Curves]:
    """Reads learning curves: by model (`student_sakdn`), fold and seed.

    These come from the folders: `.../fold1/student/sakdn/seed0/curves.csv`.

    Raises:
        InputError: a path has no such folders, or a file is not a learning curve.
    """
    curves: dict[str, Curves] = {}
    for path in paths:
        name, training = _model_and_training(path)
        try:
            curve = pd.read_csv(path)
            curve[list(COLUMNS)].astype(float)
            curves.setdefault(name, {})[training] = curve
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{path}: not a learning curve: {error}") from error
    return curves


def _model_and_training(path: Path) -> tuple[str, Training]:
    match = re.search(
        rf"(?:^|/)(?:fold(\d+)/)?((?:{'|'.join(KINDS)})(?:/[^/]+)?)/seed(\d+)/[^/]+$", str(path)
    )
    if match is None:
        raise InputError(
            f"--curves: found {path}, expected <stage>/<name>/seed<number>/curves.csv with "
            f"a stage among {', '.join(KINDS)}"
        )
    return match[2].replace("/", "_"), Training(match[1] or "", int(match[3]))


def curve_images(curves: dict[str, Curves], models: list[Model]) -> list[tuple[str, Image]]:
    """Caption and picture of every model that has curves, in the order of `models`."""
    shown = [model for model in models if model.name in curves]
    return [(model.label, _image(model, curves[model.name])) for model in shown]


def _image(model: Model, curves: Curves) -> Image:
    terms = terms_of(curves)
    figure = new_figure(5.2, 4.4 if terms else 2.2)
    panels: dict[str, Axes] = figure.subplot_mosaic("la\ntt" if terms else "la")
    for training, curve in sorted(curves.items()):
        _draw_seed(panels["l"], panels["a"], curve, model.best_epoch(*training))
    for name, colour in (("train", TRAIN), ("val", VAL)):
        panels["l"].plot([], [], color=colour, label=name)
    panels["l"].set(ylabel="loss of the label")
    panels["a"].set(ylabel="val accuracy (%)", ylim=(0, 103))
    if terms:
        _draw_terms(panels["t"], curves, terms)
    for name, axes in panels.items():
        axes.set(xlabel="epoch")
        if name != "a":
            axes.set_ylim(bottom=0)
            axes.legend(frameon=False, fontsize=9, ncols=1 if name == "l" else 3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#ececec", lw=0.7)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure_image(figure, _alt(model, curves, terms))


def terms_of(curves: Curves) -> list[str]:
    """Names of what is minimised beside the label's loss, in the order of the columns."""
    columns = next(iter(curves.values())).columns
    named = [name.removeprefix(TERM) for name in columns if name.startswith(TERM)]
    return [name for name in named if name not in ("label", "loss")]


def _alt(model: Model, curves: Curves, terms: list[str]) -> str:
    last = [100 * curve["val_accuracy"].max() for curve in curves.values()]
    beside = f", the terms {', '.join(terms)}" if terms else ""
    return (
        f"Learning curves of {model.label}, {len(curves)} trainings: loss of the label{beside}, and"
        f" validation accuracy with a best of {min(last):.0f} to {max(last):.0f} %."
    )


def _draw_seed(label: Axes, accuracy: Axes, curve: pd.DataFrame, best_epoch: int | None) -> None:
    label.plot(curve["epoch"], curve[f"{TERM}label"], color=TRAIN, **LINE)
    label.plot(curve["epoch"], curve["val_loss"], color=VAL, **LINE)
    accuracy.plot(curve["epoch"], 100 * curve["val_accuracy"], color="#2e8b57", **LINE)
    best = curve[curve["epoch"] == best_epoch]
    accuracy.plot(best["epoch"], 100 * best["val_accuracy"], "o", ms=4.5, color="#145c36")


def _draw_terms(axes: Axes, curves: Curves, terms: list[str]) -> None:
    for term, colour in zip(terms, cycle(AXIS_COLOURS)):
        for _, curve in sorted(curves.items()):
            axes.plot(curve["epoch"], curve[f"{TERM}{term}"], color=colour, **LINE)
        axes.plot([], [], color=colour, label=term.replace("_", " "))
    axes.set(ylabel="other terms, weighted")
