"""Configs that no schema forbids and no run survives."""

from pathlib import Path

import pytest
import yaml

from sakdn.base.cli import json_options
from sakdn.base.errors import InputError
from sakdn.base.files import read_json
from sakdn.plan.config import load_config

REPO = Path(__file__).parents[2]


DEMO = yaml.safe_load((REPO / "config/demo.yaml").read_text())


@pytest.mark.parametrize("name", ["demo\n", "..", "-x", "a b", "$(x)", "x" * 101, "é", ""])
def test_names_of_runs_that_are_no_folder_names(name):
    with pytest.raises(InputError, match=r"config: name: "):
        load_config(DEMO | {"name": name})


@pytest.mark.parametrize("section", ["sensors", "methods"])
@pytest.mark.parametrize("name", ["a\n", "../a", "a b", "$(x)", "{seed}", "x" * 65, "1", "A", ""])
def test_names_that_would_be_file_names_and_wildcards(section, name):
    values = DEMO[section] | {name: next(iter(DEMO[section].values()))}
    with pytest.raises(InputError, match=rf"config: {section}: (.* does not match|found a key)"):
        load_config(DEMO | {section: values})


@pytest.mark.parametrize("name", ["clip", "video", "split", "fusion", "average"])
def test_sensors_that_are_called_as_something_else_is(name):
    sensors = DEMO["sensors"] | {name: {"columns": [0]}}
    with pytest.raises(InputError, match=f"config: sensors.{name}: found the name of"):
        load_config(DEMO | {"sensors": sensors})


@pytest.mark.parametrize("value", [1.0, True, "1", 2**60])
def test_seeds_that_are_no_seeds(value):
    with pytest.raises(InputError, match=r"config: seeds\.0: "):
        load_config(DEMO | {"seeds": [value]})


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


def doubled(times):
    """As YAML's aliases make it: short, and 2^times values long."""
    value = ["ha"]
    for _ in range(times):
        value = [value, value]
    return value


def in_itself():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize("value", [nested(100_000), doubled(60), in_itself()], ids=len)
def test_config_without_end(value):
    with pytest.raises(InputError, match=r"config: .*: found more than 20000 values or 20 levels"):
        load_config({"name": "x", "seeds": value})


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("lr", float("nan"), "config: lr: found nan"),
        ("lr", float("inf"), "config: lr: found inf"),
        ("seeds", [16**5000], "config: seeds.0: found a huge number"),
        ("name", "a\nb", r"config: name: found 'a\nb', expected printable text"),
        ("name", "\0", r"config: name: found '\x00', expected printable text"),
        ("name", "\ud800", r"config: name: found '\ud800', expected printable text"),
        ("text", "x" * 70_000, "expected at most 65536"),
        (3, 4, "config: first level: found a key of type int"),
        ("\0", 4, r"config: first level: found a key '\x00'"),
    ],
)
def test_config_with_what_json_or_a_shell_lacks(key, value, words):
    with pytest.raises(InputError) as error:
        load_config({key: value})
    assert words in str(error.value)


def test_json_without_end(tmp_path):
    with pytest.raises(InputError, match="not JSON"):
        json_options("[" * 100_000)
    (tmp_path / "x.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match=r"x\.json: not JSON"):
        read_json(tmp_path / "x.json")
