"""Writes tiny recordings in UTD-MHAD's layout: real H.264 videos and .mat signals."""

import json
from pathlib import Path

import av
import numpy as np
from scipy.io import savemat

from sakdn.stages.clips import main as clips
from sakdn.stages.recordings import main as recordings

SENSORS = {
    "accelerometer": {
        "path": "Inertial/{clip}_inertial.mat",
        "variable": "d_iner",
        "columns": [0, 1, 2],
        "rate_hz": 50,
    },
    "gyroscope": {
        "path": "Inertial/{clip}_inertial.mat",
        "variable": "d_iner",
        "columns": [3, 4, 5],
        "rate_hz": 50,
    },
}
NAMES = ("wave", "push", "sit to stand", "stand to sit")


def write_video(
    path: Path,
    frames: int = 6,
    width: int = 32,
    height: int = 24,
    noise: bool = False,
    options: dict[str, str] | None = None,
    grey: int = 30,
) -> Path:
    """Frame i is a plane of grey level `grey` + 20 i, or noise, which fills the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(frames):
            plane = np.full((height, width, 3), (grey + 20 * index) % 256, np.uint8)
            if noise:
                plane = generator.integers(0, 256, plane.shape, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(plane, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_depth(path: Path, **layout: str) -> Path:
    """Five maps: 2 m, and below it another depth in each."""
    maps = np.zeros((24, 32, 5), np.uint16)
    maps[:12] = 2000
    maps[12:18] = np.array([1000, 3000, 1500, 2500, 9000])
    savemat(path, {"d_depth": maps}, do_compression=True, **layout)
    return path


def write_signal(path: Path, length: int = 40, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).standard_normal((length, 6)).cumsum(axis=0)
    savemat(path, {"d_iner": values}, do_compression=True)
    return path


def write_data_set(
    root: Path, actions: int = 2, subjects: int = 2, trials: int = 2, touch: bool = False
) -> list[str]:
    """All clips of a small grid; `touch` makes empty files, enough where nothing reads them."""
    clips = [
        f"a{a}_s{s}_t{t}"
        for a in range(1, actions + 1)
        for s in range(1, subjects + 1)
        for t in range(1, trials + 1)
    ]
    for seed, clip in enumerate(clips):
        video, signal = root / f"RGB/{clip}_color.avi", root / f"Inertial/{clip}_inertial.mat"
        if touch:
            for path in (video, signal):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        else:
            write_video(video)
            write_signal(signal, seed=seed)
    (root / "classes.txt").write_text("\n".join(NAMES[:actions]))
    return clips


def data_options(root: Path, **changes) -> dict:
    return {
        "source": "utd_mhad",
        "root": str(root),
        "video": "RGB/{clip}_color.avi",
        "classes": str(root / "classes.txt"),
        "shards": 2,
    } | changes


def stage_options(root: Path, **changes) -> dict:
    """Options of the clips stage for `write_data_set`'s default grid."""
    return {
        "data": data_options(root),
        "split": {"protocol": "cross_subject", "train_subjects": [1], "test_subjects": [2]},
        "sensors": SENSORS,
    } | changes


def clips_stage(output: Path, videos: Path, problems: Path | None = None, **named: object) -> None:
    """Runs the stages that find the recordings and write the clips table, as the workflow does."""
    bad = {"problems": problems} if problems else {}
    recordings(arguments(videos=videos, **named, **bad))
    clips(arguments(videos=videos, options=named["options"], output=output, **bad))


def arguments(**named: object) -> list[str]:
    """Command line of a stage; a dict becomes JSON."""
    words = []
    for name, value in named.items():
        text = json.dumps(value) if isinstance(value, dict) else str(value)
        words += [f"--{name}", text]
    return words
