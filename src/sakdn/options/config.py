"""The configuration of a run: every section, and what must hold between them."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_serializer, model_validator

from sakdn.base.options import Options, Several, UniqueItems, refuse
from sakdn.options.columns import FOLD, OPTIONAL, REQUIRED, SPAN
from sakdn.options.data import DataOptions
from sakdn.options.download import DownloadSection
from sakdn.options.explain import ExplainOptions
from sakdn.options.frames import FramesOptions
from sakdn.options.fusion import FusionOptions
from sakdn.options.gaf import GafOptions
from sakdn.options.knowledge import KnowledgeOptions
from sakdn.options.methods import SELF_TRAINING, MethodOptions
from sakdn.options.ready_images import check_ready_images
from sakdn.options.reruns import Reruns
from sakdn.options.resources import ResourcesOptions
from sakdn.options.semantics import SemanticsSection
from sakdn.options.sensors import SensorOptions
from sakdn.options.split import SplitOptions
from sakdn.options.student import MAX_TRN_SEGMENTS, StudentOptions
from sakdn.options.teacher import TeacherOptions
from sakdn.options.tune import TuneOptions

NO_SENSORS = ("fusion", "average", *REQUIRED, *OPTIONAL, *SPAN, FOLD, "split")
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
METHODS = ("none", "soft_target", "sakdn")


Seed = Annotated[int, Field(ge=0)]
Seeds = Annotated[Several[Seed], Field(min_length=1), UniqueItems()]


class Config(Options):
    """Configuration of a run. Every key, its default and what it means."""

    name: Annotated[
        str, Reruns("recordings", description="everything, into a folder of its own")
    ] = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$",
        description="Name of the run; its results lie in results/<name>.",
    )
    seeds: Annotated[Seeds, Reruns("teacher", description="seeds that are new")] = Field(
        (0, 1, 2),
        description="Seeds; every network is trained once with each.",
    )
    data: Annotated[
        DataOptions, Reruns("recordings", description="list of recordings and what follows")
    ]
    split: Annotated[SplitOptions, Reruns("clips", description="clips table and what follows")]
    sensors: Annotated[
        dict[Name, SensorOptions],
        Reruns("recordings", description="list of recordings and what follows"),
    ] = Field(min_length=1, description="One entry a wearable signal; each gets a teacher.")
    frames: Annotated[FramesOptions, Reruns("frames", description="frames and all students")] = (
        FramesOptions()
    )
    gaf: Annotated[GafOptions, Reruns("gaf", description="images and what follows")] = GafOptions()
    semantics: Annotated[
        SemanticsSection, Reruns("semantics", description="class vectors and all networks")
    ]
    teacher: Annotated[
        TeacherOptions, Reruns("teacher", description="teachers and what follows")
    ] = TeacherOptions()
    fusion: Annotated[FusionOptions, Reruns("fusion", description="fusion and what follows")] = (
        FusionOptions()
    )
    knowledge: Annotated[
        KnowledgeOptions, Reruns("knowledge", description="knowledge and the students that use it")
    ] = KnowledgeOptions()
    student: Annotated[StudentOptions, Reruns("student", description="all students")] = (
        StudentOptions()
    )
    methods: Annotated[dict[Name, MethodOptions], Reruns("student", description="this student")] = (
        Field(
            {loss: MethodOptions(loss=loss) for loss in METHODS},
            description="How students are taught; none (the video alone) is always trained.",
            json_schema_extra={"default": {loss: {"loss": loss} for loss in METHODS}},
        )
    )
    tune: Annotated[TuneOptions, Reruns("tune", description="what is tried anew")] = TuneOptions()
    explain: Annotated[ExplainOptions, Reruns("explain", description="explanations")] = (
        ExplainOptions()
    )
    download: Annotated[
        DownloadSection,
        Reruns("", description="nothing but words and weights that the run itself downloads"),
    ] = DownloadSection()
    logging: Annotated[Literal["none", "tensorboard"], Reruns("", description="nothing")] = Field(
        "none",
        description="tensorboard writes losses, val, learning rate, pictures and saliency of"
        " trainings to come beside each network (`tensorboard --logdir results/<name>`).",
    )
    resources: Annotated[ResourcesOptions, Reruns("", description="nothing")] = ResourcesOptions()

    @field_serializer("methods")
    def _own_only(self, methods: dict[str, MethodOptions]) -> dict[str, Any]:
        """What was set: most weights belong to other losses."""
        return {name: method.model_dump(exclude_unset=True) for name, method in methods.items()}

    @model_validator(mode="after")
    def _check_across(self) -> "Config":
        check_sensors(self)
        check_segments(self)
        check_methods(self)
        check_labels(self)
        check_ready_images(self.sensors, self.data.source, self.gaf.windows.count, self.methods)
        check_explained(self)
        check_tuned(self)
        return self


def check_sensors(config: Config) -> None:
    """Checks that no sensor is called as something else is."""
    for name in config.sensors:
        if name in NO_SENSORS:
            refuse(
                f"sensors.{name}",
                "found the name of a column or of all teachers, expected another; rename the"
                " sensor",
            )


def check_segments(config: Config) -> None:
    """Checks that the student's head can take so many segments."""
    student = config.student
    if student.head == "trn" and student.segments > MAX_TRN_SEGMENTS:
        refuse(
            "student.segments",
            f"found {student.segments}, head `trn` takes at most {MAX_TRN_SEGMENTS}; take fewer, or"
            " set student.head to tconv, average or max",
        )


def check_methods(config: Config) -> None:
    """Checks that a method's teacher and maps exist, and that `none` is the baseline."""
    teachers = ["fusion", "average", *sorted(config.sensors)]
    for name, method in config.methods.items():
        if method.teacher not in teachers:
            words = f"found {method.teacher!r}, expected one of {', '.join(teachers)}"
            refuse(f"methods.{name}.teacher", words)
        if (name == "none") != (method.loss == "none"):
            refuse(
                f"methods.{name}",
                "`none` is the name of the video-only baseline and of no other method; rename it or"
                " change its loss",
            )
        if "maps" in method.needs() and not config.knowledge.keep_maps:
            refuse(
                "knowledge.keep_maps",
                f"found false, but methods.{name} ({method.loss}) compares the teachers' maps; set"
                " it to true or leave the method out",
            )


def check_labels(config: Config) -> None:
    """Checks that no method starts from labelled videos where there are none."""
    labelled = config.split.labelled
    if labelled is None or labelled.video:
        return
    for name, method in config.methods.items():
        own = {"": method.loss == SELF_TRAINING, ".second_opinion": method.second_opinion}
        for key in (key for key, wanted in own.items() if wanted):
            refuse(
                f"methods.{name}{key}",
                "asks a student for its own answers, but with split.labelled.video: false no video"
                " has a label to start from; leave it out or set video to true",
            )


def check_explained(config: Config) -> None:
    """Checks that the method to explain is one that is trained."""
    explained, known = config.explain.method, {"none", *config.methods}
    if explained is not None and explained not in known:
        words = f"found {explained!r}, expected one of {', '.join(sorted(known))}"
        refuse("explain.method", words)


def check_tuned(config: Config) -> None:
    """Checks that weights are searched of methods that have some."""
    known = [name for name, method in config.methods.items() if method.terms()]
    for name in config.tune.methods or ():
        if name not in known:
            words = f"found {name!r}, expected some of {', '.join(known)}"
            refuse("tune.methods", words)
