"""Many clips: how long the DAG takes to build, and how much memory the stages take."""

import csv
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from snake import REPO, Run, started, tiny

from sakdn.teachers.gaf.course import PARTS, course_path

FEW, MANY = 500, 3_500
GROWTH_MB = 0.0053 * (MANY - FEW)  # A small image a clip would be more.
SENSORS = ("phone", "watch", "gyroscope", "orientation")
IMAGE_PX = 48
# Not getrusage, whose figure a process inherits from its parent.
STATUS = Path("/proc/self/status")
# What a memory map keeps at most would be growth until it is reached: here it is reached at once.
PEAK_OF_MAIN = f"""
import importlib, pathlib, re, sys
from sakdn.base import npy_file
npy_file.KEEP_BYTES = 2**20
importlib.import_module(sys.argv[1]).main(sys.argv[2:])
print(re.search(r"VmHWM:\\s*(\\d+) kB", pathlib.Path("{STATUS}").read_text())[1])
"""


def write_table(path, clips, sensors, action=lambda row: row % 36):
    """A clips table of 20 subjects; every clip has files of its own."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["clip", "action", "action_name", "subject", "video", *sensors])
        for row in range(clips):
            label = action(row)
            files = [f"{sensor}/{row}.npy" for sensor in sensors]
            clip = f"subject{row % 20}_clip{row:06d}"
            writer.writerow([clip, label, f"action {label}", row % 20, f"video/{row}", *files])
    return path


def split():
    subjects = list(range(20))
    return {
        "protocol": "cross_subject",
        "train_subjects": subjects[:16],
        "test_subjects": subjects[16:],
    }


def cost_of_plan(folder, clips):
    """CPU seconds of a dry-run with so many clips; its jobs do not depend on their number."""
    folder.mkdir()
    table = write_table(folder / "mine.csv", clips, SENSORS)
    data = {"source": "table", "root": str(folder), "table": str(table), "shards": 80}
    config = tiny(data=data, split=split(), seeds=[0, 1, 2])
    config["sensors"] = {name: {"columns": [0, 1, 2], "rate_hz": 100} for name in SENSORS}
    words = ["-n", "--quiet", "host"]
    done = Run(REPO, folder).snakemake(*words, config=config, python=sys.executable)
    assert done.returncode == 0, done.stdout[-3000:]
    assert sum(job.startswith("frames ") for job in started(done.stdout)) == 80
    return done.cpu_s


def test_the_plan_of_37_000_clips_costs_no_more_than_four_of_740(tmp_path):
    few_s, many_s = (cost_of_plan(tmp_path / str(clips), clips) for clips in (740, 37_000))
    assert many_s < 4 * few_s


def write_recordings(folder, clips):
    """So many small folders of images and signals; they are links to one, but it does not show."""
    (folder / "video").mkdir(parents=True)
    (folder / "watch").mkdir()
    (folder / "one").mkdir()
    for frame in range(2):
        Image.fromarray(np.full((8, 8), frame, np.uint8)).save(folder / f"one/{frame}.pgm")
    np.save(folder / "one.npy", np.random.default_rng(0).standard_normal((20, 1)))
    for row in range(clips):
        os.symlink(folder / "one", folder / f"video/{row}")
        os.link(folder / "one.npy", folder / f"watch/{row}.npy")
    write_table(folder / "mine.csv", clips, ["watch"])
    data = {"source": "table", "root": str(folder), "table": str(folder / "mine.csv"), "shards": 1}
    return {"data": data, "split": split(), "sensors": {"watch": {}}}


def peak_mb(module, **named):
    """Largest memory of a stage's process."""
    words = [module]
    for name, value in named.items():
        words += [f"--{name}", json.dumps(value) if isinstance(value, dict) else str(value)]
    environment = os.environ | {"PYTHONPATH": str(REPO / "src"), "OMP_NUM_THREADS": "1"}
    environment["NUMBA_DISABLE_JIT"] = "1"
    done = subprocess.run(
        [sys.executable, "-c", PEAK_OF_MAIN, *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout.split()[-1]) / 1024


def peaks_of_data_stages(folder, clips):
    options = write_recordings(folder, clips)
    table, videos = folder / "clips.csv", folder / "videos.csv"
    gaf = {"field": "summation", "scaling": "clip", "image_size_px": 32}
    images, frames = folder / "watch.npy", folder / "0.npy"
    found = {"recordings": peak_mb("sakdn.stages.recordings", options=options, videos=videos)}
    found["clips"] = peak_mb("sakdn.stages.clips", options=options, output=table, videos=videos)
    found["gaf"] = peak_mb(
        "sakdn.stages.gaf",
        clips=table,
        root=folder,
        sensor="watch",
        options=gaf,
        output=images,
        index=images.with_suffix(".json"),
    )
    found["frames"] = peak_mb(
        "sakdn.stages.frames",
        videos=videos,
        shard=0,
        options={"short_side_px": 8, "color": "grey"},
        output=frames,
        index=frames.with_suffix(".csv"),
    )
    return found


def write_teacher(folder):
    """A teacher with random weights, and class vectors."""
    import torch

    from sakdn.teachers.about import StreamAbout, TeacherPlan
    from sakdn.teachers.load import build_teacher
    from sakdn.training.loop import Fit
    from sakdn.training.saved import save_model

    size = {"image_size_px": IMAGE_PX, "semantic_dim": 4, "n_classes": 36}
    network = StreamAbout(width=2, in_channels=3, **size)
    names = [f"action {label}" for label in range(36)]
    about = TeacherPlan(
        kind="teacher",
        sensors=["watch"],
        networks=[network],
        classes=names,
        seed=0,
        options={},
        precision="fp32",
    )
    row = {"epoch": 1, "train_loss": 1.0, "val_loss": 1.0, "val_accuracy": 0.5}
    cost = {"wall_s": 1.0, "cpu_s": 1.0, "peak_memory_mb": 1.0}
    state = build_teacher([network]).state_dict()
    save_model(folder / "teacher.json", about, Fit(state, 0, [row], cost), torch.device("cpu"))
    vectors = np.random.default_rng(0).standard_normal((36, 4)).tolist()
    (folder / "semantics.json").write_text(json.dumps({"names": names, "vectors": vectors}))


def peak_of_knowledge(folder, clips, teacher):
    folder.mkdir()
    table = write_table(folder / "clips.csv", clips, ["watch"])
    lines = table.read_text().splitlines()
    sides = ["split", "test", "val", *["train"] * (clips - 2)]
    table.write_text("\n".join(f"{line},{side}" for line, side in zip(lines, sides)))
    images = np.lib.format.open_memmap(
        folder / "watch.npy", "w+", np.uint8, (clips, 1, 3, IMAGE_PX, IMAGE_PX)
    )
    images[:, :, :, 0] = 255
    index = {"clips": [line.split(",")[0] for line in lines[1:]], "missing": [], "options": {}}
    index["windows"] = [[[0.0, 1.0]]] * clips
    (folder / "watch.json").write_text(json.dumps(index))
    np.save(course_path(folder / "watch.npy"), np.zeros((clips, PARTS, 6), np.float32))
    return peak_mb(
        "sakdn.stages.knowledge",
        clips=table,
        gaf=folder / "watch.npy",
        models=teacher / "teacher.json",
        semantics=teacher / "semantics.json",
        options={"map_sizes_px": [8, 4, 4, 2, 2], "batch_size": 128},
        output=folder / "knowledge/index.json",
    )


@pytest.fixture(scope="module")
def peaks(tmp_path_factory):
    """Peak memory in MB by stage, with few clips and with many."""
    folder = tmp_path_factory.mktemp("scale")
    write_teacher(folder)
    with ThreadPoolExecutor(2) as pool:
        data = [
            pool.submit(peaks_of_data_stages, folder / f"data{clips}", clips)
            for clips in (FEW, MANY)
        ]
        knowledge = [
            pool.submit(peak_of_knowledge, folder / f"knowledge{clips}", clips, folder)
            for clips in (FEW, MANY)
        ]
        few, many = (each.result() for each in data)
        few["knowledge"], many["knowledge"] = (each.result() for each in knowledge)
    for stage in few:
        print(f"{stage}: {few[stage]:.0f} MB at {FEW} clips, {many[stage]:.0f} MB at {MANY}")
    return few, many


@pytest.mark.skipif(not STATUS.exists(), reason=f"{STATUS} is absent")
@pytest.mark.parametrize("stage", ["recordings", "clips", "gaf", "frames", "knowledge"])
def test_memory_does_not_grow_with_the_number_of_clips(peaks, stage):
    few, many = peaks
    assert many[stage] - few[stage] < GROWTH_MB
