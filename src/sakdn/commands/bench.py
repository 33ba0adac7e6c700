"""`make bench`: how fast the stages are on this machine, against bare libraries and its own floor.

The floor of what moves bytes is a copy in memory, of what decodes the decoder alone, of a training
step its multiplications at the rate of large matrices.

Example:
    python -m sakdn.commands.bench --root data/demo --output benchmarks/bench.json
"""

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import torch

from sakdn.base.cli import new_parser, run
from sakdn.base.device import choose_device, device_name
from sakdn.base.errors import InputError
from sakdn.base.files import write_json
from sakdn.base.provenance import peak_memory_mb, provenance
from sakdn.commands.bench_decoding import decoding_ms
from sakdn.commands.bench_floors import Step, copied_bytes_per_s, rate
from sakdn.commands.bench_loader import (
    SEEN_BYTES,
    bytes_a_clip,
    copied_frames_per_s,
    loader_rates,
    psnr_db,
    read_rates,
)
from sakdn.commands.bench_signals import IMAGES, gaf_rates, signal_rates
from sakdn.commands.bench_steps import (
    FRAMES_A_STEP,
    backbone_steps,
    family_steps,
    student_steps,
    teacher_steps,
)
from sakdn.plan.machine import visible_gpus
from sakdn.stages.frames import main as frames_main


def store(videos: list[Path], folder: Path, **options: object) -> Path:
    """Stores videos as the frames stage does; returns the shard."""
    table = folder / "videos.csv"
    rows = [f"{path.stem},{path.resolve()},0" for path in videos]
    table.write_text("\n".join(["clip,video,shard", *rows]) + "\n", encoding="utf-8")
    shard = folder / "0.npy"
    names = {"--videos": table, "--shard": 0, "--threads": 1, "--options": json.dumps(options)}
    names |= {"--output": shard, "--index": folder / "0.csv"}
    frames_main([str(word) for pair in names.items() for word in pair])
    return shard


def stored_figures(videos: list[Path], device: torch.device) -> dict[str, dict[str, float]]:
    """What storing 256 px frames raw or as JPEG costs, and the frames a second each supplies."""
    with tempfile.TemporaryDirectory() as folder:
        shards = {}
        for kind in ("raw", "jpeg"):
            (Path(folder) / kind).mkdir()
            shards[kind] = store(videos, Path(folder) / kind, short_side_px=256, store=kind)
        once = partial(rate, repeats=1)
        return {
            "stored_clip_bytes": {kind: bytes_a_clip(shard) for kind, shard in shards.items()},
            "stored_psnr_db": {"jpeg": psnr_db(shards["jpeg"], shards["raw"])},
            "stored_frames_per_s_core": {
                "copied (floor)": copied_frames_per_s(shards["raw"]),
                **{k: read_rates(shard, once) for k, shard in shards.items()},
            },
        } | {
            f"loader_{kind}_frames_per_s": {
                "copied (floor)": copied_bytes_per_s() / SEEN_BYTES,
                **loader_rates(shard, device, once),
            }
            for kind, shard in shards.items()
        }


EXAMPLE = "--root data/demo --threads 2 --gpus 0 --output benchmarks/bench.json"


def main(argv: list[str] | None = None) -> None:
    """Measures and prints; writes the figures as JSON."""
    parser = new_parser("commands.bench", __doc__, EXAMPLE)
    parser.add_argument("--root", type=Path, default=Path("data/demo"), help="made by the demo")
    parser.add_argument("--videos", type=Path, help="folder of others to decode (default: its own)")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--gpus", type=int, default=min(1, visible_gpus()))
    parser.add_argument("--output", type=Path, default=Path("benchmarks/bench.json"))
    arguments = parser.parse_args(argv)
    device = choose_device(arguments.gpus, arguments.threads)
    videos = sorted(arguments.root.glob("RGB/*.avi"))[:60]
    if not videos:
        raise InputError(f"{arguments.root}: no RGB/*.avi; run `make demo` first")
    figures: dict[str, Any] = {"device": device_name(device)}
    print(f"device: {figures['device']}")
    recordings = sorted(arguments.root.glob("Inertial/*.mat"))
    figures["signals_per_s"] = show("signals/s", signal_rates(recordings))
    for name, (count, options) in IMAGES.items():
        figures[f"gaf_{name}_per_s"] = show(f"GAF, {name}, images/s", gaf_rates(count, options))
    recorded = sorted(arguments.videos.rglob("*.*")) if arguments.videos else videos
    for side_px in (64, 256):
        key = f"video_cpu_ms_{side_px}px"
        figures[key] = show(f"video, {side_px} px, CPU ms", decoding_ms(recorded[:50], side_px))
    for key, values in stored_figures(videos, device).items():
        figures[key] = show(key.replace("_", " "), values)
    figures["teacher_step"] = show_steps("teacher step, s", teacher_steps(device))
    students = student_steps(device)
    figures["student_step"] = show_steps("student step, s", students)
    frames = {name: FRAMES_A_STEP / step.step_s for name, step in students.items()}
    figures["network_frames_per_s"] = show("network frames per s", frames)
    figures["resnet18_step"] = show_steps("ResNet-18 step, s", backbone_steps(device))
    figures["family_step"] = show_steps("backbones, s", family_steps(device))
    figures["peak_memory_mb"] = show("peak memory, MB", {"all": peak_memory_mb()})
    write_json(arguments.output, figures | {"provenance": provenance(device_name(device))})


def show(title: str, values: dict[str, float]) -> dict[str, float]:
    """Prints the figures of one measurement, each also as a multiple of the first."""
    first = next(iter(values.values()))
    for name, value in values.items():
        print(f"{title:>26}  {name:<24} {value:12.3f}   x{value / first:.3g}", flush=True)
    return values


def show_steps(title: str, steps: dict[str, Step]) -> dict[str, dict[str, float]]:
    """The same for training steps, each as a multiple of its own floor."""
    for name, (step_s, floor_s) in steps.items():
        line = f"{title:>26}  {name:<24} {step_s:12.3f}   floor {floor_s:.3f}"
        print(f"{line}, x{step_s / floor_s:.2f}", flush=True)
    return {name: step._asdict() for name, step in steps.items()}


if __name__ == "__main__":
    run(main)
