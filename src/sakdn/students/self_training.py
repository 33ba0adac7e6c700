"""Self-training: what a student makes of unlabelled videos without any teacher.

The average of its own weights names the class of each unlabelled clip, seen as at test; where it
is sure enough the student, which sees the clip randomly cut, takes that for a label. Average:
Tarvainen and Valpola 2017 (mean teacher); confident answers on another view: Sohn et al. 2020
(FixMatch).
"""

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from sakdn.models.student import Student
from sakdn.options.training import Precision
from sakdn.students.scores import run_student
from sakdn.training.average import follow


class OwnTeacher(nn.Module):
    """The average of a student's weights, trained by no gradient; part of the resumable state."""

    updates: Tensor

    def __init__(self, student: Student) -> None:
        """Begins with the student's first weights."""
        super().__init__()
        self.network = copy.deepcopy(student).requires_grad_(False)
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))
        self.eval()

    def train(self, mode: bool = True) -> "OwnTeacher":
        """Stays in eval mode: it answers as at test."""
        return super().train(False)

    def follow(self, student: Student, decay: float) -> None:
        """Moves towards the student's weights, `decay` of its own staying."""
        follow(self.network.state_dict(), student, decay, int(self.updates))
        self.updates += 1

    @torch.no_grad()
    def answers(self, clips: Tensor, precision: Precision) -> Tensor:
        """Logits [N, C] of clips [N, T, channels, H, W]."""
        return run_student(self.network, clips, precision).logits


def confident_loss(logits: Tensor, answers: Tensor, confidence: float) -> Tensor:
    """Cross-entropy with the answers of those clips of which they are sure, over all N clips.

    Args:
        logits: of the student [N, C].
        answers: logits [N, C] of its average.
        confidence: least probability of an answer that counts.
    """
    sure, named = answers.softmax(1).max(1)
    return (F.cross_entropy(logits, named, reduction="none") * (sure >= confidence)).mean()
