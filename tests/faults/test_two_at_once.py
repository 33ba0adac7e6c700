"""Two runs in one folder, files that killed runs left, and a folder that cannot be written."""

import os
import signal
import subprocess
import sys
import time

import pytest
from killing import Checkout, end_all
from served.session import served_python
from stages import Stages
from workflow.snake import REPO, tiny

from sakdn.base import files
from sakdn.base.errors import InputError
from sakdn.base.files import HOST, atomic_path, check_writable

DEAD = 2**22  # No process has so high a number.
DAY_S = 24 * 3600


@pytest.fixture(autouse=True)
def _look_again():
    files.remove_abandoned.cache_clear()


@pytest.mark.workflow
def test_the_second_run_in_a_folder_is_refused(tmp_path):
    run = Checkout(REPO, tmp_path, tiny())
    first = run.start("--cores", "1", "--", "data/demo/manifest.json")
    try:
        locks = tmp_path / ".snakemake/locks"
        while first.poll() is None and not (locks.is_dir() and any(locks.iterdir())):
            time.sleep(0.01)
        first.send_signal(signal.SIGSTOP)  # It stays at work for as long as the other needs.
        words = ["--cores", "1", "--", "data/demo/manifest.json"]
        command = run.command(*words, python=served_python())
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        first.send_signal(signal.SIGCONT)
        first.wait(120)
    finally:
        end_all(first)
    assert done.returncode == 1
    assert "Directory cannot be locked" in done.stderr
    assert "--unlock" in done.stderr
    assert "Traceback" not in done.stderr
    assert first.returncode == 0
    assert (tmp_path / "data/demo/manifest.json").exists()


def test_the_same_stage_twice_at_once_leaves_one_whole_result(tmp_path):
    path = tmp_path / "result"
    with atomic_path(path) as first:
        with atomic_path(path) as second:
            first.write_bytes(b"1" * 100)
            second.write_bytes(b"2" * 100)
        assert path.read_bytes() == b"2" * 100
    assert path.read_bytes() == b"1" * 100
    assert [*tmp_path.iterdir()] == [path]


def left(folder, host=HOST, process=DEAD, age_s=0.0):
    """A temporary file of another process."""
    path = folder / f".other.npy.{host}.{process}.0123abcd.tmp"
    path.write_bytes(b"half")
    os.utime(path, (time.time() - age_s, time.time() - age_s))
    return path


@pytest.mark.parametrize(
    ("removed", "about"),
    [
        (True, {}),
        (False, {"process": os.getpid()}),
        (False, {"process": 1}),
        (False, {"host": "0" * 8}),
        (False, {"host": "0" * 8, "age_s": DAY_S - 60}),
        (True, {"host": "0" * 8, "age_s": DAY_S + 60}),
    ],
)
def test_what_killed_runs_left_is_removed_and_nothing_else(tmp_path, removed, about):
    others = [tmp_path / name for name in (".a.tmp", "b.tmp", f".c.{HOST}.{DEAD}.tmp", "d.npy")]
    for path in others:
        path.write_bytes(b"mine")
    path = left(tmp_path, **about)
    with atomic_path(tmp_path / "result") as temporary:
        temporary.write_bytes(b"whole")
    assert path.exists() != removed
    assert all(path.read_bytes() == b"mine" for path in others)


def test_a_process_that_ended_and_was_not_asked_how_has_left_its_files(tmp_path):
    """As orphans do in a container without an init."""
    with subprocess.Popen(["true"]) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        path = left(tmp_path, process=ended.pid)
        with atomic_path(tmp_path / "result") as temporary:
            temporary.write_bytes(b"whole")
        assert path.exists() == (not sys.platform.startswith("linux"))


def test_a_killed_stage_is_tidied_up_by_its_next_run(tmp_path):
    stages = Stages(tmp_path)
    (tmp_path / "out").mkdir()
    path = left(tmp_path / "out")
    stages.main("frames", tmp_path / "out")
    assert not path.exists()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"0.npy", "0.csv"}


@pytest.mark.parametrize("name", ["x" * 255, "é" * 127, "a\nb"])
def test_a_name_of_any_length_can_be_written(tmp_path, name):
    with atomic_path(tmp_path / name) as temporary:
        temporary.write_bytes(b"whole")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_is_none_cannot_be_written(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="file: cannot be written: Not a directory"):
        check_writable(tmp_path / "file")
    check_writable(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.workflow
def test_a_run_in_a_read_only_folder_says_so(tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        run = Checkout(REPO, tmp_path, tiny())
        command = run.command("--cores", "1", "--directory", str(folder))
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    said = done.stdout + done.stderr
    assert done.returncode == 1
    message = f"{folder}: cannot be written: Read-only file system; make the folder writable"
    assert message in said
    assert "Traceback" not in said
