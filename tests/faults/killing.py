"""Starts stages and whole runs as a user does, and kills them in the middle of their work."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import psutil
from workflow.snake import snakemake_command

from sakdn.plan.machine import shell_prefix

WAIT_S = 1200
POLL_S = 0.002


@dataclass
class Writing:
    """A moment at which a stage writes its output.

    Its temporary files have its process's number in their names.
    """

    folder: Path
    delay_s: float

    def has_come(self, process):
        if any(self.folder.glob(f".*.{process.pid}.*.tmp")):
            time.sleep(self.delay_s)
            return True
        return False


@dataclass
class Spent:
    """The moment at which a stage has used so much CPU; a training since it saved its state."""

    cpu_s: float
    training: bool
    saved_at: float | None = None

    def has_come(self, process):
        if self.training and not self.has_saved(process):
            return False
        times = process.cpu_times()
        if self.training:
            self.cpu_s += times.user + times.system
            self.training = False
        return times.user + times.system >= self.cpu_s

    def has_saved(self, process):
        words = process.cmdline()
        state = Path(process.cwd(), words[words.index("--state") + 1])
        at = state.stat().st_mtime if state.exists() else 0.0
        if self.saved_at is None:
            self.saved_at = at  # By the one before: this process has only just begun.
        return at > self.saved_at


@dataclass
class Checkout:
    """A checkout, a folder that it is run in, and all that the runs printed."""

    checkout: Path
    folder: Path
    config: dict
    printed: list[str] = field(default_factory=list)

    @property
    def results(self):
        return self.folder / "results" / self.config["name"]

    def command(self, *words, python=sys.executable):
        config = self.config
        return snakemake_command(self.checkout, self.folder, *words, config=config, python=python)

    def start(self, *words):
        """Starts Snakemake in a session of its own."""
        return started(self.command(*words), self.folder, self.folder / "printed.txt")

    def start_stage(self, command):
        """Starts a stage with the shell command that Snakemake gives it."""
        line = shell_prefix(None) + command
        return started(["bash", "-c", line], self.folder, self.folder / "stage.txt", self.checkout)

    def finish(self, running):
        """What the run printed that `start` started; it has ended."""
        try:
            running.wait(WAIT_S)
        except subprocess.TimeoutExpired as error:
            raise AssertionError("\n".join([str(error), *at_work_below(running)])) from error
        text = (self.folder / "printed.txt").read_text()
        self.printed.append(text)
        return text

    def run(self, *words):
        running = self.start(*words)
        try:
            return running, self.finish(running)
        finally:
            end_all(running)


def started(command, folder, printed, checkout=None):
    env = {key: value for key, value in os.environ.items() if key != "SNAKEMAKE_PROFILE"}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    if checkout is not None:
        env["PYTHONPATH"] = str(checkout / "src")
    with printed.open("w") as file:
        return subprocess.Popen(
            command, stdout=file, stderr=file, cwd=folder, env=env, start_new_session=True
        )


def stage_processes(running, stage):
    """Processes of a stage below `running`, each once as soon as it is there."""
    end, seen = time.monotonic() + WAIT_S, set()
    while running.poll() is None and time.monotonic() < end:
        for child in psutil.Process(running.pid).children(recursive=True):
            if child.pid not in seen and is_stage(child, stage):
                seen.add(child.pid)
                yield child
        time.sleep(POLL_S)


def at_work_below(running):
    """A line a process that `running` is and began, to tell which of them hangs."""
    process = psutil.Process(running.pid)
    for each in [process, *process.children(recursive=True)]:
        with suppress(psutil.Error):
            words = " ".join(each.cmdline())
            yield f"{each.pid} {each.status()}, {each.num_threads()} threads: {words}"


def is_stage(process, stage):
    try:
        words = process.cmdline()
    except psutil.NoSuchProcess:
        return False
    return f"sakdn.stages.{stage}" in words and "python" in Path(words[0]).name


def strike(running, stage, moment, number, alone):
    """Sends a signal to a stage (`alone`) or to everything, at a moment of the stage's work.

    Returns:
        Whether a process of the stage was still at work, of the first two.
    """
    for process in islice(stage_processes(running, stage), 2):
        its_moment = copy(moment)
        try:
            while at_work(process) and not its_moment.has_come(process):
                time.sleep(POLL_S)
        except (psutil.NoSuchProcess, ValueError):  # It ended, and with it its command line.
            continue
        if at_work(process):
            if alone:
                process.send_signal(number)
            else:
                os.killpg(running.pid, number)
            return True
    return False


def at_work(process):
    """Whether a process is there and has not ended."""
    try:
        return process is not None and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def shell_commands(printed):
    """Shell commands that Snakemake printed, by stage: `teacher` and so on, in order."""
    commands = {}
    for line in re.findall(r"^Shell command: (python -m sakdn\..*)$", printed, re.MULTILINE):
        commands.setdefault(shlex.split(line)[2].removeprefix("sakdn.stages."), []).append(line)
    return commands


def finished(printed):
    """Rules of the jobs that Snakemake says it finished."""
    return re.findall(r"^[\d:]+ done \d+/\d+ in \d+ s: (\w+)", printed, re.MULTILINE)


def end_all(running):
    """Ends whatever is left of what a test started."""
    try:
        os.killpg(running.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    running.wait()
