"""The Python interface, and the notebook that shows it, on a run of tiny networks."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from recordings import write_video
from tiny_run import CPU, NAMES, SENSORS, make_run, save_fusion, save_teacher
from tiny_student import write_student

import sakdn
from sakdn.base.errors import InputError
from sakdn.commands.predict import predict_video
from sakdn.commands.sliding import WindowLength
from sakdn.students.load import open_student
from sakdn.teachers.about import images_about
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.task import SignalBatches, signal_logits

NOTEBOOK = Path(__file__).parents[3] / "examples/predict_and_explain.ipynb"
OPTIONS = {"field": "summation", "image_size_px": 32}


def write_signals(run, table):
    """A signal a clip and sensor, of two axes and a time stamp, and the images made of them."""
    from sakdn.stages.gaf import main as gaf

    columns = {"columns": ["x", "y", "z"], "rate_hz": 50}
    for place, clip in enumerate(table["clip"]):
        for sensor in SENSORS:
            values = np.random.default_rng([place, len(sensor)]).normal(size=(60, 3)).cumsum(0)
            rows = [",".join(f"{value:.4f}" for value in row) for row in values]
            (run / f"data/{sensor}_{clip}.csv").write_text("\n".join(["x,y,z", *rows]))
    for sensor in SENSORS:
        words = {
            "clips": run / "clips.csv",
            "root": run / "data",
            "sensor": sensor,
            "options": json.dumps(OPTIONS | {"signal": columns}),
            "output": run / f"gaf/{sensor}.npy",
            "index": run / f"gaf/{sensor}.json",
        }
        gaf([f"--{name}={value}" for name, value in words.items()])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a finished run, as far as `explain` and the interface look at it."""
    root = tmp_path_factory.mktemp("run")
    for folder in ("data", "gaf", "frames"):
        (root / folder).mkdir()
    made = make_run(root)
    for kind in ("npy", "csv"):
        (root / f"0.{kind}").rename(root / f"frames/0.{kind}")
    table = made.table.assign(video="v.mp4")
    for sensor in SENSORS:
        table[sensor] = [f"{sensor}_{clip}.csv" for clip in table["clip"]]
    table.to_csv(root / "clips.csv", index=False)
    write_video(root / "data/v.mp4", frames=19, noise=True)
    write_signals(root, table)
    stored = [GafImages(root / f"gaf/{name}.npy", table["clip"]) for name in SENSORS]
    images = [images_about(each.index).model_dump() for each in stored]
    write_student(root / "student/sakdn/seed0")
    save_fusion(root / "fusion/seed0/model.json", images=images)
    for name, made_so in zip(SENSORS, images):
        save_teacher(root / f"teacher/{name}/seed0/model.json", name, images=[made_so])
    sensor = {"columns": ["x", "y", "z"], "rate_hz": 50}
    config = {"name": "tiny", "seeds": [0], "data": {"source": "table", "root": str(root / "data")}}
    config["sensors"] = dict.fromkeys(SENSORS, sensor)
    (root / "config.yaml").write_text(yaml.safe_dump(config))
    said = table[table["split"] == "test"][["clip", "action"]].assign(predicted=0, p_0=0.6)
    folder = root / "evaluate/student_sakdn/seed0"
    folder.mkdir(parents=True)
    said.assign(p_1=0.2, p_2=0.2).to_csv(folder / "predictions.csv", index=False)
    return root


def test_the_import_is_light():
    script = "import sys, sakdn; print(sorted({'torch', 'numpy', 'pandas'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "[]\n"
    assert set(sakdn.__all__) <= {name for name in sakdn.__all__ if hasattr(sakdn, name)}
    with pytest.raises(AttributeError, match="no attribute 'load_teechur'"):
        _ = sakdn.load_teechur


def test_a_student_says_what_the_command_says(run):
    student = sakdn.load_student(run / "student/sakdn/seed0")
    answer = student.predict(run / "data/v.mp4")
    module, about = open_student(run / "student/sakdn/seed0")
    path = run / "data/v.mp4"
    expected = predict_video(module, about, WindowLength(), CPU, "fp32", path).whole
    assert sorted(answer.probabilities) == sorted(student.classes) == sorted(NAMES)
    assert list(answer.probabilities.values()) == pytest.approx(sorted(expected, reverse=True))
    assert answer.action_name == NAMES[int(expected.argmax())]
    assert [window.start_s for window in answer.windows] == [0.0]
    assert len(student.predict(path, window_s=0.5).windows) > 2


def test_teachers_say_what_they_say_of_the_run_s_images(run):
    table = pd.read_csv(run / "clips.csv")
    rows = [3, 20]
    stored = [GafImages(run / f"gaf/{name}.npy", table["clip"]) for name in SENSORS]
    fused = sakdn.load_teacher(run / "fusion/seed0")
    source = SignalBatches(stored, table["action"].to_numpy(), torch.device("cpu"))
    expected = signal_logits(fused.module, source, np.array(rows), 2).softmax(1)
    for row, shares in zip(rows, expected):
        answer = fused.predict({name: run / "data" / table[name][row] for name in SENSORS})
        found = [answer.probabilities[name] for name in NAMES]
        assert found == pytest.approx(shares.tolist(), abs=1e-5)
    alone = sakdn.load_teacher(run / "teacher/gyroscope/seed0")
    assert alone.sensors == ["gyroscope"]
    path = run / "data" / table["gyroscope"][3]
    assert alone.predict(path) == alone.predict({"gyroscope": path})
    assert fused.predict({"gyroscope": path}).probability < 1


def test_what_cannot_be_answered(run, tmp_path):
    fused = sakdn.load_teacher(run / "fusion/seed0")
    with pytest.raises(InputError, match="found one signal, expected one of each sensor"):
        fused.predict("a.csv")
    with pytest.raises(InputError, match="found shoe signal, expected some of accelerometer, gyr"):
        fused.predict({"shoe": "a.csv"})
    with pytest.raises(InputError, match=r"holds 2 teachers, expected one; name .*teacher/acc"):
        sakdn.load_teacher(run)
    save_teacher(tmp_path / "model.json", "gyroscope")
    with pytest.raises(InputError, match="does not say how images were made"):
        sakdn.load_teacher(tmp_path)


def test_the_notebook_runs(run, monkeypatch, capsys):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    monkeypatch.setenv("SAKDN_RUN", str(run))
    names = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            exec(compile(cell.source, f"{NOTEBOOK.name}: {cell.id}", "exec"), names)
    printed = capsys.readouterr().out
    assert "the student says" in printed
    assert "gyroscope" in printed or "accelerometer" in printed
    assert names["reasons"][0]["picture"].stat().st_size > 1000
