import shutil
from pathlib import Path

import pytest

from sakdn.base.sources import code_digest, module_files
from sakdn.training.state import fingerprint

SOURCE = Path(__file__).parents[3] / "src"


def write(folder, **modules):
    """A package `sakdn` of small modules; a double underscore is a folder."""
    for name, text in {"__init__": "", **modules}.items():
        path = folder / "sakdn" / (name if name == "__init__" else name.replace("__", "/", 1))
        path = path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(module, source):
    files = module_files(module, source)
    assert list(files) == sorted(files)
    return sorted(path.relative_to(source / "sakdn").as_posix() for path in files.values())


def names(module):
    return {path.removesuffix(".py") for path in found(module, SOURCE)}


def test_imports_of_imports_and_nothing_else(tmp_path):
    write(tmp_path, a="import json\nfrom sakdn.b import f", b="import sakdn.c", c="", d="")
    assert found("sakdn.a", tmp_path) == ["__init__.py", "a.py", "b.py", "c.py"]


def test_module_imported_as_a_name_of_its_package(tmp_path):
    write(tmp_path, a="from sakdn import b", b="")
    assert found("sakdn.a", tmp_path) == ["__init__.py", "a.py", "b.py"]


def test_circles_and_imports_inside_functions(tmp_path):
    write(tmp_path, a="from sakdn.b import f", b="def f():\n    from sakdn.a import g")
    assert found("sakdn.a", tmp_path) == ["__init__.py", "a.py", "b.py"]


def test_package_counts_its_main_and_its_init(tmp_path):
    write(tmp_path, stage____main__="from sakdn.stage.x import f", stage__x="", stage__y="")
    (tmp_path / "sakdn/stage/__init__.py").write_text("from sakdn.b import f")
    write(tmp_path, b="")
    assert found("sakdn.stage", tmp_path) == [
        "__init__.py",
        "b.py",
        "stage/__init__.py",
        "stage/__main__.py",
        "stage/x.py",
    ]


def test_module_of_a_package_needs_the_package_but_not_its_main(tmp_path):
    write(tmp_path, a="import sakdn.stage.x", stage____init__="", stage____main__="", stage__x="")
    assert found("sakdn.a", tmp_path) == [
        "__init__.py",
        "a.py",
        "stage/__init__.py",
        "stage/x.py",
    ]


@pytest.mark.parametrize(
    ("stage", "free_of"),
    [
        (
            "frames",
            {"teachers/gaf/stored", "data/readers/signals", "students/methods", "data/clips/split"},
        ),
        ("gaf", {"data/readers/video", "data/clips/split", "students/methods", "training/loop"}),
        ("teacher", {"students/methods", "losses/gsdm", "students/task", "stages/student"}),
        ("fusion", {"students/methods", "losses/gsdm", "students/task", "stages/student"}),
        ("knowledge", {"students/methods", "losses/gsdm", "students/task", "stages/student"}),
        ("evaluate", {"students/methods", "losses/gsdm", "teachers/knowledge"}),
        ("compare", {"students/methods", "models/student", "training/loop"}),
    ],
)
def test_a_stage_does_not_depend_on_what_it_does_not_use(stage, free_of):
    mine = names(f"sakdn.stages.{stage}")
    assert f"stages/{stage}" in mine
    assert not mine & free_of


def test_the_student_depends_on_its_losses():
    assert names("sakdn.stages.student") >= {
        "students/methods",
        "losses/gsdm",
        "students/task",
        "training/loop",
    }


@pytest.mark.parametrize("aside", ["cli", "errors", "progress", "stopping", "sources", "wording"])
def test_what_only_speaks_or_stops_has_no_part(aside):
    for path in (SOURCE / "sakdn/stages").glob("[a-z]*.py"):
        assert f"base/{aside}" not in names(f"sakdn.stages.{path.stem}")


def test_digest_is_that_of_another_checkout(tmp_path):
    shutil.copytree(SOURCE, tmp_path / "src")
    for stage in ("student", "report"):
        module = f"sakdn.stages.{stage}"
        assert code_digest(module, tmp_path / "src") == code_digest(module, SOURCE)


def test_digest_follows_what_is_imported_and_templates(tmp_path):
    write(tmp_path / "1", a="from sakdn.b import f", b="f = 1", c="")
    write(tmp_path / "2", a="from sakdn.b import f", b="f = 2", c="")
    write(tmp_path / "3", a="from sakdn.b import f", b="f = 1", c="f = 2")
    first, other, same = (code_digest("sakdn.a", tmp_path / name) for name in "123")
    assert first == same != other
    (tmp_path / "4").mkdir()
    write(tmp_path / "4", a="from sakdn.b import f", b="f = 1", c="")
    (tmp_path / "4/sakdn/page.html.j2").write_text("<html>")
    assert code_digest("sakdn.a", tmp_path / "4") != first


@pytest.mark.parametrize(
    ("old", "new", "is_resumed"),
    [
        ("SEED_STRIDE = 1_000_003", "SEED_STRIDE = 1_000_003  # A prime.", True),
        ("resumes after", "goes on after", True),
        ("is not finite", "is not a number", True),
        ("Outcome of `fit`", "What `fit` gives", True),
        ("scaler.scale(total)", "scaler.scale(2 * total)", False),
    ],
)
def test_a_half_trained_state_outlives_words_and_no_formula(tmp_path, old, new, is_resumed):
    shutil.copytree(SOURCE, tmp_path / "src")
    path = tmp_path / "src/sakdn/training/loop.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    keys = [
        fingerprint([code_digest("sakdn.stages.student", source)], 0, {})
        for source in (SOURCE, tmp_path / "src")
    ]
    assert (keys[0] == keys[1]) == is_resumed
