"""A whole run in miniature: clips table, frames, GAF images, class vectors and networks."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from sakdn.data.clips.windows import windows_of
from sakdn.models.student import build_student
from sakdn.options.student import StudentNetwork, StudentView
from sakdn.students.about import StudentPlan
from sakdn.students.frames.stored import COLUMNS
from sakdn.students.load import video_batches
from sakdn.teachers.about import SpamfmAbout, StreamAbout, TeacherPlan
from sakdn.teachers.gaf.course import PARTS, course_path
from sakdn.teachers.load import build_teacher
from sakdn.training.loop import Fit
from sakdn.training.saved import save_model

NAMES = ["bend", "clap", "wave"]
SENSORS = ("accelerometer", "gyroscope")
DIM, IMAGE_PX, FRAME_PX, SEGMENTS = 6, 32, 18, 2
MAP_SIZES_PX = (4, 4, 2, 2, 2)
CPU = torch.device("cpu")
NETWORK = {"width": 4, "dropout": 0.0, "in_channels": 3, "segments": SEGMENTS, "head": "tconv"}
VIEW = StudentView(segments=SEGMENTS, size_px=16, short_side_px=18, backbone="small")
TEACHER = StreamAbout(
    backbone="small",
    width=2,
    in_channels=3,
    image_size_px=IMAGE_PX,
    semantic_dim=DIM,
    n_classes=len(NAMES),
)
ABOUT_STUDENT = {
    "kind": "student",
    "method": "none",
    "distillation": {"loss": "none", "teacher": "fusion"},
    "network": NETWORK,
    "view": VIEW,
    "precision": "fp32",
    "classes": NAMES,
    "semantic_dim": DIM,
    "seed": 0,
    "options": {},
}


@dataclass
class TinyRun:
    """Files of a run below `root`, and the table."""

    root: Path
    table: pd.DataFrame
    windows: np.ndarray
    frames: list[Path] = field(default_factory=list)
    gaf: list[Path] = field(default_factory=list)

    @property
    def clips(self) -> Path:
        return self.root / "clips.csv"

    @property
    def semantics(self) -> Path:
        return self.root / "semantics.json"

    def write_table(self) -> None:
        self.table.to_csv(self.clips, index=False)

    def rows(self, side: str) -> np.ndarray:
        return np.flatnonzero(self.table["split"] == side)

    def source(self):
        return video_batches(StudentPlan(**ABOUT_STUDENT), self.frames, self.table, CPU)


def make_run(
    root: Path,
    splits: str = "train " * 12 + "val " * 6 + "test " * 6,
    windows: int = 1,
    missing: dict[str, list[int]] | None = None,
    seed: int = 0,
) -> TinyRun:
    """Classes differ in brightness; `missing` gives the rows that lack a sensor."""
    generator = np.random.default_rng(seed)
    sides, missing = splits.split(), missing or {}
    clips = [f"c{place}" for place in generator.permutation(len(sides))]
    action = np.arange(len(sides)) % len(NAMES)
    table = pd.DataFrame(
        {
            "clip": clips,
            "action": action,
            "action_name": [NAMES[label] for label in action],
            "subject": "1",
            "video": "v.mp4",
            **{
                sensor: ["" if r in missing.get(sensor, []) else "s" for r in range(len(sides))]
                for sensor in SENSORS
            },
            "split": sides,
        }
    )
    cuts = np.array([windows_of(clip, windows, 0.5, 0) for clip in clips])
    run = TinyRun(root, table, cuts)
    root.mkdir(parents=True, exist_ok=True)
    run.write_table()
    vectors = generator.normal(size=(len(NAMES), DIM))
    run.semantics.write_text(json.dumps({"names": NAMES, "vectors": vectors.tolist()}))
    run.frames = [write_frames(root / "0.npy", clips, coloured(action, generator))]
    run.gaf = [write_gaf(run, sensor, action, generator) for sensor in SENSORS]
    return run


def coloured(action: np.ndarray, generator: np.random.Generator) -> list[np.ndarray]:
    """Frames of each clip, uint8 [frames, H, W, 3]: brighter for a higher label, and noisy."""
    shape = (FRAME_PX, FRAME_PX, 3)
    return [
        generator.integers(60 * label, 60 * label + 120, (int(generator.integers(4, 9)), *shape))
        for label in action
    ]


def write_frames(path: Path, clips: list[str], videos: list[np.ndarray]) -> Path:
    """A shard of the frame store, with its index."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.concatenate([video.ravel() for video in videos]).astype(np.uint8))
    offsets = np.cumsum([0, *(video.size for video in videos)])
    index = [(c, o, *v.shape, 15.0) for c, o, v in zip(clips, offsets, videos)]
    pd.DataFrame(index, columns=COLUMNS).to_csv(path.with_suffix(".csv"), index=False)
    return path


