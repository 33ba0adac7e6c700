"""Every model against the student alone, on the same clips and seeds."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control

from sakdn.base.errors import InputError
from sakdn.data.readers.natural import natural_key
from sakdn.results.evaluated import Model
from sakdn.results.predictions import describe_difference
from sakdn.results.significance import PairedTest, description, paired_test

NAMED = 10


def baseline_first(models: list[Model], baseline: str) -> list[Model]:
    """Puts the baseline in front of the other students.

    Raises:
        InputError: the baseline is not among the models.
    """
    names = [model.name for model in models]
    if baseline not in names:
        raise InputError(
            f"--baseline: found no {baseline} among {', '.join(names)}, expected the student "
            "alone, without which no gain can be claimed; train and evaluate it too"
        )
    others = [model for model in models if model.name != baseline]
    teachers = [model for model in others if model.kind != "student"]
    methods = [model for model in others if model.kind == "student"]
    return [*teachers, models[names.index(baseline)], *methods]


def compare(
    models: list[Model], correct: dict[str, pd.DataFrame], baseline: str
) -> dict[str, PairedTest]:
    """Tests every model against the baseline on the same seeds and clips; by model.

    A teacher or a fusion that has other seeds or clips (a sensor may be missing in some) is
    left out: it is there for orientation. A student is refused.

    Raises:
        InputError: a student's seeds or clips are not the baseline's.
    """
    reference = correct[baseline]
    tests = {}
    for model in models:
        table = correct[model.name]
        problem = _unequal(table, reference)
        if problem and model.kind == "student":
            raise InputError(
                f"{model.name}: found {problem}, expected the seeds and clips of {baseline}; "
                "train and evaluate both with the same configuration"
            )
        if not problem and model.name != baseline:
            gain = (table - reference).to_numpy().T
            tests[model.name] = paired_test(gain, table.index.get_level_values("subject"))
    return tests


def _unequal(table: pd.DataFrame, reference: pd.DataFrame) -> str:
    if list(table.columns) != list(reference.columns):
        return f"seeds {list(table.columns)} instead of {list(reference.columns)}"
    difference = describe_difference(table.index, reference.index)
    return f"other clips or labels ({difference})" if difference else ""


def adjust(students: list[Model], tests: dict[str, PairedTest]) -> dict[str, float]:
    """Adjusts the p-values of the students for their number (Benjamini and Hochberg 1995)."""
    names = [model.name for model in students if model.name in tests]
    if not names:
        return {}
    adjusted = false_discovery_control([tests[name].p_value for name in names])
    return dict(zip(names, adjusted.tolist()))


def dropped_words(path: Path | None) -> str:
    """A paragraph that names the clips that were left out as unusable; empty for none.

    Raises:
        InputError: the file is not a list of such clips.
    """
    if path is None:
        return ""
    try:
        names = pd.read_csv(path, dtype=str)["clip"].tolist()
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a list of dropped clips: {error}; delete it") from error
    if not names:
        return ""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    listed = ", ".join(names[:NAMED])
    return f"\nDropped as unusable (see {path.name}), {len(names)}: {listed}{more}.\n"


def by_person(correct: dict[str, pd.DataFrame]) -> dict[str, dict[str, float]]:
    """Accuracy on every test person's clips, means over seeds: by person, then by model.

    Args:
        correct: of `predictions.read_correct`.
    """
    means = {
        name: table.mean(axis=1).groupby(level="subject").mean() for name, table in correct.items()
    }
    table = pd.DataFrame(means)
    people = sorted(table.index, key=natural_key)
    return {
        person: {model: value for model, value in table.loc[person].items() if not np.isnan(value)}
        for person in people
    }


def class_gains(models: list[Model], baseline: str) -> dict[str, np.ndarray]:
    """Recall of every class minus the baseline's, means over seeds: by method, [classes]."""
    reference = next(model for model in models if model.name == baseline).recalls().mean(axis=0)
    return {
        model.method: model.recalls().mean(axis=0) - reference
        for model in models
        if model.kind == "student" and model.name != baseline
    }


def tests_json(
    models: list[Model],
    tests: dict[str, PairedTest],
    adjusted: dict[str, float],
    baseline: str,
    people: dict[str, dict[str, float]],
) -> dict[str, object]:
    """What `tests.json` holds; `people` of `by_person`."""
    gains = class_gains(models, baseline)
    return {
        "baseline": baseline,
        "people": people,
        "description": description(len(people)),
        "tests": {
            name: {
                "difference": test.difference,
                "interval_95": [test.low, test.high],
                "p_value": test.p_value,
                "p_adjusted": adjusted.get(name),
            }
            for name, test in tests.items()
        },
        "class_gains": {
            method: {
                name: None if np.isnan(gain) else gain
                for name, gain in zip(models[0].class_names, values.tolist())
            }
            for method, values in gains.items()
        },
    }
