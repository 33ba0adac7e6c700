"""Bad input as a user meets it: one message, nothing long begun, nothing lost."""

import csv
import json
import re

import pandas as pd
import pytest
from snake import LONG, Run, rules_of, started, tiny

from sakdn.base.cli import run
from sakdn.stages.recordings import main

pytestmark = pytest.mark.workflow


def errors_in(printed):
    """The different messages of a text, each with its indented lines."""
    return set(re.findall(r"^error: .*(?:\n  .*)*", printed, re.MULTILINE))


def files_of(folder):
    """Files that long jobs wrote and their content."""
    short = {"logs", "benchmarks", "clips.csv", "videos.csv", "dropped.csv", "config.yaml"}
    short |= {"weights.json", "videos"}
    return {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in short
    }


def message_of(done, stage):
    """The one message of a run that a stage stopped; it is the last thing on the screen."""
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    jobs = started(done.stdout)
    assert not rules_of(jobs) & set(LONG)
    (message,) = errors_in(done.stdout)
    end = done.stdout[done.stdout.index("Exiting because a job execution failed") :]
    assert f"results/tiny/logs/{stage}.log\n{message}\n" in end
    return message


def refusal_of(whole, config):
    """What a config that is refused before anything starts makes Snakemake print."""
    done = whole.snakemake("--cores", "2", config=config)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert "Building DAG" not in done.stdout
    assert started(done.stdout) == []
    assert done.stdout.count("config: ") == 1
    return done.stdout


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (tiny(studnet={"epochs": 3}), "config: studnet is not a key; did you mean student?"),
        (
            tiny(teacher={"epochs": "ten"}),
            "config: teacher.epochs: found 'ten', expected whole number",
        ),
        (
            tiny(student={"backbone": "resnet18", "weights": "none.pth"}),
            "config: student.weights: none.pth: no such file; correct the path, or give the name",
        ),
    ],
    ids=["misspelt key", "wrong type", "no weights"],
)
def test_config_is_refused_before_anything_starts(whole, config, words):
    assert words in refusal_of(whole, config)


def test_missing_root_stops_before_long_jobs_and_keeps_every_result(spare):
    before = files_of(spare.results)
    assert len(before) > 50
    done = spare.snakemake("--cores", "2", config=tiny(data={"source": "utd_mhad", "root": "gone"}))
    message = message_of(done, "recordings")
    assert message.startswith("error: data.root: gone: no such folder; set it to the folder of the")
    assert "`snakemake download_utd_mhad` gets it" in message
    assert files_of(spare.results) == before


def test_zero_byte_video_stops_the_run(whole, recordings):
    (recordings / "RGB/a1_s1_t1_color.avi").write_bytes(b"")
    fresh = Run(whole.checkout, recordings.parent)
    data = {"source": "utd_mhad", "root": "data", "classes": "data/classes.txt"}
    message = message_of(fresh.snakemake("--cores", "2", config=tiny(data=data)), "recordings")
    assert "1 of 72 files cannot be used" in message
    assert "data/RGB/a1_s1_t1_color.avi: is empty (0 bytes)" in message
    assert "copy it again" in message


