"""Which edits of a source file count, and which are only words."""

import sys

import pytest

from sakdn.base.syntax import read_syntax

TEXT = '''"""A module."""

import math
from sakdn.base.errors import InputError, shown
from sakdn.base.progress import log, track


class Thing:
    """A thing."""

    size: int = 3


def work(items, limit):
    """Works."""
    log(f"starts with {limit}")
    for item in track(items, "work", "items"):
        if item > limit:
            raise InputError(f"item: found {shown(item)}, expected {limit}") from None
    parser.add_argument("--limit", type=int, default=2, help="a limit")
    return math.log(limit)
'''


@pytest.fixture
def digest(tmp_path):
    """Digest of the text above with one thing changed."""
    numbers = iter(range(100))

    def of(old="", new=""):
        assert old in TEXT
        path = tmp_path / f"{next(numbers)}.py"
        path.write_text(TEXT.replace(old, new, 1))
        return read_syntax(path).digest

    return of


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import math\n", "import math  # a comment\n\n\n"),
        ("A module.", "Another."),
        ('    """A thing."""\n', ""),
        ("Works.", "Works well."),
        ("starts with", "begins with"),
        ('    log(f"starts with {limit}")\n', ""),
        ('track(items, "work", "items")', 'track(items, "labour", "clips", total=3)'),
        ("expected {limit}", "expected at most {limit}; give fewer"),
        (" from None", ""),
        ("InputError, shown", "InputError, listed, shown"),
        ("a limit", "the largest item"),
    ],
)
def test_words_do_not_count(digest, old, new):
    assert digest(old, new) == digest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("size: int = 3", "size: int = 4"),
        ("item > limit", "item >= limit"),
        ("track(items,", "track(items[1:],"),
        ("raise InputError(", "raise ValueError("),
        ("default=2", "default=3"),
        ("math.log(limit)", "math.log(limit, 2)"),
        ("math.log(limit)", "None"),
    ],
)
def test_what_is_done_counts(digest, old, new):
    assert digest(old, new) != digest()


def test_a_logarithm_is_no_message(tmp_path):
    digests = []
    for argument in ("x", "y"):
        path = tmp_path / f"{argument}.py"
        path.write_text(f"from math import log\nlog({argument})\n")
        digests.append(read_syntax(path).digest)
    assert digests[0] != digests[1]


def test_imports_are_modules_and_what_they_hold(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("import os\nimport sakdn.a.b\nfrom sakdn.c import d\nfrom . import e\n")
    assert read_syntax(path).imports >= {"sakdn.a.b", "sakdn.c", "sakdn.c.d"}
    assert all(name.startswith("sakdn.") for name in read_syntax(path).imports)


def test_what_came_out_is_kept_and_only_for_the_same_text(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "a.py"
    path.write_text(TEXT)
    first = read_syntax(path)
    kept = tmp_path / "__pycache__/a.syntax.json"
    content = kept.read_text()
    read_syntax.cache_clear()
    kept.write_text(content.replace(first.digest, "kept"))
    assert read_syntax(path).digest == "kept"
    for change in (lambda: path.write_text(f"{TEXT}\nmore = 1\n"), lambda: kept.write_text("{")):
        change()
        read_syntax.cache_clear()
        assert read_syntax(path).digest not in ("kept", first.digest)
    path.write_text(TEXT)
    read_syntax.cache_clear()
    assert read_syntax(path) == first
