"""What a teacher's JSON says, of one sensor or fused: enough to rebuild it."""

from typing import Literal

from sakdn.base.options import Described, Several
from sakdn.options.gaf import ImagePx
from sakdn.options.sensors import ImageOptions
from sakdn.options.teacher import StreamOptions
from sakdn.teachers.gaf.index import GafIndex
from sakdn.training.about import Length, Plan, Trained


class StreamAbout(StreamOptions):
    """What rebuilds the network of one sensor."""

    in_channels: Length
    image_size_px: ImagePx
    semantic_dim: Length
    n_classes: Length

    @property
    def architecture(self) -> StreamOptions:
        """The options alone."""
        return StreamOptions(backbone=self.backbone, width=self.width)


class SpamfmAbout(Described):
    """What rebuilds SPAMFM."""

    reduction: int | None
    rule: Literal["self", "bank"]


class ImagesAbout(Described):
    """How the images of a sensor were made, as its index says; enough to make those of a signal."""

    options: ImageOptions
    ranges: Several[Several[float]] | None = None


def images_about(index: GafIndex) -> ImagesAbout:
    """How the images of an index were made."""
    return ImagesAbout(options=index.options, ranges=index.ranges)


class TeacherPlan(Plan):
    """Teachers before their training: one, or those of all sensors, fused.

    `images` has an entry a sensor; None in those of older runs.
    """

    kind: Literal["teacher", "fusion"]
    sensors: Several[str]
    networks: Several[StreamAbout]
    fusion: SpamfmAbout | None = None
    bank: Several[str] | None = None
    images: Several[ImagesAbout] | None = None


class TeacherAbout(Trained, TeacherPlan):
    """Trained teachers."""
