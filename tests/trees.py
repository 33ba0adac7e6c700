"""Writes small trees of recordings in the exact layouts of Berkeley MHAD and MMAct."""

from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image
from unit.recordings import write_video

REPO = Path(__file__).parents[1]
CAMERAS = [(1, 1), (1, 2), (3, 1)]
SHIMMERS = {
    f"shimmer{k}": {
        "path": f"Accelerometer/Shimmer0{k}/acc_h0{k}_s{{subject}}_a{{action}}_r{{trial}}.txt",
        "columns": [0, 1, 2],
        "rate_hz": None,
    }
    for k in range(1, 7)
}
BERKELEY = {
    "source": "berkeley_mhad",
    "video": "Camera/Cluster{cluster}/Cam{camera}/S{subject}/A{action}/R{trial}",
    "shards": 2,
}
FOLDERS = {
    "phone_accelerometer": "acc_phone",
    "watch_accelerometer": "acc_watch",
    "gyroscope": "gyro",
    "orientation": "orientation",
}
WEARABLES = {
    name: {
        "path": folder + "_clip/subject{subject}/scene{scene}/session{session}/{action}.csv",
        "columns": [1, 2, 3],
        "rate_hz": 100,
        "time_column": 0,
        "time_format": "%Y%m%d_%H:%M:%S.%f",
    }
    for name, folder in FOLDERS.items()
}
MMACT = {
    "source": "mmact",
    "video": "video/subject{subject}/cam{view}/scene{scene}/session{session}/{action}.mp4",
    "sensors_missing": "mask",
    "shards": 2,
}


def write_frames(folder: Path, prefix: str, frames: int, level: int) -> None:
    """PGM images of 16 x 12 px, counted from 0; frame i is a plane of grey `level` + 10 i."""
    folder.mkdir(parents=True)
    for index in range(frames):
        plane = np.full((12, 16), level + 10 * index, np.uint8)
        Image.fromarray(plane).save(folder / f"{prefix}_{index:05d}.pgm")


def write_berkeley(root: Path, subjects: int = 3, actions: int = 2, trials: int = 3) -> dict:
    """A tree in the layout of Berkeley MHAD, seen by `CAMERAS`; the config's data and sensors."""
    grid = list(product(range(1, subjects + 1), range(1, actions + 1), range(1, trials + 1)))
    for number, (s, a, r) in enumerate(grid):
        for cluster, camera in CAMERAS:
            folder = f"Camera/Cluster{cluster:02}/Cam{camera:02}/S{s:02}/A{a:02}/R{r:02}"
            prefix = f"img_l{cluster:02}_c{camera:02}_s{s:02}_a{a:02}_r{r:02}"
            write_frames(root / folder, prefix, frames=11, level=20 * a)
        for k in range(1, 7):
            path = root / f"Accelerometer/Shimmer{k:02}/acc_h{k:02}_s{s:02}_a{a:02}_r{r:02}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            values = np.random.default_rng([number, k]).standard_normal((30, 3)).cumsum(axis=0)
            stamps = 1.3e9 + np.arange(30) / 30
            np.savetxt(path, np.column_stack([values, stamps]), fmt="%.6f")
    names = (REPO / "resources/classes/berkeley_mhad.txt").read_text().splitlines()[:actions]
    (root / "classes.txt").write_text("\n".join(names) + "\n")
    return {"data": data_of(root, BERKELEY), "sensors": SHIMMERS}


def write_mmact(
    root: Path,
    subjects: int = 2,
    views: int = 2,
    scenes: int = 2,
    sessions: int = 3,
    actions: tuple[str, ...] = ("carrying", "transferring_object"),
) -> dict:
    """A tree in the layout of MMAct; the config's data and sensors."""
    counts = (subjects, scenes, sessions)
    grid = product(*(range(1, count + 1) for count in counts), actions)
    for number, (subject, scene, session, action) in enumerate(grid):
        below = f"scene{scene}/session{session}/{action}"
        for view in range(1, views + 1):
            write_video(root / f"video/subject{subject:02}/cam{view}/{below}.mp4", frames=5)
        for place, folder in enumerate(FOLDERS.values()):
            path = root / f"{folder}_clip/subject{subject:02}/{below}.csv"
            write_stamped(path, seed=[number, place])
    names = sorted(action.lower().replace("_", " ") for action in actions)
    (root / "classes.txt").write_text("\n".join(names) + "\n")
    return {"data": data_of(root, MMACT), "sensors": WEARABLES}


def write_stamped(path: Path, seed: list[int], rows: int = 40) -> None:
    """A signal of three axes at 100 Hz with MMAct's time stamps, one of which steps back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).standard_normal((rows, 3)).cumsum(axis=0)
    times = [10 * index for index in range(rows)]
    times[20], times[21] = times[21], times[20]
    lines = [
        f"20181016_13:37:28.{time:03}000,{x:.6f},{y:.6f},{z:.6f}"
        for time, (x, y, z) in zip(times, values)
    ]
    path.write_text("\n".join(lines) + "\n")


def data_of(root: Path, layout: dict) -> dict:
    return layout | {"root": str(root), "classes": str(root / "classes.txt")}
