"""What a student's JSON says: enough to rebuild it and to use it; it may come from elsewhere."""

from typing import Literal

from pydantic import Field

from sakdn.base.options import Described
from sakdn.options.frames import FramesOptions
from sakdn.options.methods import MethodOptions
from sakdn.options.student import StudentNetwork, StudentView
from sakdn.training.about import Amount, Length, Plan, Text, Trained


class ClipLength(Described):
    """How long the training clips are, in frames."""

    median_frames: Amount
    longest_frames: Amount
    fps: Amount | None


class Scale(Described):
    """What the gradients of a term and of the label were, over the first steps (see `shares`).

    Attributes:
        share: of the term, its weight.
        label_gradient: mean length of the label's gradient.
        gradient: that of the term's.
        steps: how many were measured.
    """

    share: Amount
    label_gradient: float
    gradient: float
    steps: Length

    @property
    def factor(self) -> float:
        """What the term was multiplied by."""
        return self.share * self.label_gradient / self.gradient


class StudentPlan(Plan):
    """A student before its training."""

    kind: Literal["student"] = "student"
    method: Text
    distillation: MethodOptions
    network: StudentNetwork
    view: StudentView
    semantic_dim: Length
    frames: FramesOptions | None = None
    clip_length: ClipLength | None = None

    @property
    def stored(self) -> FramesOptions:
        """`frames` of a student that `students.load.open_student` opened: they are there."""
        assert self.frames is not None
        return self.frames

    @property
    def in_channels(self) -> int:
        """Channels of the network's input."""
        small, channels = self.network.backbone == "small", self.network.in_channels
        return channels if small else max(3, channels)

    @property
    def frame_channels(self) -> int:
        """Channels of a frame alone."""
        return self.in_channels // 2 if self.view.input == "both" else self.in_channels


class StudentAbout(Trained, StudentPlan):
    """A trained student; `scales` of the terms it was taught by, as they were measured."""

    scales: dict[Text, Scale] = Field({})
