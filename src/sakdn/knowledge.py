"""Stage `knowledge`: the frozen teachers run once over the training clips; students read this."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch.nn import functional as F

from sakdn.cli import json_options, run
from sakdn.clips.table import read_table
from sakdn.device import choose_device, device_name
from sakdn.errors import InputError
from sakdn.files import write_json
from sakdn.gaf_images import GafImages, joint_windows
from sakdn.losses.ablation import ablation_weights, class_score, saliency, semantic_score
from sakdn.models.fused import FusedOutput, FusedTeacher
from sakdn.options import parse_options
from sakdn.progress import track
from sakdn.provenance import Cost, provenance
from sakdn.signal_task import SignalBatch, SignalBatches, restore_bank
from sakdn.stage import class_vectors, parser
from sakdn.teacher_network import load_average

ARRAYS = ("logits", "semantic", "embedding", "saliency")


@dataclass(frozen=True)
class KnowledgeOptions:
    """What is stored.

    Attributes:
        map_sizes_px: side of the stored saliency map of each of the five taps.
        score: what the ablation weights explain, the label's logit (`class`) or the likeness of
            the semantic vector to the label's (`semantic`).
        batch_size: clips a forward pass.
    """

    map_sizes_px: tuple[int, ...] = (56, 14, 14, 7, 7)
    score: Literal["class", "semantic"] = "class"
    batch_size: int = 16


def ask(
    module: FusedTeacher, batch: SignalBatch, vectors: torch.Tensor, options: KnowledgeOptions
) -> dict[str, np.ndarray]:
    """What the teachers say of a batch: `ARRAYS`, each [N, S, ...]; saliency maps end to end."""
    images = [image.requires_grad_() for image in batch.images]
    output = module(images, batch.present)
    taps = [tap for stream in output.streams for tap in stream.taps]
    scores = teacher_scores(output, batch.labels, vectors, options.score)
    weights = ablation_weights(taps, scores)
    maps = [
        resized_saliency(tap.detach(), weight, options.map_sizes_px[index % 5])
        for index, (tap, weight) in enumerate(zip(taps, weights, strict=True))
    ]
    per_sensor = [torch.cat(maps[start : start + 5], dim=1) for start in range(0, len(maps), 5)]
    stacked = {
        name: torch.stack([getattr(stream, name) for stream in output.streams], dim=1)
        for name in ("logits", "semantic", "embedding")
    }
    stacked["saliency"] = torch.stack(per_sensor, dim=1).half()
    return {name: value.detach().cpu().numpy() for name, value in stacked.items()}


def teacher_scores(
    output: FusedOutput, labels: torch.Tensor, vectors: torch.Tensor, score: str
) -> torch.Tensor:
    """Score [N] that the ablation weights explain, summed over the sensors."""
    if score == "class":
        return sum(class_score(stream.logits, labels) for stream in output.streams)
    return sum(semantic_score(stream.semantic, vectors[labels]) for stream in output.streams)


def resized_saliency(tap: torch.Tensor, weight: torch.Tensor, size_px: int) -> torch.Tensor:
    """Saliency of a tap [N, c, h, w], brought to `size_px` and flattened [N, size_px^2]."""
    maps = saliency(tap, weight)[:, None]  # [N, 1, h, w]
    resized = F.interpolate(maps, (size_px, size_px), mode="bilinear", antialias=True)
    return resized.flatten(1)


def open_arrays(
    folder: Path, shape: tuple[int, ...], widths: dict[str, int]
) -> dict[str, np.ndarray]:
    """Arrays on disk to fill row by row, [*shape, width] each, under temporary names."""
    kinds = {name: np.float16 if name == "saliency" else np.float32 for name in ARRAYS}
    return {
        name: np.lib.format.open_memmap(
            folder / f".{name}.tmp.npy", "w+", kinds[name], (*shape, widths[name])
        )
        for name in ARRAYS
    }


def collect(
    module: FusedTeacher,
    source: SignalBatches,
    rows: np.ndarray,
    vectors: torch.Tensor,
    options: KnowledgeOptions,
    folder: Path,
) -> None:
    """Asks the teachers for every window of clips `rows` and writes the arrays to `folder`."""
    windows = source.sensors[0].windows.shape[1]
    steps = [
        (window, start)
        for window in range(windows)
        for start in range(0, len(rows), options.batch_size)
    ]
    arrays: dict[str, np.ndarray] = {}
    for window, start in track(steps, "knowledge", "batches"):
        chosen = slice(start, start + options.batch_size)
        said = ask(module, source.take(rows[chosen], window), vectors, options)
        if not arrays:
            widths = {name: value.shape[2] for name, value in said.items()}
            arrays = open_arrays(folder, (len(rows), windows, len(source.sensors)), widths)
        for name, value in said.items():
            arrays[name][chosen, window] = value
    for name in ARRAYS:
        arrays[name].flush()
        (folder / f".{name}.tmp.npy").rename(folder / f"{name}.npy")


def main(argv: list[str] | None = None) -> None:
    """Stores what the teachers know of every training clip and window."""
    arguments_parser = parser(main.__doc__)
    arguments_parser.add_argument("--gaf", type=Path, nargs="+", required=True)
    arguments_parser.add_argument("--models", type=Path, nargs="+", required=True)
    arguments_parser.add_argument("--semantics", type=Path, required=True)
    arguments_parser.add_argument("--options", type=json_options, default={})
    arguments = arguments_parser.parse_args(argv)
    cost = Cost()
    device = choose_device(arguments.gpus, arguments.threads)
    options = parse_options(KnowledgeOptions, arguments.options, "knowledge")
    clips = read_table(arguments.clips)
    module, about = load_average(arguments.models)
    module = module.requires_grad_(False).to(device)
    by_name = {path.stem: path for path in arguments.gaf}
    sensors = [GafImages(by_name[name], clips["clip"]) for name in about["sensors"]]
    windows = joint_windows(sensors)
    source = SignalBatches(sensors, clips["action"].to_numpy(), device)
    restore_bank(module, source, about, clips["clip"].tolist())
    present = np.stack([sensor.present for sensor in sensors], axis=1)
    rows = np.flatnonzero((clips["split"] == "train") & present.any(1))
    if not len(rows):
        raise InputError(f"{arguments.clips}: no training clip has any of the sensors")
    _, vectors = class_vectors(arguments.semantics)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    collect(module, source, rows, vectors.to(device), options, arguments.output.parent)
    index = {
        "clips": clips["clip"].iloc[rows].tolist(),
        "sensors": about["sensors"],
        "present": present[rows].tolist(),
        "windows": windows[rows].tolist(),
        "options": asdict(options),
        "models": [str(path) for path in arguments.models],
        "cost": cost.total(),
        "provenance": provenance(device_name(device)),
    }
    write_json(arguments.output, index)


if __name__ == "__main__":
    run(main)
