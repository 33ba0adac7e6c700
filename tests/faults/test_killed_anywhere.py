"""Killed again and again in every stage, a run ends bit for bit like one that was left alone."""

import json
import random
import shlex
import signal
from collections import Counter

import pandas as pd
import psutil
import pytest
from killing import Checkout, Spent, Writing, end_all, finished, shell_commands, strike
from workflow.snake import copy_checkout, tiny

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
CONFIG = tiny(
    data={"shards": 1},
    teacher={"epochs": 60, "batch_size": 4},
    fusion={"epochs": 40, "batch_size": 4},
    student={"epochs": 40, "batch_size": 4},
    knowledge={"batch_size": 1},
    methods={"none": {"loss": "none"}, "sakdn": {"loss": "sakdn"}},
)
CONFIG["methods"].pop("soft_target")
KILL, TERM = signal.SIGKILL, signal.SIGTERM
# Of each stage: how the run is killed in it (signal, the stage's process alone?), and then how
# often the stage's own command.
PLAN = {
    "frames": ((KILL, False), 2),
    "gaf": ((KILL, True), 2),
    "teacher": ((TERM, False), 4),
    "fusion": ((KILL, False), 3),
    "knowledge": ((TERM, True), 2),
    "student": ((TERM, False), 4),
    "report": ((KILL, False), 2),
}
WRITING = {"frames": "frames", "gaf": "gaf", "knowledge": "knowledge/fusion/seed0"}
TRAINED = ("teacher", "fusion", "student")
TRAINING_SHARE = 0.2  # Of a stage's CPU time; most of the rest are imports.
AT_LEAST = 20


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the checkout that saves training after every tenth of a second."""
    path = copy_checkout(tmp_path_factory.mktemp("faults") / "checkout")
    loop = path / "src/sakdn/training/loop.py"
    text = loop.read_text()
    for name in ("SAVE_EVERY_S", "SAVE_STEPS_EVERY_S"):
        line = next(line for line in text.splitlines() if line.startswith(name))
        text = text.replace(line, f"{name} = 0.1")
    loop.write_text(text)
    return path


def fresh(checkout, name):
    folder = checkout.parent / name
    folder.mkdir()
    return Checkout(checkout, folder, CONFIG)


def moment(run, stage, spent, generator):
    """Some moment in the work of a stage, given what it spends in all."""
    if stage in WRITING:
        return Writing(run.results / WRITING[stage], generator.uniform(0, 0.02))
    if stage in TRAINED:
        share = TRAINING_SHARE * generator.uniform(0, 0.8) / (PLAN[stage][1] + 1)
        return Spent(share * spent[stage], training=True)
    return Spent(generator.uniform(0.6, 0.8) * spent[stage], training=False)


def test_killed_anywhere_it_ends_bit_for_bit_the_same(checkout):
    calm = fresh(checkout, "calm")
    running, printed = calm.run("--cores", "2", "-p")
    assert running.returncode == 0, printed[-4000:]
    run = fresh(checkout, "killed")
    table = pd.DataFrame(kill_everywhere(run, shell_commands(printed), cpu_seconds(calm)))
    running, printed = run.run("--cores", "2")
    assert running.returncode == 0, printed[-4000:]
    print(table.to_string())
    assert table["hit"].sum() >= AT_LEAST
    assert set(table.loc[table["hit"], "stage"]) == set(PLAN)
    check_jobs(table, "".join(run.printed), "".join(calm.printed))
    check_said(table)
    assert_same_results(run.results, calm.results)
    assert not [*run.folder.rglob("*.tmp")]
    assert not left_running(run.folder)


def kill_everywhere(run, commands, spent):
    """Follows the plan; a row of the table a kill."""
    generator = random.Random(5)
    kills = []
    for stage, ((number, alone), times) in PLAN.items():
        kills += [kill_run(run, stage, number, alone, moment(run, stage, spent, generator))]
        print(kills[-1], flush=True)
        for _ in range(times):
            number, alone = generator.choice([KILL, TERM]), generator.random() < 0.5
            when = moment(run, stage, spent, generator)
            kills += [kill_stage(run, stage, commands[stage][0], number, alone, when)]
            print(kills[-1], flush=True)
    return kills


def kill_run(run, stage, number, alone, when):
    """Kills Snakemake with all its jobs, or one job of it, in the last stage that it gets to."""
    running = run.start("--cores", "2", "--until", stage)
    try:
        hit = strike(running, stage, when, number, alone)
        if not hit:
            end_all(running)
        printed = run.finish(running)
    finally:
        end_all(running)
    if hit:
        assert running.returncode == (-KILL if number == KILL and not alone else 1), printed
        assert "Traceback" not in printed, printed[-4000:]
    locked = run.folder / ".snakemake/locks"
    if locked.is_dir() and any(locked.iterdir()):
        assert (number, alone) == (KILL, False) or not hit
        running, text = run.run("--unlock")
        assert running.returncode == 0, text
    return said(stage, "run", number, alone, hit, printed)


def kill_stage(run, stage, command, number, alone, when):
    """Kills a stage that was started with the command that Snakemake gives the shell."""
    words = shlex.split(command)
    output = run.folder / words[words.index("--output") + 1]
    before = written_at(output)
    running = run.start_stage(command)
    try:
        hit = strike(running, stage, when, number, alone)
        running.wait()
    finally:
        end_all(running)
    hit = hit and written_at(output) == before  # It may just have done its work.
    printed = (run.folder / words[words.index(">") + 1]).read_text()
    if hit:
        alive = 128 + number
        expected = alive if alone or number == TERM else -number
        assert running.returncode == expected, printed
        assert "Traceback" not in printed, printed
        if number == TERM:
            assert printed.count("stopped by SIGTERM") == 1, printed
            assert printed.endswith("; run the same command again\n"), printed
    return said(stage, "stage", number, alone, hit, printed)


def written_at(path):
    return path.stat().st_mtime_ns if path.exists() else None


def said(stage, what, number, alone, hit, printed):
    """A row of the table of kills."""
    resumed = [line for line in printed.splitlines() if "resumes after" in line]
    return {
        "stage": stage,
        "started": what,
        "signal": number.name,
        "sent_to": "the process" if alone else "all",
        "hit": hit,
        "went_on": resumed[0].split("resumes ")[1] if resumed else "",
        "stopped": " ".join(line for line in printed.splitlines() if "stopped by" in line),
    }


def check_jobs(table, killed, calm):
    """Every job was finished once; one that ended before its signal came may not be."""
    missed = set(table.loc[~table["hit"], "stage"])
    found, expected = Counter(finished(killed)), Counter(finished(calm))
    for rule, count in expected.items():
        assert found[rule] == count or (rule in missed and found[rule] < count), (rule, found)


def check_said(table):
    """A training that was killed goes on from its state when it is started again."""
    for stage in TRAINED:
        rows = table[(table["stage"] == stage) & (table["started"] == "stage") & table["hit"]]
        assert (rows["went_on"] != "").sum() >= len(rows) - 1, rows.to_string()
        asked = rows[rows["signal"] == "SIGTERM"]
        assert asked["stopped"].str.contains(" saved;").sum() >= len(asked) - 1, rows.to_string()


def assert_same_results(found, expected):
    """Arrays, weights and predictions byte for byte; the rest less times and memory."""
    exact = ("*.npy", "*.safetensors", "predictions.csv", "clips.csv", "tests.json")
    for pattern in exact:
        paths = results(expected, pattern)
        assert paths, pattern
        assert paths == results(found, pattern)
        for path in paths:
            assert (found / path).read_bytes() == (expected / path).read_bytes(), path
    for path in expected.rglob("curves.csv"):
        curves = [pd.read_csv(top / path.relative_to(expected)) for top in (found, expected)]
        pd.testing.assert_frame_equal(
            *(curve.drop(columns="seconds") for curve in curves), check_exact=True
        )
    for path in expected.rglob("metrics.json"):
        metrics = [
            json.loads((top / path.relative_to(expected)).read_text()) for top in (found, expected)
        ]
        for one in metrics:
            for key in ("cost", "provenance"):
                del one[key]
        assert metrics[0] == metrics[1], path


def results(top, pattern):
    """Files that a run made, less states of trainings that were started after their end."""
    return sorted(
        path.relative_to(top) for path in top.rglob(pattern) if path.parent.name != "state"
    )


def cpu_seconds(run):
    """CPU seconds that a job of each stage takes at most, by its benchmark."""
    spent = {}
    for path in (run.results / "benchmarks").glob("*.tsv"):
        stage = path.stem.split("_")[0]
        cpu_s = float(pd.read_csv(path, sep="\t")["cpu_time"].iloc[0])
        spent[stage] = max(spent.get(stage, 0), cpu_s)
    return spent


def left_running(folder):
    """Processes that are still at work in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder):
                found.append(process.cmdline())
        except psutil.Error:
            continue
    return found
