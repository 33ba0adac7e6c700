"""Options of the recordings (config key `data`)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sakdn.base.options import OneOf, Options, Several, refuse
from sakdn.options.demo import DemoOptions
from sakdn.options.reruns import Reruns

# Data sets by name, with where they are to be had.
SOURCES = {
    "demo": "",
    "utd_mhad": "`snakemake download_utd_mhad` gets it into data/utd-mhad",
    "berkeley_mhad": (
        "Berkeley MHAD is given to who asks for it at"
        " https://tele-immersion.citris-uc.org/berkeley_mhad: unpack its Camera archives to"
        " {root}/Camera/Cluster01/Cam01/S01/A01/R01/*.pgm and so on, its Accelerometer archive to"
        " {root}/Accelerometer/Shimmer01/*.txt and so on"
    ),
    "mmact": (
        "MMAct is given to who asks for it at https://mmact19.github.io/2019/: unpack its trimmed"
        " videos to {root}/video/subject1/cam1/scene1/session1/<action>.mp4 and so on, its sensors"
        " to {root}/acc_phone_clip, acc_watch_clip, gyro_clip and orientation_clip, each"
        " subject1/scene1/session1/<action>.csv and so on"
    ),
    "table": "",
}
Source = Annotated[str, OneOf(SOURCES)]
Missing = Literal["error", "drop", "mask"]
NO_BRACES = r"^[^{}]*$"


class DataOptions(Options):
    """Where the recordings are."""

    source: Source = Field(
        description="demo (made on the spot), utd_mhad (files named aX_sY_tZ), berkeley_mhad, mmact"
        " or table (your own clips table)."
    )
    root: str = Field(min_length=1, description="Folder of the recordings.")
    outside_root: bool = Field(
        False,
        description="Whether recordings may lie outside root: absolute paths, `..` and symbolic"
        " links that lead elsewhere. Leave it false for tables and archives of others.",
    )
    video: str | None = Field(
        None,
        min_length=1,
        description="Path below root of a clip's video, a file or a folder of images. What differs"
        " from clip to clip stands in braces: {clip} (aX_sY_tZ) for UTD-MHAD, {cluster} {camera}"
        " {subject} {action} {trial} for Berkeley MHAD, {subject} {view} {scene} {session} {action}"
        " for MMAct. Source table has a column instead.",
    )
    table: str | None = Field(
        None,
        pattern=NO_BRACES,
        description="Source table only. The clips table (CSV); no braces in its path.",
    )
    annotations: str | None = Field(
        None,
        pattern=NO_BRACES,
        description="Source table only, whose rows are long recordings then. What is done when: CSV"
        " with start_s, end_s, action_name and the column clip, recording or video of the table; no"
        " braces in its path.",
    )
    classes: str | None = Field(
        None,
        pattern=NO_BRACES,
        description="File with one class name a line, in the order of the labels; no braces in its"
        " path.",
    )
    sensors_missing: Missing | None = Field(
        None,
        description="Clips that lack a sensor are an error, are left out (drop) or are used with"
        " the sensors that they have (mask). null is error, but mask for source table,"
        " whose empty cells say that it is meant.",
    )
    on_bad_clip: Literal["error", "drop"] = Field(
        "error",
        description="Clips that `snakemake check_data` finds unusable stop it (error), or every"
        " file is read before anything else and such clips are left out (drop) and"
        " listed in results/<name>/dropped.csv.",
    )
    subjects: Several[int | str] | None = Field(
        None, description="Use these subjects only; null for all."
    )
    shards: int = Field(4, ge=1, description="Number of frame shards, one job each.")
    demo: Annotated[DemoOptions, Reruns("demo_data", description="everything")] = DemoOptions()

    @model_validator(mode="after")
    def _check_source(self) -> "DataOptions":
        needed = ("table",) if self.source == "table" else ("video", "classes")
        for key in needed:
            if not getattr(self, key):
                refuse(key, f"is missing; data.source {self.source} needs it")
        if self.annotations and self.source != "table":
            refuse("annotations", "needs data.source table; remove it or list the recordings so")
        return self

    @property
    def missing(self) -> Missing:
        """The policy for missing sensors."""
        return self.sensors_missing or ("mask" if self.source == "table" else "error")
