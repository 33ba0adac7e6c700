"""What a student's JSON must say: a student may come from elsewhere, or have been edited."""

from pathlib import Path
from typing import Any

from jsonschema.exceptions import best_match

from sakdn.base.errors import InputError, shown
from sakdn.base.schema import Validator

# As in the schema of the config.
MAX_PX, MAX_WIDTH, MAX_SEGMENTS = 4096, 1024, 1024
MAX_CLASSES, MAX_DIM = 100_000, 100_000


def check_student(path: Path, about: dict[str, Any]) -> None:
    """Checks what a student says of itself before a network is built from it.

    Args:
        path: of the JSON, for the error.
        about: its content.

    Raises:
        InputError: names the key, what was found and what is expected.
    """
    error = best_match(Validator(STUDENT).iter_errors(about))
    if error is None:
        return
    where = ".".join(map(str, error.absolute_path)) or "first level"
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        problem = f"{missing[0]} is missing"
    else:
        expected = shown({error.validator: error.validator_value})
        problem = f"found {shown(error.instance)}, expected {expected}"
    raise InputError(f"{path}: {where}: {problem}; use the file as training wrote it")


def _whole(minimum: int, maximum: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": minimum, "maximum": maximum}


def _object(optional: dict[str, Any] | None = None, **required: Any) -> dict[str, Any]:
    """An object with these keys and perhaps others."""
    properties = required | (optional or {})
    return {"type": "object", "required": list(required), "properties": properties}


BACKBONE = {"enum": ["small", "bninception", "resnet18", "resnet50"]}
SWITCH = {"type": "boolean"}
AMOUNT = {"type": "number", "minimum": 0, "maximum": 1e12}
TEXT = {"type": "string", "maxLength": 10_000}
NETWORK = _object(
    {
        "backbone": BACKBONE,
        "width": _whole(1, MAX_WIDTH),
        "in_channels": {"enum": [1, 3]},
        "segments": _whole(1, MAX_SEGMENTS),
        "head": {"enum": ["trn", "tconv", "average"]},
        "dropout": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
        "partial_bn": SWITCH,
        "weights": {"type": ["string", "null"]},
        "embed_std": AMOUNT | {"type": ["number", "null"]},
        "channels_last": SWITCH,
        "compile": SWITCH,
    }
)
VIEW = _object(
    {
        "flip": {"enum": ["none", "unsided", "all"]},
        "background": {"enum": ["keep", "subtract"]},
    },
    segments=_whole(1, MAX_SEGMENTS),
    size_px=_whole(1, MAX_PX),
    short_side_px=_whole(1, MAX_PX),
    backbone=BACKBONE,
)
FRAMES = _object(
    {"max_frames": {"type": ["integer", "null"]}},
    color={"enum": ["rgb", "grey"]},
    short_side_px=_whole(1, MAX_PX),
) | {"type": ["object", "null"]}
CLIP_LENGTH = _object(
    median_frames=AMOUNT, longest_frames=AMOUNT, fps=AMOUNT | {"type": ["number", "null"]}
) | {"type": ["object", "null"]}
STUDENT = _object(
    {"frames": FRAMES, "clip_length": CLIP_LENGTH},
    kind={"const": "student"},
    method=TEXT,
    distillation=_object(loss=TEXT, teacher=TEXT),
    network=NETWORK | {"additionalProperties": False},
    view=VIEW | {"additionalProperties": False},
    precision={"enum": ["fp32", "bf16"]},
    classes={
        "type": "array",
        "items": TEXT,
        "minItems": 1,
        "maxItems": MAX_CLASSES,
        "uniqueItems": True,
    },
    semantic_dim=_whole(1, MAX_DIM),
    seed={"type": "integer"},
    options={"type": "object"},
    best_epoch={"type": "integer"},
    val_accuracy=AMOUNT,
    cost=_object(wall_s=AMOUNT, cpu_s=AMOUNT, peak_memory_mb=AMOUNT),
    provenance=_object(versions=_object(torch=TEXT), git={"type": "object"}, device=TEXT),
)
