"""Configs: one that passes can be run, any other is refused in one message that names the key."""

import copy
import json
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from spoil import damaged, or_refused

from sakdn.data.datasets.registry import recording_options, split_options
from sakdn.plan.config import load_config

REPO = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(
    yaml.safe_load((REPO / "workflow/schemas/config.schema.yaml").read_text())
)
TEXTS = [path.read_bytes() for path in sorted((REPO / "config").glob("*.yaml"))]
WHOLE = [tree for tree in map(yaml.safe_load, TEXTS) if "data" in tree]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.dates(),
    st.builds(lambda: 10**5000),
    st.sampled_from([2**64, 1.0, "a\n", "\0", "\ud800", "x" * 300, "../x", "-x", "$(x)"]),
)
KEYS = st.one_of(
    st.sampled_from(["clip", "fusion", "none", "a\n", "windows", "epochs", "teacher", "default"]),
    st.text(max_size=4),
    st.integers(0, 3),
    st.none(),
    st.booleans(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def places(tree, above=()):
    """Where something can be changed: paths to every key and entry of a tree."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in pairs:
        yield (*above, key)
        if isinstance(value, dict | list):
            yield from places(value, (*above, key))


@st.composite
def configs(draw):
    """A shipped config with one to three things changed, removed or added."""
    config = copy.deepcopy(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(sorted(places(config), key=str)))
        node = config
        for key in above:
            node = node[key]
        kind = draw(st.sampled_from(["set", "set", "remove", "add"]))
        if kind == "remove":
            del node[last]
        elif kind == "add" and isinstance(node, dict):
            node[draw(KEYS)] = draw(VALUES)
        else:
            node[last] = draw(VALUES)
    return config


def check(config):
    passed = or_refused(lambda: load_config(config), "config: ")
    if not passed:
        return
    json.dumps(config, allow_nan=False).encode()
    SCHEMA.validate(config)
    assert sorted(config["sensors"])
    split_options(config), recording_options(config)  # What the config allows the stages take.


@given(configs())
def test_changed_trees(config):
    check(config)


@given(damaged([text for text in TEXTS if b"data:" in text]))
def test_damaged_files(content):
    try:
        config = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError):  # Snakemake's to say.
        return
    if isinstance(config, dict):
        check(config)
