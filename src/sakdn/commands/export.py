"""Command `export`: a student as an ONNX or torch.export file that runs without this package."""

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sakdn.base.device import choose_device
from sakdn.base.errors import InputError
from sakdn.base.files import atomic_path
from sakdn.data.readers.video import LUMA
from sakdn.models.frame_backbones import kind_of
from sakdn.models.student import Student
from sakdn.students.about import StudentAbout
from sakdn.students.frames.batches import network_input
from sakdn.students.load import open_student

NEEDED = {"onnx": ("onnx", "onnxscript", "onnxruntime"), "torch_export": ()}
SUFFIX = {"onnx": ".onnx", "torch_export": ".pt2"}
TOLERANCE = 1e-4
TIMED_RUNS = 15
Runner = Callable[[Tensor], Tensor]


class Logits(nn.Module):
    """The student's logits alone, as one network from clips to scores."""

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = student

    def forward(self, clips: Tensor) -> Tensor:
        """Logits [N, C] of clips [N, T, channels, H, W]."""
        return self.student(clips).logits  # [N, C]


def command(arguments: argparse.Namespace) -> None:
    """Exports a student, checks the file against it and says what the file costs.

    Raises:
        InputError: no student, a missing package, or answers that differ.
    """
    missing = [package for package in NEEDED[arguments.to] if find_spec(package) is None]
    if missing:
        raise InputError(
            f"--to {arguments.to}: found no package {', '.join(missing)}; install sakdn[export] or"
            " use --to torch_export"
        )
    choose_device(0, arguments.threads)
    student, about = open_student(arguments.model)
    network = Logits(student).eval().requires_grad_(False)
    folder = arguments.model if arguments.model.is_dir() else arguments.model.parent
    output = arguments.output or folder / f"model{SUFFIX[arguments.to]}"
    export, load = FORMATS[arguments.to]
    texts = {key: json.dumps(value) for key, value in metadata(about).items()}
    with atomic_path(output) as temporary:
        export(network, example(about, 2), temporary, texts)
        exported = load(temporary)
        difference = largest_difference(network, exported, about)
    clip = example(about, 1)
    print(
        f"{output}: {output.stat().st_size / 1e6:.1f} MB, {latency_ms(exported, clip):.1f} ms a"
        f" clip (PyTorch: {latency_ms(network, clip):.1f} ms), largest difference"
        f" {difference:.1g}, batch size free"
    )


def metadata(about: StudentAbout) -> dict[str, Any]:
    """What whoever runs the file must know: class names, and how a video becomes its input."""
    view, frames = about.view, about.stored
    pixels, channels = kind_of(view.backbone).pixels, about.frame_channels
    order = "grey" if channels == 1 else "BGR" if pixels.bgr else "RGB"
    return {
        "classes": about.classes,
        "preprocessing": {
            "decode_short_side_px": frames.short_side_px,
            "color": frames.color,
            "luma": LUMA.tolist(),
            "depth_range_mm": list(frames.depth_range_mm),
            "max_frames": frames.max_frames,
            "segments": view.segments,
            "frame_rule": "floor((i + 1/2) * frames / segments) for i = 0 .. segments - 1",
            "resize_short_side_px": view.short_side_px,
            "centre_crop_px": view.size_px,
            "channel_order": order,
            "mean": list(np.broadcast_to(pixels.mean, channels)),
            "std": list(np.broadcast_to(pixels.std, channels)),
            "input": "float32 [batch, segments, channels, height, width], (pixel - mean) / std",
            "background": view.background,
            "background_rule": "subtract: then minus the mean over the clip's segments",
            "sees": view.input,
            "sees_rule": "difference: each frame minus the frame kept before it (the first: minus"
            " itself), instead; both: as further channels, after the background's",
            "output": "logits [batch, classes]",
        },
        "clip_length": about.clip_length and about.clip_length.model_dump(),
        "provenance": about.provenance.public(),
    }


def example(about: StudentAbout, clips: int) -> Tensor:
    """Clips of noise as the student would see them [clips, T, channels, size, size]."""
    view = about.view
    shape = (clips, view.frames_read, about.frame_channels, view.size_px, view.size_px)
    generator = torch.Generator().manual_seed(clips)
    pixels = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
    return network_input(pixels, view)


def write_onnx(network: Logits, clips: Tensor, path: Path, texts: Mapping[str, str]) -> None:
    """Writes an ONNX file with `texts` as its metadata."""
    program = torch.onnx.export(
        network,
        (clips,),
        dynamo=True,
        verbose=False,
        input_names=["clips"],
        output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
    )
    assert program is not None  # With `dynamo` it never is.
    program.model.metadata_props.update(texts)
    program.save(path, external_data=False)


def load_onnx(path: Path) -> Runner:
    """Runs an ONNX file on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda clips: torch.from_numpy(session.run(["logits"], {"clips": clips.numpy()})[0])


def write_torch(network: Logits, clips: Tensor, path: Path, texts: Mapping[str, str]) -> None:
    """Writes a torch.export file with `texts` as its extra files."""
    program = torch.export.export(
        network, (clips,), dynamic_shapes=({0: torch.export.Dim("batch")},)
    )
    program.example_inputs = None  # noise, which would only fill the file
    with path.open("wb") as file, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No complete tensor found")  # weights that share memory
        torch.export.save(program, file, extra_files=dict(texts))


def load_torch(path: Path) -> Runner:
    """Runs a torch.export file."""
    with path.open("rb") as file:
        return torch.export.load(file).module()


FORMATS = {"onnx": (write_onnx, load_onnx), "torch_export": (write_torch, load_torch)}


def largest_difference(network: Runner, exported: Runner, about: StudentAbout) -> float:
    """Largest difference of the logits, on batches of other sizes than that of the export.

    Raises:
        InputError: it is above `TOLERANCE`, measured against the largest logit where that is
            above 1.
    """
    differences = []
    for clips in (example(about, 1), example(about, 3)):
        ours, theirs = network(clips), exported(clips)
        size = max(1.0, ours.abs().max().item())
        differences.append((ours - theirs).abs().max().item() / size)
    if not max(differences) <= TOLERANCE:
        raise InputError(
            f"--to: the exported student differs by {max(differences):.2g}, expected at most"
            f" {TOLERANCE}; nothing was written; use another format"
        )
    return max(differences)


def latency_ms(network: Runner, clip: Tensor) -> float:
    """Median time of a run on one clip, in ms, after one to warm up."""
    times = []
    for _ in range(TIMED_RUNS + 1):
        start = time.perf_counter()
        network(clip)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[1:])
