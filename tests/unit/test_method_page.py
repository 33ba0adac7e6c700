"""docs/method.md: what it says computes an equation is there, in the file that it links to."""

import ast
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs/method.md"
NAMED = sorted(set(re.findall(r"\[`([\w.]+)`\]\(([^)]+\.py)\)", PAGE.read_text(encoding="utf-8"))))


def defined(body, name):
    """Whether functions and classes of a module name `name`, of a class `class.name`."""
    first, _, rest = name.partition(".")
    found = [
        node
        for node in body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == first
    ]
    return bool(found) and (not rest or defined(found[0].body, rest))


def test_a_function_is_named_below_every_equation():
    text = PAGE.read_text(encoding="utf-8")
    below = re.split(r"(?:^```math$.*?^```$\s*)+", text, flags=re.MULTILINE | re.DOTALL)[1:]
    assert len(below) > 12
    for paragraphs in below:
        near = "".join(paragraphs.split("\n\n")[:3])
        assert ".py)" in near, near


@pytest.mark.parametrize(("name", "path"), NAMED)
def test_what_it_names_is_there(name, path):
    file = (PAGE.parent / path).resolve()
    assert defined(ast.parse(file.read_text(encoding="utf-8")).body, name)
