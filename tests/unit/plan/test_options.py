"""Options of each rule: what changes its result, and nothing else."""

import json
from types import SimpleNamespace

from sakdn.plan.options import as_json, check_options, chosen, clips_options, gaf_options, verbatim

CONFIG = {
    "data": {"source": "demo", "on_bad_clip": "drop", "shards": 2, "demo": {}, "root": "data"},
    "split": {"protocol": "cross_subject"},
    "gaf": {"field": "both", "nan": "error"},
    "sensors": {
        "wrist": {"path": "{clip}.csv", "rate_hz": 50, "new": 1, "gaf": {"nan": "interpolate"}},
        "thigh": {"path": "{clip}.csv", "rate_hz": 25, "images": None},
        "ankle": {"images": "{clip}.jpg", "gaf": {}},
    },
}


def test_values_of_the_user_are_no_wildcards():
    assert verbatim("{seed}")(None) == "{seed}"
    assert json.loads(as_json({"b": "{seed}", "a": 1})(None)) == {"a": 1, "b": "{seed}"}


def test_chosen_by_a_wildcard():
    options = chosen("method", {"none": {"loss": "none"}, "sp": {"loss": "sp"}})
    assert json.loads(options(SimpleNamespace(method="sp"))) == {"loss": "sp"}


def test_clips_do_not_depend_on_images():
    sensors = clips_options(CONFIG)["sensors"]
    assert all("gaf" not in sensor for sensor in sensors.values())
    assert sensors["thigh"] == CONFIG["sensors"]["thigh"]


def test_check_depends_on_nan_and_on_no_policy():
    options = check_options(CONFIG)
    assert options["sensors"]["wrist"]["gaf"] == {"nan": "interpolate"}
    assert options["sensors"]["thigh"]["gaf"] == {"nan": "error"}
    assert set(options["data"]) == {"source", "root"}


def test_a_sensor_overrides_the_run_and_a_new_key_is_not_lost():
    options = gaf_options(CONFIG)
    signal = {"rate_hz": 50, "new": 1}
    run = {"images": False, "field": "both", "nan": "error"}
    assert options["wrist"] == run | {"signal": signal, "nan": "interpolate"}
    assert options["thigh"] == run | {"signal": {"rate_hz": 25}}


def test_images_depend_on_which_sensors_come_as_images_and_not_on_where_they_lie():
    assert gaf_options(CONFIG)["ankle"] == {"signal": {}, "images": True} | CONFIG["gaf"]
    assert clips_options(CONFIG)["sensors"]["ankle"] == {"images": "{clip}.jpg"}
    assert check_options(CONFIG)["sensors"]["ankle"]["images"] == "{clip}.jpg"


def test_what_only_pictures_show_changes_neither_table_nor_images():
    sensors = {
        name: sensor | {"axes": ["x", "y"], "unit": "g"}
        for name, sensor in CONFIG["sensors"].items()
    }
    named = CONFIG | {"sensors": sensors}
    for options in (clips_options, check_options, gaf_options):
        assert options(named) == options(CONFIG)
