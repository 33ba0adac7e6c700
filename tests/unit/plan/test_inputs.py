"""Files of the user's own are inputs; those that come with the checkout count by content."""

from pathlib import Path

import pytest

from sakdn.base.errors import InputError
from sakdn.base.resources import CHECKOUT, find_resource, is_resource
from sakdn.plan.inputs import check_weights, code, own, own_tables

WORDS = "resources/glove/glove.6B.100d.subset.txt"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write_own(text="wave 1.0\n"):
    path = Path(WORDS)
    path.parent.mkdir(parents=True)
    path.write_text(text)


def test_what_comes_with_the_checkout_is_found_from_anywhere():
    assert find_resource(WORDS) == CHECKOUT / WORDS
    assert is_resource(WORDS)
    assert own(WORDS, None) == []


def test_the_checkout_as_working_directory(monkeypatch):
    monkeypatch.chdir(CHECKOUT)
    assert is_resource(WORDS)
    assert find_resource(WORDS) == Path(WORDS)


def test_a_file_of_the_users_own_goes_first():
    write_own()
    assert find_resource(WORDS) == Path(WORDS)
    assert own(WORDS) == [WORDS]


@pytest.mark.parametrize("path", ["resources/none.txt", "words.txt", "../resources/glove/LICENSE"])
def test_other_paths_stay_as_they_are(path):
    assert find_resource(path) == Path(path)
    assert own(path) == [path]


def test_code_holds_the_content_of_what_comes_with_it():
    stage = "sakdn.stages.semantics"
    assert code(stage, WORDS) != code(stage)
    assert code(stage, "words.txt", None) == code(stage)
    assert str(CHECKOUT) not in code(stage, WORDS)


def test_tables_that_exist():
    Path("clips.csv").write_text("clip\n")
    data = {"source": "table", "table": "clips.csv", "classes": "missing.txt"}
    assert own_tables({"data": data}) == ["clips.csv"]
    assert own_tables({"data": data | {"source": "demo"}}) == []


def test_weights_named_by_a_path_must_be_there():
    none = {"weights": None}
    with pytest.raises(InputError, match=r"config: teacher\.weights: mine\.pth: no such file"):
        check_weights({"student": none, "teacher": {"weights": "mine.pth"}})
    Path("mine.pth").write_bytes(b"")
    check_weights({"student": {"weights": "DEFAULT"}, "teacher": {"weights": "mine.pth"}})
