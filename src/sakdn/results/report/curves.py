"""Learning curves: one picture a network, a line a seed."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes

from sakdn.base.errors import InputError
from sakdn.results.evaluated import KINDS, Model
from sakdn.results.plots import new_figure
from sakdn.results.report.images import Image, figure_image

COLUMNS = ("epoch", "train_loss", "val_loss", "val_accuracy")


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
            curves.setdefault(name, {})[training] = pd.read_csv(path, usecols=COLUMNS)
        except (OSError, ValueError) as error:
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
    figure = new_figure(5.2, 2.2)
    losses, accuracy = figure.subplots(1, 2)
    for training, curve in sorted(curves.items()):
        _draw_seed(losses, accuracy, curve, model.best_epoch(*training))
    losses.set(xlabel="epoch", ylabel="loss")
    losses.set_ylim(bottom=0)
    losses.plot([], [], color="#1f6fb4", label="train")
    losses.plot([], [], color="#d9822b", label="val")
    losses.legend(frameon=False, fontsize=9)
    accuracy.set(xlabel="epoch", ylabel="val accuracy (%)", ylim=(0, 103))
    for axes in (losses, accuracy):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="#ececec", lw=0.7)
        axes.xaxis.get_major_locator().set_params(integer=True)
    last = [100 * curve["val_accuracy"].max() for curve in curves.values()]
    alt = (
        f"Learning curves of {model.label}, {len(curves)} trainings: losses, and validation"
        f" accuracy with a best of {min(last):.0f} to {max(last):.0f} %."
    )
    return figure_image(figure, alt)


def _draw_seed(losses: Axes, accuracy: Axes, curve: pd.DataFrame, best_epoch: int | None) -> None:
    line: dict[str, Any] = {"lw": 1.1, "alpha": 0.7}
    losses.plot(curve["epoch"], curve["train_loss"], color="#1f6fb4", **line)
    losses.plot(curve["epoch"], curve["val_loss"], color="#d9822b", **line)
    accuracy.plot(curve["epoch"], 100 * curve["val_accuracy"], color="#2e8b57", **line)
    best = curve[curve["epoch"] == best_epoch]
    accuracy.plot(best["epoch"], 100 * best["val_accuracy"], "o", ms=4.5, color="#145c36")
