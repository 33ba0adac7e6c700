"""What the figures of a run cannot say: chance, the worth of a clip, networks not trained out."""

import numpy as np
from scipy.stats import binomtest

from sakdn.results.comparison_table import percent
from sakdn.results.evaluated import Model
from sakdn.results.report.curves import Curves
from sakdn.results.significance import ALPHA


def cautions(models: list[Model], curves: dict[str, Curves]) -> list[str]:
    """Sentences for the report's summary.

    Args:
        models: all that were evaluated.
        curves: learning curves by model, fold and seed.
    """
    found = [_scale(models[-1])]
    idle = [model.label for model in models if not _learned(model)]
    if idle:
        found.append(f"Nothing was learned, as far as the test clips tell, by {', '.join(idle)}.")
    short = [text for model in models for text in _short(model, curves.get(model.name, {}))]
    if short:
        found.append(
            "Trained too short, maybe: the best epoch is the last of "
            f"{', '.join(short)}. Give them more epochs before comparing."
        )
    return found


def chance(model: Model) -> float:
    """Share of the commonest class among the test clips: what always naming it would score."""
    first = next(iter(model.metrics.values()))
    clips = np.sum(first["confusion"], axis=1)
    return float(clips.max() / clips.sum())


def _scale(model: Model) -> str:
    clips = int(model.values("clips")[0])
    return (
        f"Always naming the commonest class scores {percent(chance(model))} %; one of the {clips}"
        f" test clips is worth {100 / clips:.1f} points."
    )


def _learned(model: Model) -> bool:
    """Whether a seed's share of right clips is above chance, one-sided, at 5 %."""
    clips, level = model.values("clips"), chance(model)
    right = np.rint(model.values("accuracy") * clips)
    tests = [binomtest(int(r), int(n), level, "greater") for r, n in zip(right, clips)]
    return min(test.pvalue for test in tests) < ALPHA


def _short(model: Model, curves: Curves) -> list[str]:
    last = [
        curve["epoch"].iloc[-1] == model.best_epoch(*training) for training, curve in curves.items()
    ]
    return [f"{model.label} ({sum(last)} of {len(last)} trainings)"] if any(last) else []
