"""Threads declared are threads used, also where nothing limits BLAS or OpenMP from outside.

They are counted by what each did beside the others, which is the same on a busy machine.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest
from unit.recordings import SENSORS, write_data_set, write_video
from unit.tiny_run import make_run

import sakdn

SOURCE = Path(sakdn.__file__).parents[1]
LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GOTO_NUM_THREADS")
WINDOW_S, POLL_S = 0.5, 0.1
EMPTY_BOX = b"\0\0\0\x08free"  # Of an MP4 file.
TOLERANCE = 0.5  # a thread that reads beside the one that computes; a second BLAS thread adds 1


def thread_seconds(process):
    """CPU seconds that each thread of a process and of those that it started has used so far."""
    used = {}
    for each in [process, *process.children(recursive=True)]:
        try:
            used |= {(each.pid, one.id): one.user_time + one.system_time for one in each.threads()}
        except psutil.Error:
            continue
    return used


def busiest(*words):
    """Threads that a stage kept busy, in the half CPU seconds in which they were most.

    As many as if each had done as much as the busiest one: 1 where one did everything. The one
    half second in which work may pass from a process to those that it starts does not count.
    """
    env = {key: value for key, value in os.environ.items() if key not in LIMITS}
    command = [sys.executable, "-m", *map(str, words)]
    stage = subprocess.Popen(command, env=env | {"PYTHONPATH": str(SOURCE)}, stderr=subprocess.PIPE)
    process, busy, before = psutil.Process(stage.pid), [], Counter()
    while stage.poll() is None:
        time.sleep(POLL_S)
        try:
            now = Counter(thread_seconds(process))
        except psutil.Error:
            break
        spent = now - before
        if spent.total() >= WINDOW_S:
            busy.append(spent.total() / max(spent.values()))
            before = now
    assert stage.wait() == 0, stage.stderr.read().decode()[-2000:]
    assert len(busy) > 4
    return sorted(busy)[-2]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("load"))


def trains(run, stage, **options):
    words = [f"sakdn.stages.{stage}", "--clips", run.clips, "--semantics", run.semantics]
    words += ["--options", json.dumps(options | {"batch_size": 6, "lr": 1e-3})]
    words += ["--state", run.root / f"{stage}.state", "--threads", 1]
    return busiest(*words, "--output", run.root / stage / "model.json", *INPUTS[stage](run))


INPUTS = {
    "teacher": lambda run: ["--gaf", run.gaf[0]],
    "student": lambda run: [
        "--frames",
        *run.frames,
        "--name",
        "none",
        "--method",
        '{"loss":"none"}',
    ],
}


def test_teacher(run):
    assert trains(run, "teacher", epochs=20, width=32) <= 1 + TOLERANCE


def test_student(run):
    options = {"epochs": 60, "width": 16, "size_px": 16, "segments": 2}
    assert trains(run, "student", **options) <= 1 + TOLERANCE


def test_frames(tmp_path):
    rows = ""
    whole = write_video(tmp_path / "0.mp4", frames=240, noise=True, width=320, height=240)
    for number in range(4):  # Unlike each other, or the first would be stored four times.
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(whole.read_bytes() + EMPTY_BOX * number)
        rows += f"clip{number},{path},0\n"
    (tmp_path / "videos.csv").write_text(f"clip,video,shard\n{rows}")
    words = ["sakdn.stages.frames", "--videos", tmp_path / "videos.csv", "--shard", 0]
    words += ["--options", '{"short_side_px": 200, "color": "grey"}', "--threads", 1]
    words += ["--output", tmp_path / "0.npy", "--index", tmp_path / "0.csv"]
    assert busiest(*words) <= 1 + TOLERANCE


def test_gaf(tmp_path):
    clips = write_data_set(tmp_path, actions=4, subjects=2, trials=2)
    rows = "".join(
        f"{clip},{place % 2},{'wave' if place % 2 else 'push'},1,1,v.avi,"
        f"Inertial/{clip}_inertial.mat,train\n"
        for place, clip in enumerate(clips)
    )
    head = "clip,action,action_name,subject,trial,video,gyroscope,split\n"
    (tmp_path / "clips.csv").write_text(head + rows)
    signal = {key: value for key, value in SENSORS["gyroscope"].items() if key != "path"}
    options = {"signal": signal, "image_size_px": 224, "windows": {"count": 8}}
    words = [
        "sakdn.stages.gaf",
        "--clips",
        tmp_path / "clips.csv",
        "--root",
        tmp_path,
        "--processes",
        2,
    ]
    words += ["--sensor", "gyroscope", "--options", json.dumps(options)]
    words += ["--output", tmp_path / "g.npy", "--index", tmp_path / "g.json"]
    assert busiest(*words) <= 2 + TOLERANCE
