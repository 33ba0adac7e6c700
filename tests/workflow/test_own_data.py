"""Anybody's own recordings: the walk-through of the docs, literally, and a mixture of formats."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image
from scipy.io import savemat
from served.session import served_python
from snake import REPO, TINY, Run, copy_checkout
from unit.recordings import write_video

pytestmark = pytest.mark.workflow
PAGE = (REPO / "docs/own_data.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?:^File `([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
AXES = {"belt": 1, "shoes": 4, "watch": 2}
ALONE = ("ann0", "ben1")
SMALLER = {
    r"epochs: \d+": "epochs: 1",
    r"seeds: \[.*\]": "seeds: [0]",
    r"width: 16": "width: 4",
    r"size_px: 64": "size_px: 32",
    r"short_side_px: 73": "short_side_px: 36",
}


def write_signals(path, number, axes, rows=40):
    """A walk of some axes; samples at 50 Hz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return np.random.default_rng([number]).standard_normal((rows, axes)).cumsum(axis=0)


def write_two_folders(root, people, actions, trials):
    """The files of the page's first section."""
    names = [f"{who}_{what}_{n + 1}" for who in people for what in actions for n in range(trials)]
    for number, name in enumerate(names):
        write_video(root / f"videos/{name}.mp4", frames=5, grey=4 * number)
        path = root / f"signals/{name}.csv"
        values = write_signals(path, number, axes=3)
        rows = [f"{0.02 * i:.2f},{x:.4f},{y:.4f},{z:.4f}" for i, (x, y, z) in enumerate(values)]
        path.write_text("\n".join(["t,x,y,z", *rows]) + "\n")
    return names


def in_shell(commands, folder):
    """Runs a block of the page as typed, with the commands of this environment, served."""
    folders = [Path(served_python()).parent, Path(sys.executable).parent]
    path = os.pathsep.join([*map(str, folders), os.environ["PATH"]])
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.xdist_group("walk")
def test_walk_through_as_written(tmp_path):
    checkout = copy_checkout(tmp_path / "checkout")
    people = [*re.findall(r"\w+", re.search(r"train_subjects: \[(.*)\]", PAGE)[1]), "emma"]
    names = write_two_folders(checkout / "data/mine", people, ["wave", "sit-down"], trials=2)
    printed = ""
    for file, language, content in BLOCK.findall(PAGE):
        if file:
            for large, small in SMALLER.items():
                content = re.sub(large, small, content)
            (checkout / file).write_text(content)
        else:
            assert language == "sh", f"a block of {language} without a file's name"
            done = in_shell(content, checkout)
            assert done.returncode == 0, f"{content}\n{done.stdout[-6000:]}"
            printed += done.stdout
    assert "anna_sit-down_1,0,sit down,anna,1,videos/anna_sit-down_1.mp4" in printed
    before, _, after = printed.partition("results/mine/check/problems.csv: ")
    assert re.search(r"^teacher .*seed=0.*\(threads=", before, re.MULTILINE)  # The list of jobs.
    assert " done " not in before.partition("start Read every file")[0]
    assert "0 problems" in after or "warning" in after
    assert len(re.findall(r" done (\d+)/\1 in ", printed)) == 2
    assert printed.rstrip().endswith("results/mine/report.html")
    clips = pd.read_csv(checkout / "results/mine/clips.csv")
    assert sorted(clips["clip"]) == sorted(names)
    assert set(clips.loc[clips["split"] == "test", "subject"]) == {"emma"}
    assert (checkout / "results/mine/student/sakdn/seed0/model.safetensors").stat().st_size
    report = (checkout / "results/mine/report.html").read_text()
    assert "SAKDN" in report
    assert "sit down" in report


def test_files_that_the_page_names_are_there():
    for path in re.findall(r"`((?:config|docs|resources)/[\w./-]+)`", PAGE):
        assert path == "config/mine.yaml" or (REPO / path).exists(), path
    custom = (REPO / "config/custom.yaml").read_text().replace("custom", "mine")
    mine = next(content for file, _, content in BLOCK.findall(PAGE) if file == "config/mine.yaml")
    assert yaml.safe_load(mine) == yaml.safe_load(custom)


