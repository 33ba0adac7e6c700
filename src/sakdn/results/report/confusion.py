"""Confusion matrices as pictures."""

from collections.abc import Collection

import numpy as np
from matplotlib.axes import Axes

from sakdn.results.evaluated import Model
from sakdn.results.plots import new_figure
from sakdn.results.report.images import Image, figure_image

LABELLED_CLASSES = 12


def confusion_images(models: list[Model], names: Collection[str]) -> list[tuple[str, Image]]:
    """Caption and confusion matrix of those `models` that have one of `names`."""
    return [(model.label, _image(model)) for model in models if model.name in names]


def _image(model: Model) -> Image:
    """Share of each class's test clips (rows) given each label (columns), mean over seeds."""
    shares = 100 * model.confusion()
    labelled = len(shares) <= LABELLED_CLASSES
    side_in = 2.4 + (0.24 if labelled else 0.19) * len(shares)
    figure = new_figure(side_in, side_in - 0.3)
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    names = model.class_names
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted", ylabel="true")
    axes.tick_params(length=0, labelsize=9)
    if labelled:
        _write_shares(axes, shares)
    return figure_image(figure, _alt(model, shares))


def _write_shares(axes: Axes, shares: np.ndarray) -> None:
    for (truth, predicted), share in np.ndenumerate(shares):
        if share >= 0.5:
            colour = "white" if share > 55 else "#222222"
            axes.text(
                predicted, truth, f"{share:.0f}", ha="center", va="center", fontsize=8, color=colour
            )


def _alt(model: Model, shares: np.ndarray) -> str:
    wrong = shares - np.diag(np.diag(shares))
    truth, predicted = np.unravel_index(wrong.argmax(), wrong.shape)
    return (
        f"Confusion matrix of {model.label}; most often mistaken: {model.class_names[truth]} for "
        f"{model.class_names[predicted]}, {wrong.max():.0f} % of its clips."
    )
