"""A finished run that is moved, copied or given to others has nothing to do."""

import os
import shutil
import time

import pytest
from snake import Run, copy_checkout, tiny

pytestmark = pytest.mark.workflow

WORDS = {
    "students/task.py": ('"""', '"""Another beginning. '),
    "base/progress.py": ("LINE_EVERY_S = 10.0", "LINE_EVERY_S = 20.0"),
    "base/errors.py": ("MAX_SHOWN = 200", "MAX_SHOWN = 100"),
    "base/cli.py": ("run the same command again", "try again"),
    "training/loop.py": ("val accuracy {100 *", "accuracy on val {100 *"),
    "data/clips/split.py": ('"""\n', '"""\n# A comment.\n'),
    "data/readers/signals.py": ("raise InputError(", 'raise InputError("signal: " + '),
    "students/frames/store.py": ('"frames", "videos"', '"decoded", "files"'),
}


def nothing_to_do(run, config=None):
    done = run.snakemake("--cores", "2", config=config or tiny())
    assert done.returncode == 0, done.stdout[-3000:]
    return "Nothing to be done" in done.stdout


@pytest.fixture(scope="module")
def moved(whole, tmp_path_factory):
    """The run's folder and its checkout, both copied to other places."""
    base = tmp_path_factory.mktemp("another user's home")
    shutil.copytree(whole.folder, base / "their run", symlinks=True)
    return Run(copy_checkout(base / "their checkout"), base / "their run")


def test_the_folder_copied_elsewhere(whole, moved):
    assert nothing_to_do(Run(whole.checkout, moved.folder))


def test_another_checkout(whole, moved):
    assert nothing_to_do(Run(moved.checkout, whole.folder))


def test_another_user_who_has_both(moved):
    assert nothing_to_do(moved)


def test_a_second_clone_with_the_results_copied_in(whole, tmp_path):
    clone = copy_checkout(tmp_path / "clone")
    shutil.copytree(whole.folder, clone, dirs_exist_ok=True)
    now = time.time()
    for path in (clone / "resources").rglob("*"):
        os.utime(path, (now, now))
    assert nothing_to_do(Run(clone, clone))


def test_words_run_nothing_again(moved):
    for name, (old, new) in WORDS.items():
        path = moved.checkout / "src/sakdn" / name
        text = path.read_text(encoding="utf-8")
        assert old in text, name
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert nothing_to_do(moved)


def test_no_path_of_a_machine_is_remembered(whole):
    records = "".join(path.read_text() for path in metadata(whole.folder))
    assert "sakdn.stages.student" in records
    assert str(whole.checkout) not in records
    assert str(whole.folder) not in records
    assert str(whole.folder) not in (whole.results / "videos.csv").read_text()


def metadata(folder):
    """What Snakemake remembers of each output."""
    return [path for path in (folder / ".snakemake/metadata").rglob("*") if path.is_file()]
