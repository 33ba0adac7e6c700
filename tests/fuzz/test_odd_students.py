"""A student's JSON that training did not write is refused in one line, before anything is built."""

import copy
import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spoil import or_refused
from unit.recordings import write_video
from unit.tiny_student import write_student

from sakdn.__main__ import main
from sakdn.base.errors import InputError
from sakdn.base.schema import schema_of
from sakdn.options.config import Config
from sakdn.students.about import StudentAbout
from sakdn.students.load import open_student

ODD = st.sampled_from(
    [None, True, -1, 0, 2**40, 0.5, float("nan"), 1e300, 10**400, "", "x", [], [[]], {}, {"a": 1}]
)


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    path = write_student(tmp_path_factory.mktemp("student"))
    shutil.copy(path.with_suffix(".safetensors"), path.with_name("odd.safetensors"))
    return path


def places(value, above=()):
    """Every key of the JSON, as the way that leads to it."""
    for key, each in value.items():
        yield (*above, key)
        if isinstance(each, dict):
            yield from places(each, (*above, key))


def spoilt(about, way, value):
    """A copy with the key at the end of `way` changed, or left out where `value` is `...`."""
    about = copy.deepcopy(about)
    inner = about
    for key in way[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[way[-1]]
    else:
        inner[way[-1]] = value
    return about


@given(data=st.data())
def test_one_odd_value_is_refused_or_does_no_harm(student, data):
    about = json.loads(student.read_text())
    way = data.draw(st.sampled_from(sorted(places(about))))
    value = data.draw(st.one_of(st.just(...), ODD))
    path = student.with_name("odd.json")
    path.write_text(json.dumps(spoilt(about, way, value)))
    opened = or_refused(lambda: open_student(path), str(path.with_suffix("")))
    assert opened is None or not opened[0].training


@pytest.mark.parametrize(
    ("way", "value", "words"),
    [
        (("view",), ..., "first level: view is missing"),
        (("view", "size_px"), ..., "view: size_px is missing"),
        (("network", "width"), 2**40, "network.width: found 1099511627776, expected {'maximum'"),
        (("network", "wdith"), 4, "network: found {"),
        (
            ("precision",),
            "fp8",
            "precision: found 'fp8', expected {'enum': ['fp32', 'bf16', 'fp16']}",
        ),
        (("classes",), ["wave", 3, "clap"], "classes.1: found 3, expected {'type': 'string'}"),
        (("clip_length", "fps"), -1, "clip_length.fps: found -1, expected {'minimum': 0}"),
    ],
)
def test_predict_and_inspect_say_which_key_is_wrong(student, tmp_path, way, value, words):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(spoilt(json.loads(student.read_text()), way, value)))
    write_video(tmp_path / "a.mp4")
    for command in (["predict", str(path), str(tmp_path / "a.mp4")], ["inspect", str(path)]):
        with pytest.raises(InputError) as error:
            main(command)
        assert str(error.value).startswith(f"{path}: {words}")


def test_what_the_config_allows_a_student_may_say():
    config, about = schema_of(Config)["properties"], schema_of(StudentAbout)["properties"]
    allowed = config["student"]["properties"] | config["frames"]["properties"]
    said = about["network"]["properties"] | about["view"]["properties"]
    said |= about["frames"]["properties"] | {"precision": about["precision"]}
    assert allowed["precision"].get("enum") == ["auto", *said["precision"]["enum"]]
    both = allowed.keys() & said.keys()
    assert {"backbone", "head", "width", "segments", "size_px", "color", "precision"} <= both
    for key in both - {"precision"}:
        assert said[key].get("enum") == allowed[key].get("enum"), key
        assert said[key].get("maximum") == allowed[key].get("maximum"), key
