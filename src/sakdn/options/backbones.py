"""Names of the student's backbones, and what a config must say for each to fit."""

import difflib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from sakdn.base.options import refuse

TIMM = "timm/"
IN_BLOCKS = ("small", "resnet18", "resnet50")
POOLED = ("average", "max")


class Least(NamedTuple):
    """The smallest clip that a video network takes, and what its sides are multiples of."""

    segments: int = 2
    size_px: int = 16
    steps: tuple[int, int] = (1, 1)


VIDEO = {
    "r3d_18": Least(),
    "mc3_18": Least(),
    "r2plus1d_18": Least(),
    "s3d": Least(segments=8, size_px=32),
    "mvit_v2_s": Least(size_px=32, steps=(2, 32)),
    "swin3d_t": Least(),
}
NAMES = (*IN_BLOCKS, "bninception", *VIDEO)
Backbone = Annotated[str, Field(pattern=rf"^({'|'.join(NAMES)}|{TIMM}[a-z0-9_]+(\.[a-z0-9_]+)?)$")]


def check_backbone(
    backbone: str, head: str, segments: int, size_px: int, compiled: bool, temporal_shift: float
) -> None:
    """Refuses what a backbone cannot do, before any network is trained for it."""
    if compiled and backbone not in IN_BLOCKS:
        refuse("compile", cannot_compile(backbone))
    if backbone.startswith(TIMM):
        _check_name(backbone)
    if backbone in VIDEO:
        _check_clip(backbone, head, segments, size_px)
    if backbone in VIDEO and temporal_shift:
        refuse(
            "temporal_shift",
            f"found {temporal_shift} with {backbone}, which relates frames itself; set it to 0",
        )


def cannot_compile(backbone: str) -> str:
    """Why."""
    return (
        f"found true with {backbone}, whose taps lie within what would be compiled as one, where no"
        " gradient reaches them; set it to false"
    )


def _check_clip(backbone: str, head: str, segments: int, size_px: int) -> None:
    least = VIDEO[backbone]
    if head not in POOLED:
        refuse(
            "head",
            f"found {head!r}, expected one of {', '.join(POOLED)} for {backbone}, which relates"
            " frames itself; set student.head to average, its own pooling",
        )
    for key, found, few, step in (
        ("segments", segments, least.segments, least.steps[0]),
        ("size_px", size_px, least.size_px, least.steps[1]),
    ):
        if found < few or found % step:
            multiple = f" and a multiple of {step}" if step > 1 else ""
            refuse(
                key, f"found {found}, expected at least {few}{multiple} for {backbone}; raise it"
            )


def _check_name(backbone: str) -> None:
    if find_spec("timm") is None:
        refuse("backbone", f"found {backbone!r}, but timm is not installed; install it")
    name = backbone.removeprefix(TIMM).partition(".")[0]
    if name not in timm_names():
        near = difflib.get_close_matches(name, timm_names(), n=1)
        hint = f"did you mean {TIMM}{near[0]}?" if near else "see timm.list_models()"
        refuse("backbone", f"found {backbone!r}, which timm does not have; {hint}")


@cache
def timm_names() -> frozenset[str]:
    """Names of timm's networks, read from its source: its import takes every job seconds."""
    spec = find_spec("timm")
    assert spec is not None  # The caller has looked.
    assert spec.origin is not None
    texts = (path.read_text("utf-8") for path in Path(spec.origin).parent.glob("models/*.py"))
    return frozenset(
        name for text in texts for name in re.findall(r"^@register_model\ndef (\w+)\(", text, re.M)
    )


@cache
def torchvision_weights(backbone: str) -> tuple[str, ...]:
    """Names of torchvision's weights of a network, read as above; empty where none are found."""
    spec = find_spec("torchvision")
    folder = Path(spec.origin).parent / "models" if spec and spec.origin else Path()
    for path in (*folder.glob("*.py"), *folder.glob("video/*.py")):
        text = path.read_text("utf-8")
        used = re.search(rf"^def {backbone}\(\*, weights: (?:Optional\[)?(\w+)", text, re.M)
        if used:
            named = re.search(rf"^class {used[1]}\(\w+\):\n((?:    .*\n|\n)*)", text, re.M)
            return tuple(re.findall(r"^    ([A-Z]\w*) = ", named[1], re.M)) if named else ()
    return ()
