"""What is said of a job: how it is called, why it runs, what came out, what went wrong."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LAST_LINES = 20
REASON_CHARACTERS = 100
PARAMS = "Params have changed since last execution"


def job_name(rule: str, wildcards: Mapping[str, Any]) -> str:
    """For example `teacher sensor=gyroscope, seed=0`."""
    return f"{rule} {', '.join(f'{k}={v}' for k, v in wildcards.items())}".rstrip()


def plan_line(record: Mapping[str, Any]) -> str:
    """A job of a dry-run: what it would take and why it would run."""
    wanted = dict(record["resources"].items())
    amounts = ", ".join(f"{k}={wanted[k]}" for k in ("mem_mb", "runtime", "gpu") if k in wanted)
    reason = record["reason"]
    reason = PARAMS if reason.startswith(PARAMS) else cut(reason, REASON_CHARACTERS)
    takes = f"threads={record['threads']}, {amounts}" if amounts else "no resources"
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


def _lines(logs: Iterable[str]) -> list[str]:
    texts = [
        Path(path).read_text(encoding="utf-8", errors="replace")
        for path in logs
        if Path(path).is_file()
    ]
    return [line.rstrip() for text in texts for line in text.splitlines() if line.strip()]
