import json
import statistics
from itertools import product
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from synthetic_results import SEEDS, TEST_CLIPS, WRONG, make_results

from sakdn.base.errors import InputError
from sakdn.results.comparison import dropped_words
from sakdn.results.comparison_figures import accuracy_figure
from sakdn.results.comparison_table import percent, standard_deviation
from sakdn.results.evaluated import Model
from sakdn.stages.compare import main

OUTPUTS = {
    "table": "table.csv",
    "markdown": "table.md",
    "figure": "figure.svg",
    "gains": "gains.svg",
    "tests": "tests.json",
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    root = make_results(tmp_path_factory.mktemp("run"))
    compare(root, [(model, seed) for model in WRONG for seed in SEEDS])
    return root


@pytest.fixture
def root(tmp_path):
    return make_results(tmp_path)


def compare(root, evaluated, baseline="student_none"):
    folders = [root / "evaluate" / model / f"seed{seed}" for model, seed in evaluated]
    arguments = ["--metrics", *(f"{folder}/metrics.json" for folder in folders)]
    arguments += ["--predictions", *(f"{folder}/predictions.csv" for folder in folders)]
    arguments += ["--baseline", baseline]
    for name, file in OUTPUTS.items():
        arguments += [f"--output-{name}", str(root / "compare" / file)]
    main(arguments)


def students(seeds=SEEDS, names=("student_none", "student_sakdn")):
    return list(product(names, seeds))


def test_numbers_are_those_computed_by_hand(compared):
    table = pd.read_csv(compared / "compare/table.csv").set_index("model")
    for model, wrong in WRONG.items():
        accuracy = [1 - errors / TEST_CLIPS for errors in wrong]
        assert table.accuracy[model] == pytest.approx(statistics.mean(accuracy))
        assert table.accuracy_sd[model] == pytest.approx(statistics.stdev(accuracy))
    assert table.loc["student_sakdn", "difference"] == pytest.approx(0.15)
    assert table.loc["student_soft_target", "difference"] == pytest.approx(0)
    assert table.loc["student_none", "val_accuracy"] == pytest.approx(0.80)
    assert table.loc["student_none", "val_accuracy_sd"] == pytest.approx(0.05)
    assert table.loc["fusion", "wall_s"] == pytest.approx(110)
    assert table.loc["fusion", "peak_memory_mb"] == pytest.approx(801)
    assert list(table.seeds) == [3] * 6
    assert list(table.clips) == [60] * 6


def test_order_is_teachers_fusion_none_methods(root):
    compare(root, [(model, seed) for model in reversed(WRONG) for seed in reversed(SEEDS)])
    models = pd.read_csv(root / "compare/table.csv").model.tolist()
    assert models[:4] == ["teacher_gyroscope", "teacher_accelerometer", "fusion", "student_none"]
    assert models[4:] == ["student_sakdn", "student_soft_target"]


def test_markdown_says_what_people_read(compared):
    text = (compared / "compare/table.md").read_text()
    none = next(line for line in text.splitlines() if line.startswith("| student none "))
    sakdn = next(line for line in text.splitlines() if line.startswith("| student sakdn "))
    assert none.split("|")[2:5] == [" 3 ", " 65.0 ± 5.0 ", f" {none.split('|')[4].strip()} "]
    assert " – | – | – | – " in none
    assert "| 80.0 ± 5.0 |" in sakdn
    assert "| +15.0 | +" in sakdn
    assert "Benjamini" in text


def test_a_planted_gain_is_found_and_no_gain_is_not(compared):
    tests = json.loads((compared / "compare/tests.json").read_text())["tests"]
    planted, nothing = tests["student_sakdn"], tests["student_soft_target"]
    assert planted["p_adjusted"] < 0.01
    assert 0.05 < planted["interval_95"][0] < 0.15 < planted["interval_95"][1] < 0.25
    assert nothing["p_adjusted"] > 0.5
    assert nothing["interval_95"][0] < 0 < nothing["interval_95"][1]
    assert tests["fusion"]["p_adjusted"] is None


def test_class_gains_are_recall_differences(compared):
    gains = json.loads((compared / "compare/tests.json").read_text())["class_gains"]["sakdn"]

    def recalls(model):
        files = [compared / f"evaluate/{model}/seed{seed}/predictions.csv" for seed in SEEDS]
        tables = pd.concat(map(pd.read_csv, files))
        return (tables.action == tables.predicted).groupby(tables.action).mean()

    expected = recalls("student_sakdn") - recalls("student_none")
    assert list(gains.values()) == pytest.approx(expected.tolist())
    assert sum(gains.values()) / 6 == pytest.approx(0.15)


def test_figures_are_svg_and_the_same_every_time(compared, root):
    compare(root, [(model, seed) for model in WRONG for seed in SEEDS])
    for name in ("figure.svg", "gains.svg"):
        first = (compared / "compare" / name).read_bytes()
        assert ElementTree.fromstring(first).tag.endswith("svg")
        assert first == (root / "compare" / name).read_bytes()


def test_figure_and_table_give_the_same_numbers():
    seeds = {seed: {"accuracy": value} for seed, value in enumerate((0.35, 0.425))}
    model = Model("student_none", "student", "none", seeds, {})
    name, text = accuracy_figure([model], model.name, {}).axes[0].texts
    assert name.get_text() == "student none"
    accuracy = model.values("accuracy")  # 38.75 % on average, a little less in binary
    assert text.get_text() == percent(accuracy.mean(), standard_deviation(accuracy)) == "38.7 ± 5.3"


def test_one_seed_has_no_deviation(root):
    compare(root, students(seeds=[1]))
    table = pd.read_csv(root / "compare/table.csv")
    assert table.accuracy_sd.isna().all()
    assert "±" not in (root / "compare/table.md").read_text()
    assert table.low[1] < 0.15 < table.high[1]


def test_the_baseline_alone_is_no_error(root):
    compare(root, students(names=["student_none"]))
    assert len(pd.read_csv(root / "compare/table.csv")) == 1


@pytest.mark.parametrize(
    ("evaluated", "message"),
    [
        (students(names=["student_sakdn"]), "found no student_none among student_sakdn"),
        (students()[1:], r"student_sakdn: found seeds \[0, 1, 2\] instead of \[1, 2\]"),
        (students()[:-1], r"student_sakdn: found seeds \[0, 1\] instead of \[0, 1, 2\]"),
        ([*students(), ("student_none", 0)], "student_none seed 0 was already read"),
    ],
)
def test_refuses_a_comparison_without_the_same_baseline(root, evaluated, message):
    with pytest.raises(InputError, match=message):
        compare(root, evaluated)
    assert not (root / "compare").exists()


def change_predictions(root, model, change):
    for seed in SEEDS:
        path = root / f"evaluate/{model}/seed{seed}/predictions.csv"
        change(pd.read_csv(path)).to_csv(path, index=False)


def test_refuses_other_clips_than_the_baseline(root):
    rename = {"a1_s2_t1": "a1_s6_t1"}
    change_predictions(root, "student_sakdn", lambda table: table.replace({"clip": rename}))
    with pytest.raises(InputError, match=r"student_sakdn: found other clips .* clip a1_s2_t1"):
        compare(root, students())


def test_a_teacher_with_other_clips_is_shown_without_a_test(root):
    rename = {"a1_s2_t1": "a1_s6_t1"}
    change_predictions(root, "fusion", lambda table: table.replace({"clip": rename}))
    compare(root, students(names=["fusion", "student_none"]))
    table = pd.read_csv(root / "compare/table.csv").set_index("model")
    assert np.isnan(table.difference["fusion"])
    assert table.accuracy["fusion"] == pytest.approx(55 / 60)


def test_refuses_predictions_that_contradict_the_metrics(root):
    change_predictions(root, "student_sakdn", lambda table: table.assign(predicted=0))
    with pytest.raises(InputError, match=r"predictions.csv: found accuracy 0.166667, expected"):
        compare(root, students())


@pytest.mark.parametrize(
    ("content", "message"),
    [("", "not a table"), ("clip,action\na,0\n", "not a table"), ("[1", "not a table")],
)
def test_refuses_damaged_predictions(root, content, message):
    (root / "evaluate/student_sakdn/seed1/predictions.csv").write_text(content)
    with pytest.raises(InputError, match=message):
        compare(root, students())


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "not JSON"), ("[]", "found no model"), ('{"model": "x"}', "found no kind, method")],
)
def test_refuses_damaged_metrics(root, content, message):
    (root / "evaluate/student_sakdn/seed1/metrics.json").write_text(content)
    with pytest.raises(InputError, match=message):
        compare(root, students())


def test_dropped_clips_are_named_below_the_table(tmp_path):
    path = tmp_path / "dropped.csv"
    path.write_text("clip,video,reason\n")
    assert dropped_words(path) == dropped_words(None) == ""
    path.write_text("clip,video,reason\n" + "".join(f"c{i},v,damaged\n" for i in range(12)))
    words = dropped_words(path)
    assert words.startswith("\nDropped as unusable (see dropped.csv), 12: c0, c1,")
    assert "c9 and 2 more." in words