def write_long_recordings(root):
    """Of each of three people one video and one signal, four spans of them, and ready images.

    Two training rows lack the video, one the image.
    """
    rows = []
    for number, who in enumerate(("ann", "ben", "cy")):
        write_video(root / f"{who}.mp4", frames=75 + number)
        stamps = 500 + 0.02 * np.arange(260)[:, None]
        values = np.hstack([stamps, write_signals(root / who, number, 3, rows=260)])
        np.savetxt(root / f"{who}.csv", values, delimiter=",", header="t,x,y,z", comments="")
        for part in range(4):
            clip = f"{who}{part}"
            pixels = np.random.default_rng([number, part]).integers(0, 255, (40, 40, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(root / f"{clip}.png")
            video = "" if clip in ALONE else f"{who}.mp4"
            image = "" if clip == "ann1" else f"{clip}.png"
            span = [1.2 * part, 1.2 * part + 1.1]
            about = [clip, part % 2, ["wave", "jump"][part % 2], who, *span, video]
            rows.append([*about, f"{who}.csv", image])
    header = ["clip", "action", "action_name", "subject", "start_s", "end_s", "video"]
    table = pd.DataFrame(rows, columns=[*header, "watch", "belt"])
    table.to_csv(root / "clips.csv", index=False)


@pytest.mark.xdist_group("spans")
def test_spans_signals_alone_and_ready_images(tmp_path):
    (tmp_path / "data").mkdir()
    write_long_recordings(tmp_path / "data")
    config = {key: value for key, value in TINY.items() if key not in ("data", "split", "sensors")}
    config["gaf"] = {key: value for key, value in TINY["gaf"].items() if key != "windows"}
    config |= {
        "data": {
            "source": "table",
            "root": str(tmp_path / "data"),
            "table": str(tmp_path / "data/clips.csv"),
            "shards": 2,
        },
        "split": {
            "protocol": "cross_subject",
            "train_subjects": ["ann", "ben"],
            "test_subjects": ["cy"],
        },
        "sensors": {
            "watch": {"columns": ["x", "y", "z"], "time_column": "t", "rate_hz": 50},
            "belt": {"images": True},
        },
        "methods": {"none": {"loss": "none"}, "sakdn": {"loss": "sakdn"}},
    }
    run = Run(copy_checkout(tmp_path / "checkout"), tmp_path / "run")
    run.folder.mkdir()
    done = run.snakemake("--cores", "2", config=config)
    assert done.returncode == 0, done.stdout[-6000:]
    frames = pd.concat([pd.read_csv(path) for path in sorted(run.results.glob("frames/*.csv"))])
    assert frames.set_index("clip")["frames"].between(16, 17).all()
    assert not set(frames["clip"]) & set(ALONE)
    assert len(frames) == 12 - len(ALONE)
    watch, belt = (np.load(run.results / f"gaf/{name}.npy") for name in ("watch", "belt"))
    assert (watch.shape, belt.shape) == ((12, 1, 6, 32, 32), (12, 1, 3, 32, 32))
    assert watch.any(axis=(1, 2, 3, 4)).all()
    assert belt.any(axis=(1, 2, 3, 4)).tolist() == [n != 1 for n in range(12)]
    report = (run.results / "report.html").read_text()
    assert "Clips without a video: 2 of 12" in report


def write_mixture(root):
    """Twelve clips, each of another kind of file; sensors of one, two and four axes."""
    rows = []
    for number in range(12):
        video = ["v{}.mp4", "v{}.avi", "v{}.mov", "v{}"][number % 4].format(number)
        if "." in video:
            write_video(root / video, frames=5 + number)
        else:
            (root / video).mkdir(parents=True)
            for index in range(6):
                image = Image.new("RGB", (40, 30), (40 * index, 9, 9))
                image.save(root / video / f"frame {index}.png")
        belt, shoes, watch = (root / f"{name}{number}" for name in ("belt", "shoes", "watch"))
        np.save(belt.with_suffix(".npy"), write_signals(belt, number, 1, rows=25)[:, 0])
        savemat(shoes.with_suffix(".mat"), {"left": write_signals(shoes, number, 4, rows=90)})
        stamps = 1000 + 10 * np.arange(50)[:, None]
        table = np.hstack([stamps, write_signals(watch, number, 2, rows=50)])
        np.savetxt(watch.with_suffix(".txt"), table, delimiter="\t", header="ms a b", comments="")
        about = [f"c{number}", number % 2, ["wave", "jump"][number % 2], f"p{number // 4}", video]
        worn = f"{belt.name}.npy" if number != 5 else ""
        rows.append([*about, worn, f"{shoes.name}.mat", f"{watch.name}.txt"])
    header = ["clip", "action", "action_name", "subject", "video", "belt", "shoes", "watch"]
    pd.DataFrame(rows, columns=header).to_csv(root / "clips.csv", index=False)


@pytest.mark.xdist_group("mixture")
def test_a_mixture_of_formats_axes_and_rates(tmp_path):
    write_mixture(tmp_path / "data")
    config = {key: value for key, value in TINY.items() if key not in ("data", "split", "sensors")}
    config |= {
        "data": {
            "source": "table",
            "root": str(tmp_path / "data"),
            "table": str(tmp_path / "data/clips.csv"),
            "shards": 1,
        },
        "split": {
            "protocol": "cross_subject",
            "train_subjects": ["p0", "p1"],
            "test_subjects": ["p2"],
        },
        "sensors": {
            "belt": {"rate_hz": 12.5},
            "shoes": {"variable": "left", "columns": [3, 0, 1, 2]},
            "watch": {"columns": ["b", "a"], "time_column": "ms", "time_format": "ms"},
        },
        "methods": {"none": {"loss": "none"}},
    }
    run = Run(copy_checkout(tmp_path / "checkout"), tmp_path / "run")
    run.folder.mkdir()
    done = run.snakemake("--cores", "2", config=config)
    assert done.returncode == 0, done.stdout[-6000:]
    shapes = {
        name: np.load(run.results / f"gaf/{name}.npy", mmap_mode="r").shape
        for name in config["sensors"]
    }
    assert shapes == {name: (12, 1, 2 * axes, 32, 32) for name, axes in AXES.items()}
    frames = pd.read_csv(run.results / "frames/0.csv")
    assert frames["frames"].tolist() == [6 if n % 4 == 3 else 5 + n for n in range(12)]
    assert (run.results / "report.html").stat().st_size
