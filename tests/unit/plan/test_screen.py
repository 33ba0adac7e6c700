"""What the screen shows of Snakemake's log: two lines a job, errors, and nothing twice."""

import io
import logging
import signal
from threading import Event, Lock
from types import SimpleNamespace

import pytest
from snakemake.logging import DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.common import LogEvent

from sakdn.plan import internals
from sakdn.plan.internals import hear_sigterm, look_less, put_screen
from sakdn.plan.screen import Screen


class Terminal(io.StringIO):
    def isatty(self):
        return True


def handler(stream, dryrun=False):
    before = logging.StreamHandler(stream)
    before.setFormatter(DefaultFormatter())
    before.addFilter(DefaultFilter(set(), False, False, dryrun, False))
    return before


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def said(stream):
    """Function that gives a screen a record and returns what it printed since."""
    screen = Screen(handler(stream), dryrun=False)

    def say(event=None, message="", level=logging.INFO, **fields):
        record = logging.makeLogRecord({"msg": message, "levelno": level, "event": event} | fields)
        start = len(stream.getvalue())
        screen.handle(record)
        return stream.getvalue()[start:]

    say.screen = screen
    yield say
    screen.close()


def job(log="none.log", **fields):
    """Fields of the record of a job's start."""
    known = {"jobid": 3, "rule_name": "teacher", "wildcards": {"sensor": "wrist", "seed": 0}}
    more = {"rule_msg": "Train the teacher of wrist, seed 0", "log": [str(log)], "reason": "New"}
    resources = {"mem_mb": 3000, "gpu": 1, "_cores": 1, "tmpdir": "t"}
    return known | more | {"resources": resources, "threads": 1} | fields


def test_a_job_that_works(said, tmp_path):
    log = tmp_path / "teacher.log"
    assert said(LogEvent.RUN_INFO, stats={"teacher": 2, "all": 1, "total": 3}) == (
        "3 jobs: 1 all, 2 teacher\n"
    )
    assert said(LogEvent.JOB_INFO, **job(log)).endswith(
        " start Train the teacher of wrist, seed 0\n"
    )
    log.write_text("warning: odd\nepoch 1\nval accuracy 80.0 %\n\n")
    warning, done = said(LogEvent.JOB_FINISHED, job_id=3).splitlines()
    assert warning == "warning: odd"
    assert done.endswith(" done 1/3 in 0 s: teacher sensor=wrist, seed=0: val accuracy 80.0 %")


def test_a_job_that_fails_and_works_at_the_next_attempt(said, tmp_path):
    log = tmp_path / "teacher.log"
    said(LogEvent.JOB_INFO, **job(log))
    log.write_text("epoch 1\nerror: a.csv: found x\n  and more\n")
    failed = said(LogEvent.JOB_ERROR, level=logging.ERROR, **job(log, rule_msg=None))
    assert failed.endswith(
        "FAILED after 0 s: teacher sensor=wrist, seed=0: error: a.csv: found x\n"
    )
    assert said.screen.failed_logs() == [str(log)]
    said(LogEvent.JOB_FINISHED, job_id=3)
    assert said.screen.failed_logs() == []


def test_a_job_that_fails_without_a_word_is_said_by_snakemake(said, tmp_path):
    record = {"input": [], "output": ["model.json"], "conda_env": None, "shellcmd": "x", "aux": {}}
    text = said(LogEvent.JOB_ERROR, level=logging.ERROR, **job(tmp_path / "no.log") | record)
    assert "Error in rule teacher" in text
    assert "model.json" in text


def test_a_traceback_is_told_by_its_last_line(said, tmp_path):
    log = tmp_path / "teacher.log"
    log.write_text("Traceback (most recent call last):\n  File x\nKeyError: 'vectors'\n")
    assert said(LogEvent.JOB_ERROR, **job(log)).endswith(": KeyError: 'vectors'\n")


def test_the_shell_command_of_a_failed_job_is_not_repeated(said):
    words = "RuleException:\nCalledProcessError in file a.smk, line 3"
    assert said(LogEvent.ERROR, words, logging.ERROR) == ""
    assert said(LogEvent.ERROR, "WorkflowError:\nwhy", logging.ERROR) == "WorkflowError:\nwhy\n"


@pytest.mark.parametrize(
    "words", ["Building DAG of jobs...", "Select jobs to execute...", None, ""]
)
def test_what_says_nothing_is_not_said(said, words):
    assert said(message=words) == ""
    assert said(LogEvent.PROGRESS, done=1, total=3) == ""


def test_errors_and_other_words_of_snakemake_are_whole(said):
    assert said(message="Execute 1 jobs failed:\n  why", level=logging.ERROR).count("\n") == 2
    assert said(message="Nothing to be done") == "Nothing to be done\n"


