"""Options of the student (config key `student`)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sakdn.base.options import Options, refuse
from sakdn.options.backbones import Backbone, check_backbone
from sakdn.options.frames import SidePx
from sakdn.options.training import LayoutOptions, TrainingOptions
from sakdn.options.weights import StartOptions, weights_file

FlipPolicy = Literal["none", "unsided", "all"]
Input = Literal["frames", "difference", "both"]
Segments = Annotated[
    int, Field(ge=2, le=1024, description="Frames a clip; at most 20 with head trn.")
]
MAX_TRN_SEGMENTS = 20  # The multi-scale TRN lists all tuples of segments: a million at 20.
VIEW_PX = Field(ge=16, le=4096, description="Side of the square that the network sees.")


class NetworkOptions(StartOptions, LayoutOptions):
    """Architecture of a student."""

    backbone: Backbone = Field(
        "small",
        description="Network of a frame: small, bninception (the paper's), resnet18, resnet50 or"
        " timm/<name>, any of timm's with maps at several strides; or of a clip: r3d_18, mc3_18,"
        " r2plus1d_18, s3d, mvit_v2_s or swin3d_t of torchvision.",
    )
    width: int = Field(
        16, ge=2, le=1024, description="Channels of the first block of the small backbone."
    )
    head: Literal["trn", "tconv", "average", "max"] = Field(
        "trn",
        description="How segments are joined: multi-scale relations (the paper), temporal"
        " convolution, the mean, or the largest value of each feature over time. Networks of a"
        " clip relate frames themselves and take average (their own pooling) or max.",
    )
    segments: Segments = 8
    temporal_shift: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description="Share of the channels that every block takes from the frame before, and as"
        " large a share from the frame after (temporal shift modules, Lin et al. 2019: 0.125); 0"
        " for none, as networks of a clip have it.",
    )
    dropout: float = Field(
        0.5, ge=0, lt=1, description="On the frame features; the paper's is 0.8."
    )
    partial_bn: bool = Field(
        False,
        description="Freeze all batch normalisation but the first (the paper); only with weights,"
        " as a random network with it does not learn.",
    )
    embed_std: float | None = Field(
        None,
        ge=0,
        description="Standard deviation of the first weights of the embedding; the paper's is"
        " 0.001, null for PyTorch's.",
    )


class StudentNetwork(NetworkOptions):
    """What rebuilds a student, beside its classes and the length of their vectors."""

    in_channels: Literal[1, 2, 3, 6] = Field(
        3,
        description="Channels of an input frame, with its difference where both are seen; those"
        " made for colour take 3 or 6.",
    )

    size_px: int = Field(
        224,
        ge=16,
        le=4096,
        description="Side of the input; matters to networks whose position encodings have a size.",
    )


class ViewOptions(Options):
    """How a student sees a clip."""

    size_px: Annotated[int, VIEW_PX] = 224
    background: Literal["keep", "subtract"] = Field(
        "keep",
        description="keep, or subtract the mean of the clip's frames, which leaves what moves; for"
        " cameras that stand still.",
    )
    input: Input = Field(
        "frames",
        description="frames, the difference of each to the stored frame before it, or both as"
        " channels (weights made for frames then serve both).",
    )
    flip: FlipPolicy = Field(
        "none",
        description="Training clips that may be mirrored: none, those of classes without a"
        " counterpart on the other side, or all.",
    )


class StudentView(ViewOptions):
    """How a trained student sees a clip."""

    size_px: Annotated[int, VIEW_PX]
    segments: Segments
    short_side_px: SidePx = Field(
        description="Side to which stored frames are brought before the centre is cut out."
    )
    backbone: Backbone = Field(description="Whose pixel values.")

    @property
    def frames_read(self) -> int:
        """Frames of a clip that are read."""
        return self.segments if self.input == "frames" else 2 * self.segments


class LearningOptions(TrainingOptions):
    """How a student is trained."""

    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="Share of a label that is spread over all classes."
    )
    class_weights: Literal["none", "balanced"] = Field(
        "none",
        description="Of the label's loss: balanced weighs clips by the inverse frequency of their"
        " class in train.",
    )
    sampling: Literal["shuffled", "balanced"] = Field(
        "shuffled",
        description="Clips of an epoch: shuffled (each once) or balanced (as many, every class as"
        " often: clips of rare classes come again, of frequent ones not every epoch).",
    )
    labelled_share: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="Least share of a batch that has a label, where some training videos have none"
        " and the method learns from these too.",
    )
    bn_recompute_batches: int = Field(
        0,
        ge=0,
        description="Training batches over which the statistics of batch normalisation are computed"
        " anew before every look at val; 0 for the running ones, which lag behind the weights.",
    )


class StudentOptions(ViewOptions, NetworkOptions, LearningOptions):
    """The video network and its schedule, the same for every method."""

    @model_validator(mode="after")
    def _fits_the_backbone(self) -> "StudentOptions":
        clip = self.segments, self.size_px
        check_backbone(self.backbone, self.head, *clip, self.compile, self.temporal_shift)
        return self

    @model_validator(mode="after")
    def _no_frozen_random_norms(self) -> "StudentOptions":
        if self.partial_bn and not weights_file(self.backbone, self.weights):
            refuse(
                "partial_bn",
                "found true without student.weights, expected false: on random weights frozen batch"
                " norms keep the network from learning; set it to false or name student.weights",
            )
        return self
