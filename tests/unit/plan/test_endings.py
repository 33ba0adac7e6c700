"""What is said last: what this run made, and the errors of its jobs."""

import os
from types import SimpleNamespace

import pytest

from sakdn.plan import endings
from sakdn.plan.endings import print_errors, print_made


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Function that writes a file, before this run or in it."""
    monkeypatch.setattr(endings, "STARTED", 1000.0)

    def write(name, text, second):
        path = tmp_path / name
        path.write_text(text)
        os.utime(path, (second, second))
        return str(path)

    return write


@pytest.mark.parametrize(("second", "is_said"), [(999, False), (1001, True)])
def test_only_what_this_run_made(files, capsys, second, is_said):
    table, page = files("table.md", "| a |\n", second), files("report.html", "", second)
    print_made(None, table, page)
    said = capsys.readouterr().out
    assert ("| a |" in said) == is_said
    assert (f"Report: {page}" in said) == is_said


def test_nothing_was_made(tmp_path, capsys):
    print_made(None, str(tmp_path / "table.md"), str(tmp_path / "report.html"))
    assert capsys.readouterr().out == ""


def test_errors_whole_and_of_this_run_alone(files, tmp_path, capsys):
    files("old.log", "error: old\n", 999)
    new = files("new.log", "frames: 1\nerror: new\n  why\n", 1001)
    files("good.log", "no error: here\n", 1001)
    print_errors(None, str(tmp_path))
    assert capsys.readouterr().err == f"\n{new}\nerror: new\n  why\n\n"


def test_last_lines_of_a_job_that_was_killed(files, tmp_path, capsys):
    log = files("killed.log", "".join(f"line {n}\n" for n in range(30)), 1001)
    screen = SimpleNamespace(end=lambda: None, failed_logs=lambda: [log])
    print_errors(screen, str(tmp_path))
    said = capsys.readouterr().err
    assert "line 29" in said
    assert "line 10\n" in said
    assert "line 9\n" not in said
