"""What a person sees while a run goes on: two lines a job, and a bar on a terminal.

Snakemake's own words, all files of every job among them, stay in its log.
"""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from sakdn.plan.job_words import (
    error_of,
    fold_number,
    headline,
    job_name,
    plan_line,
    result_of,
    stats_line,
    warnings_of,
)

# Of Snakemake's other words those that say what the lines of the jobs say too.
UNSAID = (
    "Building DAG",
    "Conda env",
    "DAG of jobs will be updated",
    "Execute ",
    "Reasons:",
    "Select jobs",
    "Updating checkpoint",
    "Using shell",
)
SHELL_FAILED = "CalledProcessError in file"  # Its job says why.
BAR_CHARACTERS = 60
FIRST_SIGN_S = 30.0  # A long job says how far it is then, after twice that time, and so on.


@dataclass
class Job:
    """A job that was started."""

    name: str
    words: str
    logs: list[str]
    started: float = field(default_factory=time.monotonic)
    sign_s: float = FIRST_SIGN_S

    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started


class Screen(logging.Handler):
    """Handler of Snakemake's log that takes the place of the one for the screen.

    Attributes:
        failed: what is left of jobs that failed and were not done at another attempt, by number.
    """

    def __init__(self, before: logging.StreamHandler, dryrun: bool) -> None:
        """Takes the stream, the filters and, for what is not about jobs, the format of `before`."""
        super().__init__(before.level)
        self._writing = threading.RLock()
        self.filters, self.formatter = before.filters, before.formatter
        self.stream, self.dryrun = before.stream, dryrun
        self.failed: dict[int, Job] = {}
        self._jobs: dict[int, Job] = {}
        self._done = self._total = 0
        self._bar: tqdm | None = None
        self._awake = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Says a record in fewer words, or not at all."""
        event = str(getattr(record, "event", None))
        try:
            say = getattr(self, f"_{event}", None)
            line = say(vars(record)) if say else self._other(record)
        except Exception:  # No log, or another version's records: Snakemake's words, not none.
            line = self.format(record)
        if line:
            self._print(line)

    def failed_logs(self) -> list[str]:
        """Logs of the jobs in `failed`."""
        return [log for job in self.failed.values() for log in job.logs]

    def end(self) -> None:
        """Ends the bar; what is said afterwards is of the run as a whole."""
        self._awake.set()
        with self._writing:
            if self._bar is not None:
                self._bar.close()
            self._bar = None

    def close(self) -> None:
        """Ends the bar too where the run was broken off."""
        self.end()
        super().close()

    def _print(self, line: str) -> None:
        with self._writing:
            if self._bar is not None:
                self._bar.clear()
            print(line, file=self.stream, flush=True)
            if self._bar is not None:
                self._bar.refresh()

    def _other(self, record: logging.LogRecord) -> str:
        text = self.format(record)
        return "" if record.levelno <= logging.INFO and text.lstrip().startswith(UNSAID) else text

    def _run_info(self, record: dict[str, Any]) -> str:
        if self._total:
            return ""
        self._total = record["stats"]["total"]
        if not self.dryrun:
            threading.Thread(target=self._watch, daemon=True).start()
            if self.stream.isatty():
                self._bar = tqdm(total=self._total, file=self.stream, unit=" jobs", leave=False)
        return stats_line(record["stats"])

    def _job_info(self, record: dict[str, Any]) -> str:
        if self.dryrun:
            return plan_line(record)
        name = job_name(record["rule_name"], record["wildcards"])
        fold = fold_number(record["wildcards"].get("fold", ""))
        words = (record["rule_msg"] or name) + (f", fold {fold}" if fold else "")
        self._jobs[record["jobid"]] = Job(name, words, record["log"])
        return f"{_now()} start {words}" if record["rule_msg"] else ""

    def _job_finished(self, record: dict[str, Any]) -> str:
        job = self._jobs.pop(record["job_id"])
        self.failed.pop(record["job_id"], None)
        self._done += 1
        if self._bar is not None:
            self._bar.update()
        result = ": ".join(filter(None, [job.name, result_of(job.logs)]))
        done = f"{_now()} done {self._done}/{self._total} in {job.seconds():.0f} s: {result}"
        return "\n".join([*warnings_of(job.logs), done])

    def _job_error(self, record: dict[str, Any]) -> str:
        job = self._jobs.get(record["jobid"]) or Job(record["rule_name"], "", record["log"])
        self.failed[record["jobid"]] = job
        if not (error := error_of(job.logs)):
            raise LookupError(f"{job.name} wrote no log")
        return f"{_now()} FAILED after {job.seconds():.0f} s: {job.name}: {headline(error)}"

    def _error(self, record: dict[str, Any]) -> str:
        return "" if SHELL_FAILED in record["msg"] else record["msg"]

    def _progress(self, record: dict[str, Any]) -> str:
        """Fewer jobs where the list of recordings, once it is there, spares some."""
        self._total = record["total"]
        if self._bar is not None:
            self._bar.total = self._total
        return ""

    def _unsaid(self, record: dict[str, Any]) -> str:
        return ""

    _job_started = _resources_info = _workflow_started = _unsaid

    def _watch(self) -> None:
        """Says now and then how far long jobs are."""
        while not self._awake.wait(1.0):
            running = list(self._jobs.values())
            if self._bar is not None and running:
                with self._writing:
                    self._bar.set_postfix_str(result_of(running[-1].logs)[:BAR_CHARACTERS])
            for job in running:
                if job.seconds() < job.sign_s:
                    continue
                job.sign_s *= 2
                if far := result_of(job.logs):
                    self._print(f"{_now()} ..... {job.name}: {far}")


def _now() -> str:
    return time.strftime("%H:%M:%S")
