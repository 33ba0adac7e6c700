"""No shipped config has a network that cannot learn: each fits a handful of clips in some steps.

Network, optimiser, first rate, dropout and frozen norms are those of the config; images are small,
few and all different. Configs whose networks are trained alike are tried once. Steps are taken in
fp32: on maps as small as these a CPU takes five times as long in bf16.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor, nn
from torch.nn import functional as F

from sakdn.models.bninception import BNInception
from sakdn.models.frame_backbones import BACKBONES
from sakdn.models.pixels import normalise
from sakdn.models.streams import build_stream
from sakdn.models.student import build_student, parameter_groups
from sakdn.options.student import NetworkOptions, StudentNetwork, StudentOptions
from sakdn.options.teacher import TeacherOptions
from sakdn.options.training import Schedule
from sakdn.options.weights import is_name
from sakdn.plan.config import load_config
from sakdn.training.schedule import make_optimiser

CONFIGS = sorted((Path(__file__).parents[2] / "config").glob("*.yaml"))
CLIPS, DIM, SIDE_PX, STEPS, LOOK_EVERY = 3, 300, 32, 240, 6
NOT_OF_A_STEP = ("epochs", "decay", "milestones", "gamma", "warmup_epochs", "batch_size", "size_px")
TAKES_LONG = ("utd_mhad", "berkeley_mhad")  # 15 to 30 CPU seconds each.


def distinct(role: str) -> list[Any]:
    """Sections of a role that train a network differently, named by their configs."""
    found: dict[str, list[str]] = {}
    for path in CONFIGS:
        section = load_config(yaml.safe_load(path.read_text()))[role]
        alike = {key: value for key, value in section.items() if key not in NOT_OF_A_STEP}
        found.setdefault(json.dumps(alike), []).append(path.stem)
    return [
        pytest.param(
            json.loads(text),
            id="+".join(names),
            marks=[pytest.mark.slow] * any(name in TAKES_LONG for name in names),
        )
        for text, names in found.items()
    ]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    """In place of published weights: random ones whose norms have the statistics of images."""
    torch.manual_seed(1)
    net = BNInception()
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = 1.0
        elif isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight)
    net.train()(torch.randint(-128, 128, (32, 3, SIDE_PX, SIDE_PX)).float())
    path = tmp_path_factory.mktemp("weights") / "bninception.pth"
    torch.save(net.state_dict(), path)
    return str(path)


def fits(
    module: nn.Module,
    run: Callable[[], Tensor],
    groups: Iterable[dict[str, Any]],
    schedule: Schedule,
) -> bool:
    """Whether every clip is told rightly after some steps."""
    labels = torch.arange(CLIPS)
    optimiser = make_optimiser(groups, schedule)
    for step in range(1, STEPS + 1):
        module.train()
        loss = F.cross_entropy(run(), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        assert loss.isfinite(), f"step {step}: the loss is {loss}"
        if step % LOOK_EVERY == 0:
            module.eval()
            with torch.no_grad():
                if run().argmax(1).equal(labels):
                    return True
    return False


@pytest.mark.parametrize("section", distinct("student"))
def test_a_student_fits_some_clips(section: dict[str, Any], weights: str):
    options = StudentOptions.model_validate(section)
    network = {key: getattr(options, key) for key in NetworkOptions.model_fields}
    if is_name(options.weights):
        network["weights"] = weights
    torch.manual_seed(0)
    student = build_student(StudentNetwork(**network), DIM, CLIPS)
    frames = torch.randint(0, 256, (CLIPS, 1, 3, SIDE_PX, SIDE_PX), dtype=torch.uint8)
    clips = normalise(frames, BACKBONES[options.backbone].pixels)
    clips = clips.expand(-1, options.segments, -1, -1, -1)
    assert fits(student, lambda: student(clips).logits, parameter_groups(student), options)


@pytest.mark.parametrize("section", distinct("teacher"))
def test_a_teacher_fits_some_images(section: dict[str, Any]):
    options = TeacherOptions.model_validate(section)
    torch.manual_seed(0)
    stream = build_stream(options, 3, DIM, CLIPS, SIDE_PX)
    images = torch.rand(CLIPS, 3, SIDE_PX, SIDE_PX)
    groups = [{"params": stream.parameters()}]
    assert fits(stream, lambda: stream(images).logits, groups, options)
