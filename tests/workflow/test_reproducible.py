"""Two runs of the same config give the same bytes, whatever runs beside what."""

import csv
import json

import pytest
from snake import Run, tiny

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
SPENT = {"seconds", "wall_s", "cpu_s", "peak_memory_mb"}


@pytest.fixture(scope="module")
def both(whole, tmp_path_factory):
    """The whole run, which had two cores, and another in a folder of its own with one."""
    folder = tmp_path_factory.mktemp("again")
    done = Run(whole.checkout, folder).snakemake("--cores", "1", config=tiny())
    assert done.returncode == 0, done.stdout[-6000:]
    return whole, Run(whole.checkout, folder)


def files(run, *patterns):
    found = [path for pattern in patterns for path in run.folder.glob(pattern) if path.is_file()]
    found = [path for path in found if run.results / "state" not in path.parents]  # It has dates.
    return {path.relative_to(run.folder).as_posix(): path for path in found}


def pairs(both, *patterns):
    first, second = (files(run, *patterns) for run in both)
    assert first
    assert first.keys() == second.keys()
    return {name: (first[name], second[name]) for name in first}


def unlike(pairs, read):
    return [name for name, (one, other) in pairs.items() if read(one) != read(other)]


def without_spent(path):
    """Rows of a table, less the time and memory that they took."""
    with path.open(newline="", encoding="utf-8") as file:
        return [{k: v for k, v in row.items() if k not in SPENT} for row in csv.DictReader(file)]


def without_cost(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    content.pop("cost", None)
    for made in (content.get("provenance", {}), content.get("provenance", {}).get("training", {})):
        made.pop("date", None)
    return content


def test_recordings_frames_images_and_knowledge(both):
    patterns = ["data/**/*", "results/tiny/[cd]*.csv", "results/tiny/semantics.json"]
    patterns += ["results/tiny/frames/*", "results/tiny/gaf/*", "results/tiny/knowledge/**/*.npy"]
    same = pairs(both, *patterns)
    assert len(same) > 80
    assert unlike(same, lambda path: path.read_bytes()) == []


def test_weights(both):
    same = pairs(both, "results/tiny/**/*.safetensors")
    assert len(same) == 6
    assert unlike(same, lambda path: path.read_bytes()) == []


def test_learning_curves(both):
    assert unlike(pairs(both, "results/tiny/**/curves.csv"), without_spent) == []


def test_predictions_and_explanations(both):
    same = pairs(both, "results/tiny/evaluate/*/*/predictions.csv", "results/tiny/explain/**/*.*")
    assert len(same) > 6
    assert unlike(same, lambda path: path.read_bytes()) == []


def test_metrics_comparison_and_what_the_models_say_of_themselves(both):
    same = pairs(both, "results/tiny/**/*.json")
    assert len(same) > 15
    assert unlike(same, without_cost) == []
    assert unlike(pairs(both, "results/tiny/compare/table.csv"), without_spent) == []
