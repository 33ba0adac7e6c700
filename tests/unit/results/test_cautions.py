import pandas as pd
from synthetic_results import metrics_json

from sakdn.results.evaluated import Model
from sakdn.results.report.cautions import cautions, chance
from sakdn.results.report.curves import Training

CLASSES = ("jump", "wave", "clap")


def model(predicted, truth, best_epoch=3, name="student_none"):
    metrics = metrics_json(name, 0, truth, predicted, CLASSES) | {"best_epoch": best_epoch}
    return Model(name, "student", "none", {0: metrics}, {})


def curve(epochs):
    return {Training("", 0): pd.DataFrame({"epoch": range(1, epochs + 1)})}


def test_chance_is_the_commonest_class():
    truth = pd.Series([0] * 30 + [1] * 20 + [2] * 10).to_numpy()
    assert chance(model(truth, truth)) == 0.5
    (sentence,) = cautions([model(truth, truth)], {})
    assert sentence == (
        "Always naming the commonest class scores 50.0 %; one of the 60 test clips is worth 1.7"
        " points."
    )


def test_a_network_that_names_one_class_has_learned_nothing():
    truth = pd.Series([0] * 30 + [1] * 20 + [2] * 10).to_numpy()
    found = cautions([model(truth * 0, truth)], {})
    assert found[1] == "Nothing was learned, as far as the test clips tell, by student none."


def test_a_best_epoch_that_is_the_last_is_too_short():
    truth = pd.Series([0, 1, 2] * 20).to_numpy()
    (_, sentence) = cautions([model(truth, truth, best_epoch=8)], {"student_none": curve(8)})
    assert "the best epoch is the last of student none (1 of 1 trainings)" in sentence
    assert len(cautions([model(truth, truth, best_epoch=7)], {"student_none": curve(8)})) == 1
