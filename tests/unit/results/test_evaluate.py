import json

import numpy as np
import pandas as pd
import pytest
from tiny_run import (
    ABOUT_STUDENT,
    NAMES,
    SENSORS,
    make_run,
    save,
    save_fusion,
    save_teacher,
    seasoned,
    some_clips,
    tiny_student,
)

from sakdn.base.errors import InputError
from sakdn.stages.evaluate import main

LACKING = {SENSORS[0]: [18, 20], SENSORS[1]: [20]}
SCORED = {"teacher": [19, 21, 22, 23], "fusion": [18, 19, 21, 22, 23], "student": range(18, 24)}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with one model of each kind; some test clips lack sensors."""
    run = make_run(tmp_path_factory.mktemp("run"), missing=LACKING)
    save_teacher(run.root / "teacher/model.json", SENSORS[0])
    save_fusion(run.root / "fusion/model.json")
    student = seasoned(tiny_student(), some_clips())
    save(run.root / "student/model.json", student, ABOUT_STUDENT | {"method": "sp"})
    return run


def evaluate(run, kind, folder, clips=None):
    arguments = ["--model", run.root / kind / "model.json", "--clips", clips or run.clips]
    arguments += ["--frames", *run.frames] if kind == "student" else ["--gaf", *run.gaf]
    arguments += ["--output", folder / "metrics.json", "--predictions", folder / "predictions.csv"]
    main([*map(str, arguments)])
    table = pd.read_csv(folder / "predictions.csv")
    return json.loads((folder / "metrics.json").read_text()), table


@pytest.mark.parametrize("kind", SCORED)
def test_scores_the_test_clips_that_it_can(run, tmp_path, kind):
    metrics, table = evaluate(run, kind, tmp_path)
    expected = run.table.iloc[list(SCORED[kind])]
    assert table["clip"].tolist() == expected["clip"].tolist()
    assert table["action"].tolist() == expected["action"].tolist()
    assert metrics["clips"] == len(expected)
    chances = table[[f"p_{label}" for label in range(len(NAMES))]].to_numpy()
    assert np.allclose(chances.sum(1), 1, atol=1e-5)
    assert (chances.argmax(1) == table["predicted"]).all()
    assert metrics["accuracy"] == (table["action"] == table["predicted"]).mean()
    assert np.array(metrics["confusion"]).shape == (len(NAMES), len(NAMES))
    assert np.array(metrics["confusion"]).sum(1).tolist() == [
        (expected["action"] == label).sum() for label in range(len(NAMES))
    ]


def test_says_which_model_it_was(run, tmp_path):
    names = {"teacher": f"teacher_{SENSORS[0]}", "fusion": "fusion", "student": "student_sp"}
    for kind, name in names.items():
        metrics, _ = evaluate(run, kind, tmp_path / kind)
        assert (metrics["model"], metrics["kind"], metrics["seed"]) == (name, kind, 0)
        assert metrics["method"] == ("sp" if kind == "student" else "")
        assert (metrics["best_epoch"], metrics["val_accuracy"]) == (1, 0.5)
        assert set(metrics["cost"]) == {"wall_s", "cpu_s", "peak_memory_mb"}
        assert [each["name"] for each in metrics["per_class"]] == NAMES


@pytest.mark.parametrize("kind", SCORED)
def test_the_same_model_says_the_same_again(run, tmp_path, kind):
    (first, predictions), (second, again) = (evaluate(run, kind, tmp_path / f) for f in ("a", "b"))
    assert predictions.equals(again)
    assert first == second


def test_training_clips_do_not_count(run, tmp_path):
    """Other labels outside test change nothing."""
    table = run.table.copy()
    learnt = table["split"] != "test"
    table.loc[learnt, "action"] = (table["action"][learnt] + 1) % len(NAMES)
    table["action_name"] = [NAMES[label] for label in table["action"]]
    table.to_csv(tmp_path / "clips.csv", index=False)
    before, _ = evaluate(run, "student", tmp_path / "a")
    after, _ = evaluate(run, "student", tmp_path / "b", tmp_path / "clips.csv")
    assert {**before, "provenance": 0} == {**after, "provenance": 0}


@pytest.mark.parametrize("kind", SCORED)
def test_no_test_clip_to_score_is_refused(run, tmp_path, kind):
    table = run.table.assign(split="train")
    if kind == "teacher":
        table["split"] = ["test" if row in LACKING[SENSORS[0]] else "train" for row in table.index]
    table.to_csv(tmp_path / "clips.csv", index=False)
    with pytest.raises(InputError, match=r"no test clip that .*model\.json can score"):
        evaluate(run, kind, tmp_path, tmp_path / "clips.csv")


def test_several_models_at_once_say_what_each_says_alone(run, tmp_path):
    kinds, files = ("teacher", "fusion", "student"), ("metrics.json", "predictions.csv")
    words = ["--clips", run.clips, "--frames", *run.frames, "--gaf", *run.gaf, "--model"]
    words += [run.root / kind / "model.json" for kind in kinds]
    for option, file in zip(("--output", "--predictions"), files):
        words += [option, *(tmp_path / kind / file for kind in kinds)]
    main([*map(str, words)])
    for kind in kinds:
        metrics, table = evaluate(run, kind, tmp_path / "alone")
        assert pd.read_csv(tmp_path / kind / "predictions.csv").equals(table)
        assert json.loads((tmp_path / kind / "metrics.json").read_text()) == metrics
    with pytest.raises(InputError, match="--model: found 3, --output 3 and --predictions 2"):
        main([*map(str, words[:-1])])


def test_what_is_no_model_is_refused(run, tmp_path):
    (tmp_path / "model.json").write_text('{"kind": "report"}')
    arguments = ["--model", tmp_path / "model.json", "--clips", run.clips, "--output", tmp_path]
    with pytest.raises(InputError, match="found kind 'report', expected teacher or fusion or"):
        main([*map(str, arguments), "--predictions", str(tmp_path / "p.csv")])


def test_weights_of_another_network_are_refused(run, tmp_path):
    run_model = run.root / "student/model.json"
    (tmp_path / "student").mkdir()
    about = json.loads(run_model.read_text())
    about["network"]["width"] = 8
    (tmp_path / "student/model.json").write_text(json.dumps(about))
    weights = run_model.with_suffix(".safetensors").read_bytes()
    (tmp_path / "student/model.safetensors").write_bytes(weights)
    arguments = ["--model", tmp_path / "student/model.json", "--clips", run.clips]
    arguments += ["--frames", *run.frames, "--output", tmp_path / "m.json"]
    with pytest.raises(InputError, match=r"model\.safetensors: not the weights of"):
        main([*map(str, arguments), "--predictions", str(tmp_path / "p.csv")])
