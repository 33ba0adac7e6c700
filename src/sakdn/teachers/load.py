"""Rebuilds teachers, single or fused, from what their JSON says."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sakdn.models.fused import FusedTeacher
from sakdn.models.streams import StreamOptions, build_stream
from sakdn.training.saved import load_weights, read_about


def build_teacher(
    networks: Sequence[dict[str, Any]], fusion: dict[str, Any] | None = None
) -> FusedTeacher:
    """Builds teachers with random weights.

    Args:
        networks: per sensor `backbone`, `width`, `in_channels`, `image_size_px`,
            `semantic_dim`, `n_classes`.
        fusion: `reduction` and `rule` of SPAMFM; None to average the streams without gates.
    """
    streams = []
    for network in networks:
        rest = {k: v for k, v in network.items() if k not in ("backbone", "width")}
        options = StreamOptions(network["backbone"], network["width"])
        streams.append(build_stream(options, **rest))
    if fusion is None:
        return FusedTeacher(streams, fusion="average")
    return FusedTeacher(streams, fusion["reduction"], rule=fusion["rule"])


def load_teacher(path: Path) -> tuple[FusedTeacher, dict[str, Any]]:
    """Loads one teacher or the fused teachers from their JSON at `path`.

    Returns:
        The network in eval mode, without its bank, and the JSON's content.

    Raises:
        InputError: not a teacher, or damaged weights.
    """
    about = read_about(path, "teacher", "fusion")
    module = build_teacher(about["networks"], about.get("fusion"))
    load_weights(path, module)
    return module.eval(), about


def load_average(paths: Sequence[Path]) -> tuple[FusedTeacher, dict[str, Any]]:
    """Loads teachers of single sensors as one network that averages their logits."""
    parts = [load_teacher(path) for path in paths]
    if len(parts) == 1:
        return parts[0]
    streams = [stream for module, _ in parts for stream in module.streams]
    about = parts[0][1] | {
        "sensors": [sensor for _, each in parts for sensor in each["sensors"]],
        "networks": [network for _, each in parts for network in each["networks"]],
    }
    return FusedTeacher(streams, fusion="average").eval(), about
