"""SIGTERM, a log that nobody reads any more and lost processes: no traceback, nothing left."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

STAGE = """
import signal, sys, time
from pathlib import Path
from sakdn.base.cli import run
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path
from sakdn.base.parallel import process_map
from sakdn.base.progress import log
from sakdn.base.stopping import StopRequest

def main():
"""


@pytest.fixture
def start(tmp_path):
    """Starts a stage whose `main` is the given text; its output is in `said`."""
    running = []

    def begin(text, shell=""):
        path = tmp_path / "stage.py"
        body = textwrap.indent(textwrap.dedent(text), "    ")
        path.write_text(f"{STAGE}{body}\nif __name__ == '__main__':\n    run(main)\n")
        command = f"'{sys.executable}' stage.py {shell or '> said 2>&1'}"
        running.append(
            subprocess.Popen(["bash", "-c", command], cwd=tmp_path, start_new_session=True)
        )
        return running[0]

    yield begin
    for process in running:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def wait_for(condition, limit_s=60):
    end = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


def family(running):
    return psutil.Process(running.pid).children(recursive=True) or [psutil.Process(running.pid)]


def test_sigterm_removes_temporary_files_and_ends_with_143(start, tmp_path):
    running = start("""
        with atomic_path("out/result.csv") as temporary:
            temporary.write_text("half")
            time.sleep(60)
        """)
    wait_for(lambda: [*tmp_path.glob("out/.*.tmp")])
    family(running)[0].terminate()
    assert running.wait() == 143
    assert [*(tmp_path / "out").iterdir()] == []
    said = (tmp_path / "said").read_text()
    assert said == "stopped by SIGTERM; run the same command again\n"


PARALLEL = """
    Path("begun").touch()
    with process_map(2, 1) as mapper:
        for _ in mapper(time.sleep, [0.3] * 200):
            Path("works").touch()
    """


@pytest.mark.parametrize("to", ["the stage", "all its processes"])
def test_sigterm_ends_the_processes_of_a_stage(start, tmp_path, to):
    running = start(PARALLEL)
    wait_for((tmp_path / "works").exists)
    everyone = family(running)
    if to == "the stage":
        everyone[0].terminate()
    else:
        for process in everyone:
            process.terminate()
    assert running.wait() == 143
    assert (tmp_path / "said").read_text().startswith("stopped by SIGTERM; run")
    assert (tmp_path / "said").read_text().count("\n") == 1
    wait_for(lambda: not any(map(psutil.Process.is_running, everyone)))


def test_no_process_outlives_a_stage_that_was_killed(start, tmp_path):
    running = start(PARALLEL)
    wait_for((tmp_path / "works").exists)
    everyone = family(running)
    assert len(everyone) >= 3
    everyone[0].kill()
    assert running.wait() == 137
    wait_for(lambda: not any(map(psutil.Process.is_running, everyone)))


def test_a_process_that_is_killed_ends_the_stage_with_advice(start, tmp_path):
    running = start(PARALLEL)
    wait_for((tmp_path / "works").exists)
    workers = [one for one in family(running) if "spawn_main" in " ".join(one.cmdline())]
    workers[-1].kill()
    assert running.wait() == 1
    said = (tmp_path / "said").read_text()
    assert said.startswith("error: one of 2 processes was killed, perhaps for want of memory; give")
    assert said.count("\n") == 1


def test_work_goes_on_when_nobody_reads_the_log(start, tmp_path):
    running = start(
        """
        for line in range(200):
            log("a line " * 1000)
        Path("done").touch()
        """,
        "2>&1 | head -c 10 > said; exit ${PIPESTATUS[0]}",
    )
    assert running.wait() == 0
    assert (tmp_path / "done").exists()


def test_work_goes_on_when_the_log_has_no_room(start, tmp_path):
    running = start(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        for line in range(20):
            log("a line of the log")
        Path("done").touch()
        """
    )
    assert running.wait() == 0
    assert (tmp_path / "done").exists()
    assert (tmp_path / "said").stat().st_size <= 100


def test_sigterm_after_the_work_changes_nothing(start, tmp_path):
    running = start("""
        import atexit
        atexit.register(signal.raise_signal, signal.SIGTERM)
        log("done")
        """)
    assert running.wait() == 0
    assert (tmp_path / "said").read_text() == "done\n"


def test_a_signal_that_is_ignored_stays_ignored(start, tmp_path):
    running = start("""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with StopRequest() as request:
            signal.raise_signal(signal.SIGINT)
            log(str(request.number))
        """)
    assert running.wait() == 0
    assert (tmp_path / "said").read_text() == "0\n"


def test_a_request_nobody_answered_is_not_lost(start, tmp_path):
    running = start("""
        with StopRequest() as request:
            Path("ready").touch()
            while not request.number:
                time.sleep(0.01)
            log("saved")
        log("went on")
        """)
    wait_for((tmp_path / "ready").exists)
    family(running)[0].terminate()
    assert running.wait() == 143
    said = (tmp_path / "said").read_text()
    assert said == "saved\nstopped by SIGTERM; run the same command again\n"
