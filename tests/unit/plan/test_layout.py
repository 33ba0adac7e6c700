"""Where a run's results lie and which of them a job needs."""

from types import SimpleNamespace

import pytest

from sakdn.base.errors import InputError
from sakdn.options.methods import MethodOptions
from sakdn.plan.layout import Layout, checked, published_weights, words_file

CONFIG = {
    "name": "run",
    "seeds": [0, 1],
    "data": {"shards": 2, "on_bad_clip": "error"},
    "split": {"protocol": "column"},
    "sensors": {"wrist": {}, "thigh": {}},
    "gaf": {"scaling": "dataset"},
    "methods": {
        "sakdn": {"loss": "sakdn"},
        "one": {"loss": "sp", "teacher": "wrist"},
        "all_of_them": {"loss": "sp", "teacher": "average"},
    },
    "tune": {"shares": [0.1, 0.5], "folds": 2, "seeds": [3], "methods": ["sakdn", "one"]},
    "explain": {"method": None},
    "student": {"backbone": "resnet18", "weights": "IMAGENET1K_V1"},
    "teacher": {"backbone": "vgg16_bn", "weights": "mine.pth"},
}


@pytest.fixture
def layout():
    return Layout(CONFIG)


def test_the_student_alone_may_have_a_budget_of_its_own():
    methods = CONFIG["methods"] | {"none": {"loss": "none", "epochs": 9}}
    layout = Layout(CONFIG | {"methods": methods})
    assert (layout.methods | layout.trials)["none"]["epochs"] == 9


def test_the_student_alone_is_always_there(layout):
    assert list(layout.methods) == ["none", "sakdn", "one", "all_of_them"]
    assert layout.models == [
        "teacher_thigh",
        "teacher_wrist",
        "fusion",
        "student_none",
        "student_sakdn",
        "student_one",
        "student_all_of_them",
    ]
    assert len(layout.curves()) == 2 * len(layout.models)
    assert "results/run/fusion/seed1/curves.csv" in layout.curves()


@pytest.mark.parametrize(
    ("method", "source"), [("sakdn", "fusion"), ("one", "wrist"), ("all_of_them", "average")]
)
def test_what_a_method_distils(layout, method, source):
    wildcards = SimpleNamespace(method=method, seed="1", fold="")
    assert layout.taught_by(wildcards) == [f"results/run/knowledge/{source}/seed1/index.json"]
    assert layout.taught_by(SimpleNamespace(method="none", seed="1", fold="")) == []


def test_teachers_of_a_source(layout):
    assert layout.teachers("fusion", 1, "") == ["results/run/fusion/seed1/model.json"]
    assert layout.teachers("wrist", 1, "") == ["results/run/teacher/wrist/seed1/model.json"]
    assert len(layout.teachers("average", 1, "")) == 2
    asked = layout.knowledge_models(SimpleNamespace(source="wrist", seed="1", fold=""))
    assert asked == layout.teachers("wrist", 1, "")
    assert layout.explained_teachers() == layout.teachers("fusion", 0, "")


def test_all_models_of_a_seed_are_evaluated_together(layout):
    models, scored = layout.trained("model.json"), layout.scored("metrics.json")
    assert len(models) == len(scored) == len(layout.models)
    for name, model, metrics in zip(layout.models, models, scored):
        kind, _, rest = name.partition("_")
        folder = "/".join(filter(None, [kind, rest]))
        assert model == f"results/run/{{fold}}{folder}/seed{{seed}}/model.json"
        assert metrics == f"results/run/{{fold}}evaluate/{name}/seed{{seed}}/metrics.json"


