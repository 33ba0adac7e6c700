"""What is made from the options is up to date, and the options are declared nowhere else."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pydantic_core import PydanticUndefined

import sakdn.options
from sakdn.base.options import Options, parse_options
from sakdn.base.schema import node_at, schema_of
from sakdn.options.config import Config
from sakdn.options.reruns import RERUNS, reruns_of
from sakdn.options.sensors import ImageOptions, SensorOptions, SignalOptions
from sakdn.plan.config import load_config
from sakdn.plan.schema import README, SCHEMA, readme_text, schema_text

REPO = Path(__file__).parents[3]
SOURCE = REPO / "src/sakdn"
SECTIONS = {
    name: field.annotation
    for name, field in Config.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Options)
}
CLASSES = {
    value
    for found in pkgutil.iter_modules(sakdn.options.__path__)
    for value in vars(importlib.import_module(f"sakdn.options.{found.name}")).values()
    if isinstance(value, type) and issubclass(value, Options) and value is not Options
}
SMALL = {
    "name": "x",
    "data": {"source": "demo", "root": "data", "video": "{clip}.avi", "classes": "classes.txt"},
    "split": {"protocol": "cross_subject"},
    "sensors": {"watch": {"path": "{clip}.mat"}},
    "semantics": {"vectors": "words.txt"},
}


def test_schema_is_up_to_date():
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run `make schema`"


def test_table_of_keys_is_up_to_date():
    text = README.read_text(encoding="utf-8")
    assert text == readme_text(text), "run `make schema`"


@pytest.mark.parametrize("cls", sorted(CLASSES, key=lambda cls: cls.__name__))
def test_every_key_says_what_it_means_and_every_default_is_allowed(cls):
    given = {}
    for key, field in cls.model_fields.items():
        assert node_at(schema_of(cls), [key]).get("description"), f"{cls.__name__}.{key}"
        if field.default is not PydanticUndefined:
            given[key] = plain(field.default)
    if not any(field.is_required() for field in cls.model_fields.values()):
        assert parse_options(cls, given, "x") == cls()


def plain(value):
    """As YAML has it."""
    if isinstance(value, Options):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return list(value) if isinstance(value, tuple) else value


def test_a_stage_without_snakemake_has_the_defaults_that_it_has_with_it():
    config = load_config(SMALL)
    for name, cls in SECTIONS.items():
        given = {key: config[name][key] for key in SMALL.get(name, ())}
        assert config[name] == cls(**given).model_dump(mode="json"), name
    signal = {key: config["sensors"]["watch"][key] for key in SignalOptions.model_fields}
    assert ImageOptions(signal=signal | {"columns": None}) == ImageOptions()
    assert config["sensors"]["watch"]["gaf"] == {}


def keys_of(node, path=()):
    """Keys of a schema that are no sections, with what it says of them."""
    for key, inner in node.get("properties", {}).items():
        if "properties" in inner:
            yield from keys_of(inner, (*path, key))
        elif inner.get("type") != "object":
            yield (*path, key), inner


def value_at(values, path):
    for key in path:
        values = values.get(key) if values else None
    return values


def test_the_schema_and_the_table_name_the_defaults_that_a_run_has():
    text, config = README.read_text(encoding="utf-8"), load_config(SMALL)
    found = 0
    for path, node in keys_of(schema_of(Config)):
        if value_at(config, path[:-1]) is None or value_at(SMALL, path) is not None:
            continue
        default = value_at(config, path)
        assert node["default"] == default, path
        if path[0] == "resources":
            amounts = map(str, config["resources"][path[1]].values())
            assert f"| {path[1]} | {' | '.join(amounts)} |" in text
        else:
            row = next(row for row in text.splitlines() if row.startswith(f"| `{'.'.join(path)}`"))
            assert yaml.safe_load(row.split(" | ")[2].strip("`")) == default, path
        found += 1
    assert found > 150


def test_a_config_of_defaults_is_the_config_again():
    config = load_config(SMALL)
    assert load_config(config) == config
    assert yaml.safe_load(yaml.safe_dump(config)) == config


def test_a_sensor_keeps_what_of_gaf_is_its_own():
    own = {"field": "difference", "windows": {"count": 2}}
    config = load_config(SMALL | {"sensors": {"watch": {"path": "x", "gaf": own}}})
    assert config["sensors"]["watch"]["gaf"] == own
    assert parse_options(SensorOptions, {"gaf": own}, "x").gaf.windows.min_fraction == 0.5


def test_a_rule_that_is_told_one_amount_keeps_the_others():
    config = load_config(SMALL | {"resources": {"student": {"mem_mb": 9000}}})
    asked = {"threads": 1, "mem_mb": 9000, "runtime": 1440, "gpu": 1}
    assert config["resources"]["student"] == asked


def defaults_in(path):
    """Arguments and fields of a module that have a default, as (where, name, default)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            last = node.args.args[len(node.args.args) - len(node.args.defaults) :]
            yield from (
                (node.name, name.arg, value) for name, value in zip(last, node.args.defaults)
            )
        if isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.AnnAssign) and each.value is not None:
                    yield node.name, each.target.id, each.value


def test_no_other_module_repeats_a_default():
    keys = {key for cls in CLASSES for key, field in cls.model_fields.items()}
    for path in sorted(SOURCE.rglob("*.py")):
        if path.parent.name == "options":
            continue
        for where, name, value in defaults_in(path):
            if name in keys and isinstance(value, ast.Constant):
                assert value.value in (None, False, 0, *NO_OPTIONS.get((where, name), ())), (
                    f"{path}: {where}: {name}"
                )


# Arguments that are called as a key is and are none.
NO_OPTIONS = {("cc", "gamma"): [0.4], ("cc", "order"): [2], ("__init__", "fusion"): ["spamfm"]}
NO_OPTIONS[("StudentPlan", "kind")] = ["student"]


def test_every_key_has_what_runs_again():
    for key in Config.model_fields:
        assert reruns_of(key) in RERUNS.values()
    assert reruns_of("sensors.<name>.gaf").rule == "gaf"
    assert reruns_of("gaf.field").rule == reruns_of("gaf.windows.count").rule == "gaf"
    assert reruns_of("data.demo.seed").rule == "demo_data"


def test_options_load_no_heavy_package():
    heavy = ("torch", "pandas", "numpy", "jsonschema")
    code = f"import sys, sakdn.plan.config; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