def own_table(whole, recordings, **cells):
    """The run's clips as somebody's own table; `cells` are changes of the last row."""
    with (whole.results / "clips.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[-1] |= cells
    path = recordings.parent / "mine.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [name for name in rows[0] if name != "split"], "", "ignore")
        writer.writeheader()
        writer.writerows(rows)
    return {"source": "table", "root": str(recordings), "table": str(path)}


def test_two_rows_with_one_id_stop_the_run(whole, recordings):
    data = own_table(whole, recordings, clip="a1_s1_t1")
    fresh = Run(whole.checkout, recordings.parent)
    message = message_of(fresh.snakemake("--cores", "2", config=tiny(data=data)), "recordings")
    assert "mine.csv: row 25, column clip: found 'a1_s1_t1'" in message
    assert "expected an id that no other row has; correct that cell" in message


def run_recordings(data, folder, capsys):
    """The stage's command, in this process; what it prints on standard error."""
    config = tiny(data=data)
    words = ["--options", json.dumps({key: config[key] for key in ("data", "sensors")})]
    with pytest.raises(SystemExit) as ended:
        run(lambda: main([*words, "--videos", str(folder / "videos.csv")]))
    return ended.value.code, capsys.readouterr().err


def test_good_recordings_and_tables_pass(whole, recordings, capsys):
    data = {"source": "utd_mhad", "root": str(recordings)}
    data["classes"] = str(recordings / "classes.txt")
    for options in (data, own_table(whole, recordings)):
        assert run_recordings(options, recordings.parent, capsys)[0] == 0
        made = pd.read_csv(recordings.parent / "videos.csv")
        assert list(made["clip"]) == list(pd.read_csv(whole.results / "videos.csv")["clip"])


def empty(root):
    for path in root.rglob("*"):
        if path.is_file():
            path.unlink()


def without(pattern):
    def spoil(root):
        for path in root.glob(pattern):
            path.unlink()

    return spoil


def rewritten(name, change):
    def spoil(root):
        (root / name).write_bytes(change((root / name).read_bytes()))

    return spoil


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (empty, ["data.video: nothing in", "the folder is empty", "data.root"]),
        (
            without("Inertial/a1_s2_t1*"),
            ["a1_s2_t1_color.avi is there but Inertial/a1_s2_t1_inertial.mat is not", "add the"],
        ),
        (
            without("RGB/a1_s2_t1*"),
            ["a1_s2_t1_inertial.mat is there but RGB/a1_s2_t1_color.avi is not", "add the"],
        ),
        (
            rewritten("RGB/a2_s1_t1_color.avi", lambda content: b""),
            ["RGB/a2_s1_t1_color.avi: is empty (0 bytes)", "copy it again"],
        ),
        (
            rewritten("RGB/a2_s1_t1_color.avi", lambda content: b"To do: record this.\n" * 99),
            ["RGB/a2_s1_t1_color.avi: not a video that can be opened", "copy it again"],
        ),
        (
            rewritten("Inertial/a2_s1_t1_inertial.mat", lambda content: content[:-100]),
            ["Inertial/a2_s1_t1_inertial.mat: truncated", "copy it again"],
        ),
        (without("*/a2_*"), ["classes.txt: no clip of action 2", "labels would have gaps", "add"]),
    ],
    ids=[
        "empty folder",
        "video without signal",
        "signal without video",
        "zero-byte video",
        "text named avi",
        "truncated mat",
        "label gap",
    ],
)
def test_spoilt_recordings(recordings, capsys, spoil, words):
    classes = recordings.parent / "classes.txt"
    classes.write_bytes((recordings / "classes.txt").read_bytes())
    spoil(recordings)
    (recordings.parent / "videos.csv").write_text("of an earlier run")
    data = {"source": "utd_mhad", "root": str(recordings), "classes": str(classes)}
    code, printed = run_recordings(data, recordings.parent, capsys)
    assert code == 1
    (message,) = errors_in(printed)
    assert [word for word in words if word not in printed] == []
    assert message in printed
    assert "Traceback" not in printed
    assert (recordings.parent / "videos.csv").read_text() == "of an earlier run"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"clip": "a1_s1_t1"}, ["row 25, column clip: found 'a1_s1_t1'", "correct that cell"]),
        (
            {"action": "7", "action_name": "sit"},
            ["column action: no clip has label 3, 4, 5, 6", "without gaps"],
        ),
    ],
    ids=["two rows with one id", "label gap"],
)
def test_spoilt_tables(whole, recordings, capsys, cells, words):
    data = own_table(whole, recordings, **cells)
    code, printed = run_recordings(data, recordings.parent, capsys)
    assert code == 1
    assert [word for word in ("mine.csv", *words) if word not in printed] == []
    assert len(errors_in(printed)) == 1
    assert "Traceback" not in printed


def test_weights_that_do_not_fit_are_refused_before_anything_starts(whole):
    (whole.folder / "damaged.pth").write_bytes(b"truncated")
    config = tiny(student={"backbone": "resnet18", "weights": "damaged.pth"})
    assert "config: student.weights: damaged.pth: not readable as weights" in refusal_of(
        whole, config
    )


def test_a_network_without_levels_is_refused_before_anything_starts(whole):
    config = tiny(student={"backbone": "timm/vit_tiny_patch16_224"})
    assert "config: student.backbone: found timm/vit_tiny_patch16_224, whose maps all have" in (
        refusal_of(whole, config)
    )
