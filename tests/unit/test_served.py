"""A command that is served by a fork behaves as one of Python itself (`served`)."""

import os
import signal
import subprocess
import sys

import pytest
from served.session import served_python

MODULE = """
import atexit, os, signal, sys, time
what, *words = sys.argv[1:]
if __name__ == "__main__":
    atexit.register(print, "at the end")
    print(__spec__.name, words, os.getcwd(), os.environ.get("MINE"), sys.stdin.read())
    print(sys.path[0], *map(signal.getsignal, (signal.SIGTERM, signal.SIGINT)))
    print("said aside", file=sys.stderr)
    if what == "status":
        sys.exit(7)
    if what == "words":
        sys.exit("no good")
    if what == "error":
        raise ValueError(what)
    if what == "wait":
        print("waits", flush=True)
        time.sleep(600)
    if what == "answer":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
        print("waits", flush=True)
        time.sleep(600)
"""


@pytest.fixture
def start(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "mine.py").write_text(MODULE)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "MINE": "é"}

    def begin(python, *words):
        command = [python, "-m", *words]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(
            command, cwd=tmp_path / "below", env=environment, text=True, **pipes
        )

    return begin


def both(start, *words):
    """What a command leaves: of Python itself, and served."""
    for python in (sys.executable, served_python()):
        process = start(python, *words)
        out, aside = process.communicate("from outside")
        yield process.returncode, out, aside.splitlines()[-1:], "Traceback" in aside


@pytest.mark.parametrize("words", ["nothing -x 座", "status", "words", "error"])
def test_words_streams_and_status(start, words):
    real, served = both(start, "mine", *words.split())
    assert real == served
    assert "at the end" in real[1]
    assert "from outside" in real[1]


def test_a_module_that_is_none(start):
    real, served = both(start, "sakdn_none")
    assert real[0] == served[0] == 1
    assert "No module named sakdn_none" in served[2][0]


@pytest.mark.parametrize("what", ["wait", "answer"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_reach_it(start, what, number):
    ends = []
    for python in (sys.executable, served_python()):
        process = start(python, "mine", what)
        process.stdin.close()
        while process.stdout.readline() != "waits\n":
            assert process.poll() is None
        process.send_signal(number)
        ends.append((process.wait(), "KeyboardInterrupt" in process.stderr.read()))
    assert ends[0] == ends[1]


def test_it_ends_with_its_client(start):
    process = start(served_python(), "mine", "wait")
    process.stdin.close()
    while process.stdout.readline() != "waits\n":
        assert process.poll() is None
    process.kill()
    assert process.stdout.read() in ("", "at the end\n")  # Ends only when nobody writes to it.


def test_what_is_no_module_is_run_by_python_itself():
    code = "import os; print(os.getpid())"
    with subprocess.Popen([served_python(), "-c", code], stdout=subprocess.PIPE) as process:
        assert int(process.stdout.read()) == process.pid
