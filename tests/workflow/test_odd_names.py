"""A whole run of recordings whose folders, files, classes and people have the worst names."""

import json
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from snake import TINY, Run, copy_checkout, rules_of, started
from unit.recordings import write_video

pytestmark = [pytest.mark.workflow, pytest.mark.xdist_group("odd")]
TOUCH = "$(touch pwned) `touch pwned`; touch pwned #"
CLASSES = [
    f"wave {TOUCH}",
    "push \"it\" 'there' <script>alert(1)</script> | &lt; ../../x = $a_{b$ {seed} {{%s}} \\",
    "-sit --output x 💥 座る jeté " + "x" * 215,
]
PEOPLE = ["o'neil; $(touch pwned)", "-r", "Zoë 💥, <b>", "{sensor} \\ 座", "anna"]
STEMS = [
    "a b",
    TOUCH,
    "-rf",
    'q"u\'o"te',
    "{clip}",
    "%03d",
    "..x",
    "座る💥",
    "=1+1",
    "concat:a|b",
    "\\",
    "*?[a]",
]


def odd_name(number, suffix):
    """A file name of each kind; the last ones have 255 bytes."""
    stem = f"{STEMS[number % len(STEMS)]} {number}"
    room = 255 - len(f"{stem}{suffix}".encode()) if number >= 12 else 0
    return f"{stem}{'y' * room}{suffix}"


def write_data(root):
    """A clip of each class and person, and their table."""
    rows = []
    for number in range(len(CLASSES) * len(PEOPLE)):
        action, person = number % len(CLASSES), number // len(CLASSES)
        video, signal = odd_name(number, ".mp4"), f"{TOUCH}/{odd_name(number, '.csv')}"
        write_video(root / "plain.mp4", frames=4 + number % 3).rename(root / video)
        walk = np.random.default_rng(number).standard_normal((30, 2)).cumsum(axis=0)
        (root / TOUCH).mkdir(exist_ok=True)
        np.savetxt(root / signal, walk, delimiter=",")
        rows.append([f"-c.{number}", action, CLASSES[action], PEOPLE[person], video, signal])
    header = ["clip", "action", "action_name", "subject", "video", "watch"]
    table = pd.DataFrame(rows, columns=header)
    table.to_csv(root.parent / f"-{TOUCH}.csv", index=False)
    return table


def odd_config(root):
    config = {key: value for key, value in TINY.items() if key not in ("data", "split", "sensors")}
    return config | {
        "name": "tiny",
        "data": {
            "source": "table",
            "root": root.name,
            "table": f"-{TOUCH}.csv",
            "shards": 2,
        },
        "split": {
            "protocol": "cross_subject",
            "train_subjects": PEOPLE[:3],
            "test_subjects": PEOPLE[3:],
        },
        "sensors": {"watch": {}},
        "semantics": {"vectors": f"-{TOUCH}.txt", "out_of_vocabulary": "skip"},
        "methods": {"none": {"loss": "none"}, "soft_target": {"loss": "soft_target"}},
        "explain": {"per_class": 1},
    }


class Seen(HTMLParser):
    """Tags and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = set(), ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    base = tmp_path_factory.mktemp("odd")
    folder = base / f"run 'é' {TOUCH}"
    root = folder / f'-data "{{clip}}" {TOUCH}'
    root.mkdir(parents=True)
    table = write_data(root)
    words = "".join(f"{word} {n} 1 0.5 {-n}\n" for n, word in enumerate(["wave", "push", "座る"]))
    (folder / f"-{TOUCH}.txt").write_text(words)
    run = Run(copy_checkout(base / "checkout"), folder)
    done = run.snakemake("--cores", "2", config=odd_config(root))
    assert done.returncode == 0, done.stdout[-6000:]
    return Run(run.checkout, folder, done.stdout), table


def test_no_name_reaches_a_shell(odd):
    run, _ = odd
    assert [path for path in run.folder.parent.rglob("*") if path.name == "pwned"] == []
    assert {"frames", "gaf", "teacher", "student", "explain", "report"} <= rules_of(
        started(run.printed)
    )


def test_names_come_through_as_they_are(odd):
    run, table = odd
    clips = pd.read_csv(run.results / "clips.csv", dtype=str)
    for column in ("clip", "action_name", "subject", "video", "watch"):
        assert clips[column].tolist() == table[column].tolist()
    metrics = json.loads((run.results / "evaluate/fusion/seed0/metrics.json").read_text())
    assert [row["name"] for row in metrics["per_class"]] == CLASSES
    predictions = pd.read_csv(run.results / "evaluate/student_none/seed0/predictions.csv")
    assert predictions["clip"].tolist() == table["clip"][-6:].tolist()


def test_report_shows_names_and_runs_none(odd):
    run, _ = odd
    page = (run.results / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    seen = Seen(page)
    assert not seen.tags & {"script", "b", "iframe", "object"}
    for name in (*CLASSES, *PEOPLE):
        assert name in seen.text, name


def test_pictures_and_tables_are_made(odd):
    run, table = odd
    pictures = sorted(path.name for path in (run.results / "explain/pictures").glob("*.png"))
    assert pictures == sorted(f"{clip}.png" for clip in table["clip"][-6:-3])
    lines = (run.results / "compare/table.md").read_text().splitlines()
    assert len({line.count(" | ") for line in lines if line.startswith("| ")}) == 1
    assert len(pd.read_csv(run.results / "compare/table.csv")) == 4