def write_gaf(run: TinyRun, sensor: str, action: np.ndarray, generator) -> Path:
    """Images of a sensor, of the class's brightness, and their index."""
    shape = (len(action), run.windows.shape[1], 3, IMAGE_PX, IMAGE_PX)
    images = generator.integers(0, 120, shape) + 60 * action[:, None, None, None, None]
    absent = run.table[sensor] == ""
    images[absent] = 0
    path = run.root / f"{sensor}.npy"
    np.save(path, images.astype(np.uint8))
    values = np.random.default_rng(len(sensor)).normal(3, 2, (len(action), PARTS, 2 * len(sensor)))
    values[absent] = 0
    np.save(course_path(path), values.astype(np.float32))
    index = {
        "clips": run.table["clip"].tolist(),
        "windows": run.windows.tolist(),
        "missing": run.table["clip"][absent].tolist(),
        "options": {},
    }
    path.with_suffix(".json").write_text(json.dumps(index))
    return path


def seasoned(module: nn.Module, inputs, seed: int = 0) -> nn.Module:
    """Weights unlike fresh ones, with the statistics of a batch: as a trained network is."""
    generator = torch.Generator().manual_seed(seed)
    for value in module.parameters():
        noise = torch.randn(value.shape, generator=generator)
        value.data.add_(0.5 * noise * (value.std() if value.numel() > 1 else 1))
    for part in module.modules():
        if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
            part.momentum = 1.0
    module.train()(inputs)
    return module.eval()


def some_images(sensors: int) -> list[torch.Tensor]:
    """GAF images of eight clips."""
    generator = torch.Generator().manual_seed(7)
    shape = (8, 3, IMAGE_PX, IMAGE_PX)
    return [torch.rand(shape, generator=generator) for _ in range(sensors)]


def some_clips(clips: int = 8) -> torch.Tensor:
    """Clips of different colours."""
    generator = torch.Generator().manual_seed(8)
    colours = torch.rand(clips, 1, 3, 1, 1, generator=generator)
    return 2 * colours * torch.rand(clips, SEGMENTS, 3, 16, 16, generator=generator)


def save(path: Path, module: nn.Module, about: dict) -> Path:
    """A model's files, as a stage writes them."""
    row = {"epoch": 1, "train_loss": 1.0, "val_loss": 1.0, "val_accuracy": 0.5}
    cost = {"wall_s": 1.0, "cpu_s": 1.0, "peak_memory_mb": 1.0}
    path.parent.mkdir(parents=True, exist_ok=True)
    plan = StudentPlan if about["kind"] == "student" else TeacherPlan
    save_model(path, plan(**about), Fit(module.state_dict(), 0, [row], cost), CPU)
    return path


def save_fusion(
    path: Path,
    rule: str = "self",
    bank: list[str] | None = None,
    images: list[dict] | None = None,
) -> Path:
    """Fused teachers of both sensors."""
    fusion = SpamfmAbout(reduction=None, rule=rule)
    networks = [TEACHER] * len(SENSORS)
    about = {
        "kind": "fusion",
        "sensors": list(SENSORS),
        "networks": networks,
        "classes": NAMES,
        "fusion": fusion,
        "bank": bank,
        "images": images,
        "seed": 0,
        "options": {},
        "precision": "fp32",
    }
    torch.manual_seed(0)
    module = seasoned(build_teacher(networks, fusion), some_images(len(SENSORS)))
    return save(path, module, about)


def save_teacher(path: Path, sensor: str, seed: int = 0, images: list[dict] | None = None) -> Path:
    """A teacher of one sensor."""
    about = {
        "kind": "teacher",
        "sensors": [sensor],
        "networks": [TEACHER],
        "images": images,
        "classes": NAMES,
        "seed": 0,
        "options": {},
        "precision": "fp32",
    }
    torch.manual_seed(seed)
    return save(path, seasoned(build_teacher([TEACHER]), some_images(1), seed), about)


def tiny_student(**options) -> nn.Module:
    """A student of the run's frames, in eval mode."""
    torch.manual_seed(0)
    return build_student(StudentNetwork(**NETWORK | options), DIM, len(NAMES)).eval()