def test_a_record_of_another_version_is_said_in_its_own_words(said):
    assert said(LogEvent.RUN_INFO, message="Job stats: 3", numbers=3) == "Job stats: 3\n"


def test_dry_run_says_what_a_job_takes_and_why(stream):
    screen = Screen(handler(stream, dryrun=True), dryrun=True)
    reason = "Params have changed since last execution: before: '{}'"
    for each in (job(), job(reason=reason), job(reason="Missing output files: " + "a" * 500)):
        screen.handle(logging.makeLogRecord({"event": LogEvent.JOB_INFO} | each))
    first, params, cut = stream.getvalue().splitlines()
    assert first == "teacher sensor=wrist, seed=0 (threads=1, mem_mb=3000, gpu=1): New"
    assert params.endswith("): Params have changed since last execution")
    assert len(cut) < 400
    assert cut.endswith("...")


def test_a_bar_on_a_terminal():
    stream = Terminal()
    screen = Screen(handler(stream), dryrun=False)
    for event, fields in (
        (LogEvent.RUN_INFO, {"stats": {"teacher": 1, "total": 1}}),
        (LogEvent.JOB_INFO, job()),
        (LogEvent.JOB_FINISHED, {"job_id": 3}),
    ):
        screen.handle(logging.makeLogRecord({"event": event} | fields))
    screen.close()
    assert "1/1" in stream.getvalue().replace("done 1/1", "")


def workflow(**more):
    modifier = SimpleNamespace(is_main_snakefile=lambda: True)
    return SimpleNamespace(modifier=modifier, output_settings=SimpleNamespace(dryrun=False), **more)


@pytest.fixture
def logger(monkeypatch):
    monkeypatch.setattr(internals, "SNAKEMAKE", ("test of the screen", "DefaultStreamHandler"))
    logger = logging.getLogger("test of the screen")
    yield logger
    logger.handlers.clear()


def test_snakemakes_own_screen_is_replaced(logger, stream):
    before = handler(stream)
    before.name = "DefaultStreamHandler"
    other = logging.StreamHandler(stream)
    logger.handlers[:] = [before, other]
    screen = put_screen(workflow())
    assert logger.handlers == [other, screen]
    assert screen.filters == before.filters


def test_another_screen_and_anothers_workflow_are_left_alone(logger, stream):
    other = logging.StreamHandler(stream)
    logger.handlers[:] = [other]
    assert put_screen(workflow()) is None
    importing = SimpleNamespace(modifier=SimpleNamespace(is_main_snakefile=lambda: False))
    assert put_screen(importing) is None
    assert put_screen(SimpleNamespace(modifier=object())) is None
    assert logger.handlers == [other]


def test_snakemake_has_what_is_touched():
    from snakemake.logging import LoggerManager, logger
    from snakemake.scheduling.job_scheduler import JobScheduler

    assert logger.name == internals.SNAKEMAKE[0]
    assert internals.SNAKEMAKE[1] in LoggerManager._default_streamhandler.__code__.co_consts
    assert "job_rate_limiter" in JobScheduler.__init__.__code__.co_names


class ReadOnly:
    job_rate_limiter = property(lambda self: 1)


def test_rate_limit_is_taken_away_where_there_is_one():
    limited = workflow(scheduler=SimpleNamespace(job_rate_limiter=object()))
    look_less(limited)
    assert limited.scheduler.job_rate_limiter is None


@pytest.mark.parametrize("scheduler", [None, SimpleNamespace(), ReadOnly()])
def test_another_version_without_rate_limit_goes_on(scheduler):
    look_less(workflow(scheduler=scheduler))
    look_less(SimpleNamespace())
    assert not hasattr(scheduler, "job_rate_limiter") or scheduler.job_rate_limiter == 1


@pytest.fixture
def sigterm():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("sigterm")
def test_sigterm_is_told_by_another_thread():
    """So that a scheduler may be interrupted within its own lock."""
    lock, told = Lock(), Event()

    def exit_gracefully(*said):
        with lock:
            told.set()

    signal.signal(signal.SIGTERM, exit_gracefully)
    hear_sigterm(workflow(scheduler=SimpleNamespace(exit_gracefully=exit_gracefully)))
    with lock:
        signal.raise_signal(signal.SIGTERM)
        assert not told.is_set()
    assert told.wait(60)


@pytest.mark.usefixtures("sigterm")
@pytest.mark.parametrize(
    "scheduler", [None, SimpleNamespace(), SimpleNamespace(exit_gracefully=print)]
)
def test_anothers_answer_to_sigterm_stays(scheduler):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hear_sigterm(workflow(scheduler=scheduler))
    hear_sigterm(SimpleNamespace())
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