def test_folds_have_folders_and_share_what_no_training_clip_scales():
    folds = {"split": {"protocol": "cross_validation", "folds": 3, "only_folds": [0, 2]}}
    scaled = Layout(CONFIG | folds)
    assert scaled.folds == ["fold0/", "fold2/"]
    assert scaled.images("npy", "wrist") == ["results/run/{fold}gaf/wrist.npy"]
    assert "results/run/fold2/fusion/seed1/curves.csv" in scaled.curves()
    wildcards = SimpleNamespace(method="one", seed="1", fold="fold2/")
    assert scaled.taught_by(wildcards) == ["results/run/fold2/knowledge/wrist/seed1/index.json"]
    assert scaled.fold_number(wildcards) == "2"
    assert scaled.joined("metrics.json") == [
        f"results/run/fold{number}/evaluate/{{model}}/seed{{seed}}/metrics.json"
        for number in (0, 2)
    ]
    shared = Layout(CONFIG | folds | {"gaf": {"scaling": "clip"}})
    assert shared.images("npy", "wrist") == ["results/run/gaf/wrist.npy"]


def test_what_the_search_for_weights_tries(layout):
    assert list(layout.trials) == ["none", "sakdn-0.1", "sakdn-0.5", "one-0.1", "one-0.5"]
    assert layout.trials["one-0.5"] == {"loss": "sp", "teacher": "wrist", "weight": 0.5}
    weights = MethodOptions(**layout.trials["sakdn-0.5"]).terms()
    assert sum(weights.values()) == pytest.approx(0.5, rel=1e-2)
    ratio = weights["gsdm"] / weights["soft_target"]
    defaults = MethodOptions(loss="sakdn").terms()
    assert ratio == pytest.approx(defaults["gsdm"] / defaults["soft_target"], rel=1e-2)
    tried = layout.tried(None)
    assert len(tried) == 5 * 2
    assert "results/run/tune/fold1/student/sakdn-0.5/seed3/model.json" in tried
    wildcards = SimpleNamespace(method="one-0.1", seed="3", fold="tune/fold1/")
    assert layout.taught_by(wildcards) == [
        "results/run/tune/fold1/knowledge/wrist/seed3/index.json"
    ]
    assert layout.fold_number(wildcards) == "1"


def test_a_run_that_tests_everybody_has_nobody_to_search_with():
    folds = {"split": {"protocol": "cross_validation", "folds": 3}}
    with pytest.raises(InputError, match=r"split\.protocol: found cross_validation"):
        Layout(CONFIG | folds).tried(None)


@pytest.mark.parametrize("prefix", ["", "theirs/"])
def test_state_lies_below_where_results_are_written(layout, prefix):
    output = SimpleNamespace(model=f"{prefix}results/run/student/none/seed0/model.json")
    assert layout.state(None, output) == f"{prefix}results/run/state/student_none_seed0.safetensors"


def test_the_report_depends_on_a_check_that_was_made(tmp_path):
    problems = tmp_path / "problems.csv"
    assert checked(CONFIG, problems) == ""
    problems.write_text("one")
    first = checked(CONFIG, problems)
    problems.write_text("two")
    assert first != checked(CONFIG, problems) != ""
    assert checked(CONFIG | {"data": {"on_bad_clip": "drop"}}, problems) == ""


def test_files_that_networks_start_from(layout):
    named = "data/weights/resnet18/IMAGENET1K_V1.safetensors"
    assert layout.starts == {"student": [named], "teacher": ["mine.pth"]}
    assert published_weights(CONFIG) == [named]
    without = CONFIG | {"student": {"backbone": "small", "weights": "none"}}
    assert Layout(without).starts["student"] == published_weights(without) == []


@pytest.mark.parametrize(
    ("vectors", "file"),
    [
        ("data/glove/glove.6B.100d.txt", "data/glove/glove.6B.100d.txt"),
        ("elsewhere/words.txt", "data/glove/glove.840B.300d.txt"),
    ],
)
def test_word_vectors_that_are_fetched(vectors, file):
    download = {"glove": {"folder": "data/glove"}}
    assert words_file({"download": download, "semantics": {"vectors": vectors}}) == file
