"""What is said of a job: how it is called, why it runs, what came out, what went wrong."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LAST_LINES = 20
REASON_CHARACTERS = 300
NOT_SAID = ("_cores", "_nodes", "tmpdir", "mem", "mem_mib", "disk", "disk_mb", "disk_mib")
PARAMS = "Params have changed since last execution"


def job_name(rule: str, wildcards: Mapping[str, Any]) -> str:
    """For example `teacher sensor=gyroscope, seed=0`; of a run without folds none is named."""
    said = {k: fold_number(v) if k == "fold" else v for k, v in wildcards.items() if v != ""}
    return f"{rule} {', '.join(f'{k}={v}' for k, v in said.items())}".rstrip()


def fold_number(folder: str) -> str:
    """The fold that a folder such as `fold2/` or `tune/fold2/` is of; empty for none."""
    return folder.rstrip("/").rpartition("/")[2].removeprefix("fold")


def plan_line(record: Mapping[str, Any]) -> str:
    """A job of a dry-run: what it would take and why it would run."""
    wanted = {k: v for k, v in record["resources"].items() if k not in NOT_SAID}
    takes = ", ".join(f"{k}={v}" for k, v in ({"threads": record["threads"]} | wanted).items())
    reason = record["reason"]
    reason = PARAMS if reason.startswith(PARAMS) else cut(reason, REASON_CHARACTERS)
    return f"{job_name(record['rule_name'], record['wildcards'])} ({takes}): {reason}"


def stats_line(stats: Mapping[str, int]) -> str:
    """How many jobs of each rule there are."""
    counts = sorted((rule, n) for rule, n in stats.items() if rule != "total")
    return f"{stats['total']} jobs: " + ", ".join(f"{n} {rule}" for rule, n in counts)


def cut(text: str, characters: int) -> str:
    """`text` on one line, cut where it is longer."""
    line = " ".join(text.split())
    return line if len(line) <= characters else f"{line[:characters]}..."


def result_of(logs: Iterable[str]) -> str:
    """The last line that a job wrote into its log, which is its result."""
    lines = _lines(logs)
    return lines[-1] if lines else ""


def warnings_of(logs: Iterable[str]) -> list[str]:
    """Lines of a job's log that warn."""
    return [line for line in _lines(logs) if line.startswith("warning: ")]


def error_of(logs: Iterable[str]) -> str:
    """The whole error that a job's log ends with; its last lines where it names none."""
    lines = _lines(logs)
    starts = [n for n, line in enumerate(lines) if re.match("error: |Traceback ", line)]
    return "\n".join(lines[starts[0] :] if starts else lines[-LAST_LINES:])


def headline(error: str) -> str:
    """The line of an error that says most: its first, of a traceback its last."""
    lines = error.splitlines() or [""]
    return lines[-1 if lines[0].startswith("Traceback ") else 0]


def _lines(logs: Iterable[str]) -> list[str]:
    texts = [
        Path(path).read_text(encoding="utf-8", errors="replace")
        for path in logs
        if Path(path).is_file()
    ]
    return [line.rstrip() for text in texts for line in text.splitlines() if line.strip()]
