import shutil
import sys

import pytest
from snake import Run, copy_checkout, tiny


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """The whole DAG, run once, as users run it; tests may look at it but not change it."""
    base = tmp_path_factory.mktemp("whole")
    run = Run(copy_checkout(base / "checkout"), base / "run")
    run.folder.mkdir()
    done = run.snakemake("--cores", "2", config=tiny(), python=sys.executable)
    assert done.returncode == 0, done.stdout[-6000:]
    return Run(run.checkout, run.folder, done.stdout)


@pytest.fixture
def spare(whole, tmp_path):
    """A copy of the run's folder, for tests that spoil or delete something in it."""
    shutil.copytree(whole.folder, tmp_path / "run")
    return Run(whole.checkout, tmp_path / "run")


@pytest.fixture
def recordings(whole, tmp_path):
    """A copy of the recordings alone, below `data`."""
    shutil.copytree(whole.folder / "data/demo", tmp_path / "fresh/data")
    return tmp_path / "fresh/data"
