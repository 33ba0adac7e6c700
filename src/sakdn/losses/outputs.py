"""Losses on what the networks put out: logits.

In every loss the teacher's side is detached, and comes second.
"""

from torch import Tensor
from torch.nn import functional as F

from sakdn.losses.shapes import require_same_shape

SAME_CLASSES = "train both on the same classes"


def soft_target(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Softened class probabilities: T^2 KL(teacher || student) (Hinton et al. 2015).

    Args:
        student: logits [N, C].
        teacher: logits [N, C].
        temperature: T, above 0; the higher, the more the unlikely classes count.

    Returns:
        Scalar, mean over the batch.
    """
    require_same_shape("soft_target", student, teacher, SAME_CLASSES)
    student_log = F.log_softmax(student / temperature, dim=1)
    teacher_log = F.log_softmax(teacher.detach() / temperature, dim=1)
    divergence = F.kl_div(student_log, teacher_log, reduction="batchmean", log_target=True)
    return temperature**2 * divergence


def logits(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean squared difference of logits [N, C] (Ba & Caruana 2014); a scalar."""
    require_same_shape("logits", student, teacher, SAME_CLASSES)
    return F.mse_loss(student, teacher.detach())
