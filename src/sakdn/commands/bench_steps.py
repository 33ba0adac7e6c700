"""Seconds of one training step at paper size, for the benchmark."""

from collections.abc import Callable
from functools import partial
from shutil import which

import torch
from torch.nn import functional as F

from sakdn.commands.bench_floors import Step, floor_s, flop, timed
from sakdn.models.fused import FusedTeacher
from sakdn.models.streams import build_stream
from sakdn.models.student import build_student
from sakdn.options.methods import MethodOptions
from sakdn.options.student import StudentNetwork
from sakdn.options.teacher import StreamOptions
from sakdn.options.training import ComputeOptions, Precision
from sakdn.students.methods import distillation_losses
from sakdn.students.scores import run_student
from sakdn.teachers.knowledge import Taught
from sakdn.training.compute import autocast, chosen_precision, prepare

CLASSES, SEMANTIC_DIM, IMAGE_PX, SENSORS = 27, 300, 224, 2
TEACHER_BATCH, STUDENT_BATCH, SEGMENTS = 4, 2, 8
FRAMES_A_STEP = STUDENT_BATCH * SEGMENTS
MAP_SIZES_PX = (56, 14, 14, 7, 7)
METHODS = ("none", "soft_target", "sakdn")
# One of each: ours, torchvision's, timm's, and video networks with and without convolutions.
FAMILIES = ("small", "resnet18", "timm/tf_efficientnet_lite0", "r3d_18", "swin3d_t")


def variants() -> dict[str, ComputeOptions]:
    """Ways to compute a step; compiled only where there is a C++ compiler."""
    fp32 = ComputeOptions(precision="fp32")
    ways = {
        "fp32, contiguous": fp32.model_copy(update={"channels_last": False}),
        "fp32": fp32,
        "bf16": ComputeOptions(precision="bf16"),
    }
    return ways | (
        {"bf16, compiled": ComputeOptions(precision="bf16", compile=True)} if which("g++") else {}
    )


def teacher_steps(device: torch.device, repeats: int = 3) -> dict[str, Step]:
    """Fused VGG16-BN teachers of two sensors, batch of 4, 224 px: forward and backward."""
    network = {"in_channels": 3, "semantic_dim": SEMANTIC_DIM, "n_classes": CLASSES}
    shape = (TEACHER_BATCH, 3, IMAGE_PX, IMAGE_PX)
    images = [torch.rand(shape, device=device) for _ in range(SENSORS)]
    labels = torch.arange(TEACHER_BATCH, device=device)

    def best(options: ComputeOptions) -> Step:
        streams = [
            build_stream(StreamOptions(backbone="vgg16_bn"), image_size_px=IMAGE_PX, **network)
            for _ in range(SENSORS)
        ]
        module = FusedTeacher(streams).to(device)
        prepare(module, [block for stream in streams for block in stream.blocks], options)
        precision = chosen_precision(options.precision, device)

        def step() -> None:
            with autocast(device, precision):
                output = module(images)
            losses = [F.cross_entropy(stream.logits.float(), labels) for stream in output.streams]
            torch.stack(losses).sum().backward()

        return measured(step, device, precision, repeats)

    return {name: best(options) for name, options in variants().items()}


def backbone_steps(device: torch.device, repeats: int = 3) -> dict[str, Step]:
    """ResNet-18 student alone, which can be compiled, 2 clips of 8 frames, 224 px."""
    clips, labels = student_batch(device)

    def best(options: ComputeOptions) -> Step:
        network = StudentNetwork(
            backbone="resnet18",
            segments=SEGMENTS,
            channels_last=options.channels_last,
            compile=options.compile,
        )
        module = build_student(network, SEMANTIC_DIM, CLASSES).to(device)
        precision = chosen_precision(options.precision, device)

        def step() -> None:
            logits = run_student(module, clips, precision).logits
            F.cross_entropy(logits, labels).backward()

        return measured(step, device, precision, repeats)

    return {name: best(options) for name, options in variants().items()}


def family_steps(device: torch.device, repeats: int = 2) -> dict[str, Step]:
    """A step of a student of each family of backbones, alone, 2 clips of 8 frames, 224 px."""
    clips, labels = student_batch(device)

    def best(name: str) -> Step:
        network = StudentNetwork(backbone=name, segments=SEGMENTS, head="average")
        module = build_student(network, SEMANTIC_DIM, CLASSES).to(device).train()

        def step() -> None:
            F.cross_entropy(run_student(module, clips, "fp32").logits, labels).backward()

        return measured(step, device, "fp32", repeats)

    return {name: best(name) for name in FAMILIES}


def measured(
    step: Callable[[], object], device: torch.device, precision: Precision, repeats: int
) -> Step:
    """The best of several after a first one, against its multiplications."""
    best_s = min(timed(step, device) for _ in range(repeats + 1))
    return Step(best_s, floor_s(flop(step), device, precision))


def student_batch(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Clips [2, 8, 3, 224, 224] and their labels."""
    shape = (STUDENT_BATCH, SEGMENTS, 3, IMAGE_PX, IMAGE_PX)
    return torch.rand(shape, device=device), torch.arange(STUDENT_BATCH, device=device)


def student_steps(device: torch.device, repeats: int = 5) -> dict[str, Step]:
    """BN-Inception students, 2 clips of 8 frames, 224 px: a step of each method, in turn."""
    options = StudentNetwork(
        backbone="bninception", segments=SEGMENTS, dropout=0.8, partial_bn=True
    )
    module = build_student(options, SEMANTIC_DIM, CLASSES).to(device).train()
    clips, labels = student_batch(device)
    taught = random_knowledge(device)

    def step(method: str, precision: Precision) -> None:
        output = run_student(module, clips, precision)
        losses = [F.cross_entropy(output.logits, labels)]
        if method != "none":
            losses += distillation_losses(
                MethodOptions(loss=method), output, taught, labels
            ).values()
        torch.stack(losses).sum().backward()

    times: dict[str, list[float]] = {}
    precisions: list[Precision] = ["fp32", "bf16"]
    if device.type != "cpu":
        precisions.append("fp16")
    for _ in range(repeats + 1):
        for precision in precisions:
            for method in METHODS:
                spent = timed(partial(step, method, precision), device)
                times.setdefault(f"{method}, {precision}", []).append(spent)
    flops = {method: flop(partial(step, method, "fp32")) for method in METHODS}
    return {
        f"{method}, {precision}": Step(
            min(times[f"{method}, {precision}"][1:]), floor_s(flops[method], device, precision)
        )
        for precision in precisions
        for method in METHODS
    }


def random_knowledge(device: torch.device) -> Taught:
    """What two teachers might say of the student's batch."""
    lead = (STUDENT_BATCH, SENSORS)
    return Taught(
        torch.ones(lead, dtype=torch.bool, device=device),
        torch.randn(*lead, CLASSES, device=device),
        torch.randn(*lead, SEMANTIC_DIM, device=device),
        saliency=[torch.rand(*lead, size, size, device=device) for size in MAP_SIZES_PX],
    )
