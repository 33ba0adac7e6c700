"""Recordings of one's own, of which only some have a label, and labels on signals alone."""

import json

import numpy as np
import pandas as pd
import pytest
from snake import TINY, Run, copy_checkout
from unit.recordings import write_video

pytestmark = pytest.mark.workflow
METHODS = {name: {"loss": name} for name in ("none", "self_training", "soft_target", "sakdn")}
SECOND = {"loss": "soft_target", "second_opinion": True}


def write_recordings(root):
    """Four people do two things three times; nobody said what they did the third time."""
    rows = []
    for number in range(24):
        who, what, trial = number // 6, number % 2, number // 2 % 3
        clip = f"p{who}_{what}_{trial}"
        write_video(root / f"{clip}.mp4", frames=5 + what)
        walk = np.random.default_rng(number).standard_normal((40, 3)).cumsum(axis=0)
        np.savetxt(root / f"{clip}.csv", walk, delimiter=",", header="x,y,z", comments="")
        label = ["", ""] if trial == 2 else [what, ["wave", "jump"][what]]
        rows.append([clip, *label, f"p{who}", trial, f"{clip}.mp4", f"{clip}.csv"])
    header = ["clip", "action", "action_name", "subject", "trial", "video", "watch"]
    pd.DataFrame(rows, columns=header).to_csv(root / "clips.csv", index=False)


def test_a_table_with_few_labels_runs_to_its_report(tmp_path):
    (tmp_path / "data").mkdir()
    write_recordings(tmp_path / "data")
    config = {key: value for key, value in TINY.items() if key not in ("data", "split", "sensors")}
    data = {"source": "table", "root": str(tmp_path / "data"), "shards": 1}
    config |= {
        "data": data | {"table": str(tmp_path / "data/clips.csv")},
        "split": {
            "protocol": "cross_subject",
            "train_subjects": ["p0", "p1", "p2"],
            "test_subjects": ["p3"],
        },
        "sensors": {"watch": {"rate_hz": 20}},
        "methods": METHODS | {"second": SECOND},
    }
    run = Run(copy_checkout(tmp_path / "checkout"), tmp_path / "run")
    run.folder.mkdir()
    done = run.snakemake("--cores", "2", config=config)
    assert done.returncode == 0, done.stdout[-6000:]
    told = json.loads((run.results / "knowledge/fusion/seed0/index.json").read_text())["clips"]
    assert {"p0_0_2", "p1_1_2"} < set(told)
    tested = json.loads((run.results / "evaluate/student_sakdn/seed0/metrics.json").read_text())
    assert tested["clips"] == 4
    page = (run.results / "report.html").read_text()
    assert "Few labels: 10 of 16 training clips have one, 10 of 16 training videos." in page
    assert "2 val or test clips have no label and are not used" in page
    longer = {"methods": config["methods"] | {"none": {"loss": "none", "epochs": 2}}}
    trained = {job for job in run.planned(config | longer) if job.startswith("student ")}
    assert trained == {f"student method={name}, seed=0" for name in ("none", "second")}
    alone = config | {"methods": {"soft_target": METHODS["soft_target"]}}
    alone["split"] = config["split"] | {"labelled": {"trials": [0], "video": False}}
    done = run.snakemake("--cores", "2", config=alone)
    assert done.returncode == 0, done.stdout[-6000:]
    page = (run.results / "report.html").read_text()
    assert "0 of 10 training videos. The student alone has nothing to learn from" in page
    for key, name in (("self_training", "self_training"), ("second.second_opinion", "second")):
        asking = {"methods": {name: config["methods"][name]}}
        refused = run.snakemake("-n", config=alone | asking)
        assert refused.returncode != 0
        assert f"methods.{key}: asks a student for its own answers" in refused.stdout
    hint = {"methods": {"hint": {"loss": "hint", "second_opinion": True}}}
    refused = run.snakemake("-n", config=config | hint)
    assert "methods.hint.second_opinion: found true with loss hint" in refused.stdout
