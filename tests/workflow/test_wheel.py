"""The wheel is enough: installed in an empty environment it makes a folder, which runs."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml
from snake import PARTS, REPO, rules_of, started, tiny

pytestmark = pytest.mark.workflow

BUILD = """
import sys
from setuptools import build_meta
build_meta.build_sdist(sys.argv[1])
"""
WHEEL = BUILD.replace("sdist", "wheel")
ENVIRONMENT = {
    key: value
    for key, value in os.environ.items()
    if key not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SNAKEMAKE_PROFILE")
}


def do(*command, cwd):
    """What a command prints; it must succeed."""
    done = subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=cwd,
        env=ENVIRONMENT,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def tracked():
    """Files of the project, with those that are new."""
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(words, capture_output=True, text=True, check=False, cwd=REPO)
    if found.returncode:
        pytest.skip("needs the files as git lists them")
    return [name for name in found.stdout.split("\0") if (REPO / name).is_file()]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """The source distribution, made from what git knows."""
    base = tmp_path_factory.mktemp("sdist")
    for name in tracked():
        (base / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (base / "tree" / name).write_bytes((REPO / name).read_bytes())
    do(sys.executable, "-c", BUILD, base, cwd=base / "tree")
    (made,) = base.glob("*.tar.gz")
    return made


@pytest.fixture(scope="module")
def wheel(sdist):
    """The wheel, made from the source distribution alone."""
    with tarfile.open(sdist) as archive:
        archive.extractall(sdist.parent, filter="data")
    tree = sdist.with_name(sdist.name.removesuffix(".tar.gz"))
    do(sys.executable, "-c", WHEEL, sdist.parent, cwd=tree)
    (made,) = sdist.parent.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel):
    """The interpreter of an environment with the wheel, which sees the dependencies of this one."""
    venv = wheel.parent / "venv"
    do(sys.executable, "-m", "venv", "--without-pip", venv, cwd=wheel.parent)
    python = venv / "bin/python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    do(*pip, "install", "-q", "--no-index", "--no-deps", wheel, cwd=wheel.parent)
    packages = do(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=venv)
    # Not read as a folder of packages: a .pth file in there may name this checkout.
    Path(packages.strip(), "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@pytest.fixture
def folder(installed, tmp_path):
    """What `sakdn init` writes."""
    do(installed.with_name("sakdn"), "init", "here", cwd=tmp_path)
    return tmp_path / "here"


def test_the_source_distribution_holds_what_git_knows(sdist):
    with tarfile.open(sdist) as archive:
        found = {name.partition("/")[2] for name in archive.getnames() if name.count("/")}
    assert {name for name in tracked() if name not in found} == set()
    assert {name for name in found if name.endswith((".pyc", ".syntax.json"))} == set()


def test_the_wheel_holds_the_package_and_the_workflow_once(wheel):
    with zipfile.ZipFile(wheel) as archive:
        found = archive.namelist()
    wanted = {
        name.replace("src/", "") if name.startswith("src/") else f"sakdn/checkout/{name}"
        for name in tracked()
        if name.split("/")[0] in PARTS and (name[:5] != "envs/" or name == "envs/sakdn.yaml")
    }
    extra = {name for name in found if ".dist-info/" not in name} - wanted
    assert wanted - set(found) == set()
    assert extra == {"sakdn/checkout/src/sakdn/__init__.py"}


def test_jobs_of_another_environment_find_the_package_and_nothing_beside_it(installed, tmp_path):
    where = "import sakdn.base.resources as r; print(r.CHECKOUT)"
    home = Path(do(installed, "-c", where, cwd=tmp_path).strip())
    ask = f"import sys; sys.path.insert(0, {str(home / 'src')!r}); {where}"
    assert do(sys.executable, "-c", ask, cwd=tmp_path).strip() == str(home)
    assert [path.name for path in (home / "src").iterdir()] == ["sakdn"]
    assert (home / "envs/sakdn.yaml").read_bytes() == (REPO / "envs/sakdn.yaml").read_bytes()


def test_what_the_folder_makes_is_what_its_own_config_says(installed, folder):
    config = yaml.safe_load((folder / "config/demo.yaml").read_text()) | {"name": "mine"}
    (folder / "config/demo.yaml").write_text(yaml.safe_dump(config))
    planned = do(installed, "-m", "snakemake", "-n", cwd=folder)
    assert {"everything", "student", "report"} <= rules_of(started(planned))
    assert "results/mine/report.html" in planned


@pytest.mark.slow
def test_the_folder_runs_to_the_report(installed, folder):
    (folder / "run.yaml").write_text(yaml.safe_dump(tiny()))
    words = (installed, "-m", "snakemake", "--cores", "2", "--configfile", "run.yaml")
    do(*words, cwd=folder)
    model = yaml.safe_load((folder / "results/tiny/student/none/seed0/model.json").read_text())
    version = do(
        installed, "-c", "import importlib.metadata as m; print(m.version('sakdn'))", cwd=folder
    )
    assert model["provenance"]["versions"]["sakdn"] == version.strip()
    assert (folder / "results/tiny/report.html").stat().st_size
    assert "Nothing to be done" in do(*words, "--quiet", "host", "-n", cwd=folder)
    do(*words, "--report", "run.zip", cwd=folder)
    assert (folder / "run.zip").stat().st_size
