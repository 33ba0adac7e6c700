"""The search for weights: what was tried, and what was best on held-out training people."""

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import yaml

from sakdn.base.errors import InputError
from sakdn.students.about import StudentAbout
from sakdn.training.saved import read_about

Weights = dict[str, dict[str, float]]
HEAD = """\
# Weights that were best on held-out training people, mean over folds and seeds (`snakemake tune`).
# Give this file after the configuration that they were searched with.
"""


def read_trials(paths: Iterable[Path]) -> tuple[pd.DataFrame, Weights]:
    """Reads what was tried.

    Args:
        paths: `fold<n>/student/<method>-<share>/seed<s>/model.json`, or `none` for the student
            alone.

    Returns:
        A row a training: method, share (0 for the student alone), fold, seed, accuracy and
        cross-entropy on the fold's people at the best epoch, that epoch, CPU seconds. And the
        weights of every trial, by `<method>-<share>`.

    Raises:
        InputError: a path of another form, or no student there.
    """
    rows, weights = [], Weights()
    for path in paths:
        match = re.search(r"fold(\d+)/student/([^/]+)/seed(\d+)/[^/]+$", path.as_posix())
        if match is None:
            raise InputError(
                f"--models: found {path}, expected"
                " fold<n>/student/<method>-<share>/seed<s>/model.json"
            )
        about = read_about(path, StudentAbout)
        fold, trial, seed = match.groups()
        method, _, share = trial.partition("-")
        if share:
            weights[trial] = about.distillation.weights()
        rows.append(
            {
                "method": method,
                "share": float(share or 0),
                "fold": int(fold),
                "seed": int(seed),
                "val_accuracy": about.val_accuracy,
                "val_loss": about.val_loss,
                "best_epoch": about.best_epoch,
                "cpu_s": about.cost.cpu_s,
            }
        )
    columns = ["method", "share", "fold", "seed"]
    return pd.DataFrame(rows).sort_values(columns, ignore_index=True), weights


def best_shares(trials: pd.DataFrame) -> pd.DataFrame:
    """Of each method the share with the highest mean accuracy, then the lower loss, then share.

    Returns:
        Columns method, share, val_accuracy and val_loss, means; a row a method with shares.
    """
    means = trials.groupby(["method", "share"], as_index=False)[["val_accuracy", "val_loss"]].mean()
    ranked = means[means["share"] > 0].sort_values(
        ["val_accuracy", "val_loss", "share"], ascending=[False, True, True]
    )
    return ranked.drop_duplicates("method").sort_values("method", ignore_index=True)


def overlay(best: pd.DataFrame, weights: Weights) -> str:
    """The best weights as a YAML file that is given after the configuration."""
    methods = {row.method: weights[f"{row.method}-{row.share:g}"] for row in best.itertuples()}
    return HEAD + yaml.safe_dump({"methods": methods}, default_flow_style=None, sort_keys=False)


def words(trials: pd.DataFrame, best: pd.DataFrame) -> str:
    """What came out, in a line."""
    alone = trials.loc[trials["share"] == 0, "val_accuracy"].mean()
    found = [
        f"{row.method} {100 * row.val_accuracy:.1f} % with {row.share:g}"
        for row in best.itertuples()
    ]
    cost = trials["cpu_s"].sum()
    return (
        f"best of {len(trials)} trainings, {cost:.0f} CPU s, on held-out training people:"
        f" {', '.join(found)}; the student alone {100 * alone:.1f} %"
    )
