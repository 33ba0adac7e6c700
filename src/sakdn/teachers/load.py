"""Rebuilds teachers, single or fused, from what their JSON says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sakdn.models.fused import FusedTeacher
from sakdn.models.streams import build_stream
from sakdn.teachers.about import SpamfmAbout, StreamAbout, TeacherAbout
from sakdn.training.saved import load_weights, read_about


def build_teacher(
    networks: Sequence[StreamAbout], fusion: SpamfmAbout | None = None
) -> FusedTeacher:
    """Builds teachers with random weights.

    Args:
        networks: one a sensor.
        fusion: None to average the streams without gates.
    """
    streams = [
        build_stream(
            network.architecture,
            network.in_channels,
            network.semantic_dim,
            network.n_classes,
            network.image_size_px,
        )
        for network in networks
    ]
    if fusion is None:
        return FusedTeacher(streams, fusion="average")
    return FusedTeacher(streams, fusion.reduction, rule=fusion.rule)


def load_teacher(path: Path) -> tuple[FusedTeacher, TeacherAbout]:
    """Loads one teacher or the fused teachers from their JSON at `path`.

    Returns:
        The network in eval mode, without its bank, and what the JSON says.

    Raises:
        InputError: not a teacher, or damaged weights.
    """
    about = read_about(path, TeacherAbout)
    module = build_teacher(about.networks, about.fusion)
    load_weights(path, module)
    return module.eval(), about


def load_average(paths: Sequence[Path]) -> tuple[FusedTeacher, TeacherAbout]:
    """Loads teachers of single sensors as one network that averages their logits."""
    parts = [load_teacher(path) for path in paths]
    if len(parts) == 1:
        return parts[0]
    streams = [stream for module, _ in parts for stream in module.teachers]
    together: dict[str, Any] = {
        "sensors": tuple(sensor for _, each in parts for sensor in each.sensors),
        "networks": tuple(network for _, each in parts for network in each.networks),
    }
    images = [each.images for _, each in parts if each.images]
    whole = len(images) == len(parts)
    together["images"] = tuple(one for each in images for one in each) if whole else None
    about = parts[0][1].model_copy(update=together)
    return FusedTeacher(streams, fusion="average").eval(), about
