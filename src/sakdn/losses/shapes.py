"""Guards that the losses share."""

import torch
from torch import Tensor
from torch.nn import functional as F

from sakdn.base.errors import InputError

EPSILON = 1e-12


def require_same_shape(name: str, student: Tensor, teacher: Tensor, remedy: str) -> None:
    """Refuses two tensors that PyTorch would broadcast, or fail on, without a word.

    Raises:
        InputError: the shapes differ.
    """
    if student.shape != teacher.shape:
        raise InputError(
            f"{name}: student has shape {list(student.shape)}, teacher {list(teacher.shape)}; "
            f"expected the same; {remedy}"
        )


def unit(values: Tensor, dims: int = 1, floor: float = EPSILON) -> Tensor:
    """Divides by the L2 norm over the last `dims` axes taken together; zeros stay zeros."""
    return F.normalize(values.flatten(-dims), dim=-1, eps=floor).view_as(values)


def full(values: Tensor) -> Tensor:
    """At least float32: norms and small differences do not survive in half precision."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


def masked_mean(values: Tensor, present: Tensor | None, trust: Tensor | None = None) -> Tensor:
    """Mean over the sensors a clip has, then over the clips that have any.

    Args:
        values: one value a clip and sensor [N, S]; those of absent sensors must be finite.
        present: which sensors a clip has [N, S] bool; None = all.
        trust: factor of each clip's values [N]; None = 1.

    Returns:
        Scalar; 0 when no clip has a sensor.
    """
    if trust is not None:
        values = values * trust[:, None]
    if present is None:
        return values.mean()
    mask = present.to(values.dtype)
    sensors = mask.sum(1)
    clips = (values * mask).sum(1) / sensors.clamp_min(1)
    return clips.sum() / torch.count_nonzero(sensors).clamp_min(1)
