"""Options of the wearable signals (config key `sensors`)."""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    field_serializer,
    model_serializer,
    model_validator,
)

from sakdn.base.errors import InputError
from sakdn.base.options import Options, Several, refuse
from sakdn.options.gaf import GafOptions
from sakdn.options.reruns import Reruns


class SignalOptions(Options):
    """Where in a file a sensor's signal is."""

    variable: str | None = Field(
        None, description="Variable of a .mat file; null for its only matrix."
    )
    columns: Annotated[Several[int | str], Field(min_length=1)] | None = Field(
        None,
        description="Columns of the signal that are this sensor's axes, any number of them, from 0"
        " or by name in the file's header; null for all.",
    )
    rate_hz: float | None = Field(
        50,
        gt=0,
        description="Sampling rate in Hz. A signal with time stamps is resampled to it; null for"
        " one over the median step.",
    )
    time_column: int | str | None = Field(
        None,
        description="Column of time stamps, by which samples are sorted; null where they are"
        " equally spaced in time.",
    )
    time_format: str = Field(
        "s",
        description="How time stamps are written: s, ms, us or ns for numbers, iso8601, else a"
        " format of strptime.",
    )
    offset_s: float = Field(
        0.0,
        description="Seconds after the video at which the sensor was started; negative for before."
        " The signal is moved by so much. Source table may have a column <name>_offset_s besides,"
        " which is added.",
    )
    separator: Literal[",", ";", "|", "tab", "blank"] | None = Field(
        None,
        description="Text files only. What stands between cells; blank is any run of blanks and"
        " tabs. null for what the file itself shows.",
    )
    decimal: Literal[".", ","] | None = Field(
        None,
        description="Text files only. Sign of decimals. null for what the file itself shows.",
    )
    skip_rows: int | None = Field(
        None,
        ge=0,
        description="Text files only. Lines to leave out at the top. null to find the header where"
        " it is certain.",
    )
    comment: str | None = Field(
        None,
        min_length=1,
        description="Text files only. Sign that begins a comment, to the end of its line.",
    )
    encoding: str | None = Field(
        None,
        min_length=1,
        description="Text files only. How letters are stored, for example cp1252 or utf-16; null"
        " for UTF-8.",
    )

    def moved(self, offset_s: float) -> Self:
        """The same with so many seconds more between the video's start and the sensor's."""
        return self.model_copy(update={"offset_s": self.offset_s + offset_s}) if offset_s else self


# Keys of a sensor that only pictures show.
SHOWN = ("axes", "unit")
# Keys of a sensor that hold for ready images too.
OF_IMAGES = ("images", "gaf")


class SensorOptions(SignalOptions):
    """One entry a wearable signal; each gets a teacher."""

    path: str | None = Field(
        None,
        description="Path below root, with what differs from recording to recording in braces as in"
        " data.video, less the camera. Source table has a column instead.",
    )
    images: Annotated[str, Field(min_length=1)] | bool | None = Field(
        None,
        description="The sensor comes as ready images, not as signals: their path pattern (as path;"
        " * is any part of a name), or true where the table's column holds their paths. Squares of"
        " grey or RGB, further channels below one another; resized to gaf.image_size_px.",
    )
    axes: Annotated[
        Several[str] | None, Reruns("explain", description="the explanations and the report")
    ] = Field(
        None,
        description="Names of the axes as pictures show them, in the order of columns; null for the"
        " names of the columns, where they have any.",
    )
    unit: Annotated[
        str | None, Reruns("explain", description="the explanations and the report")
    ] = Field(None, description="Unit of the signal as pictures show it, such as g or deg/s.")
    gaf: Annotated[
        GafOptions, Reruns("gaf", description="this sensor's images and what follows")
    ] = Field(GafOptions(), description="Options of gaf that differ for this sensor.")

    @model_validator(mode="after")
    def _one_name_an_axis(self) -> "SensorOptions":
        if self.axes is not None and self.columns and len(self.axes) != len(self.columns):
            refuse(
                "axes",
                f"found {len(self.axes)} names, expected {len(self.columns)} as there are columns;"
                " name every axis once",
            )
        return self

    def axis_names(self, count: int) -> list[str]:
        """What pictures call the `count` axes."""
        names = [each for each in self.axes or self.columns or () if isinstance(each, str)]
        return names if len(names) == count else [f"axis {k + 1}" for k in range(count)]

    @field_serializer("gaf")
    def _own_only(self, gaf: GafOptions) -> dict[str, Any]:
        """Only what was set, since the rest is that of the run."""
        return gaf.model_dump(exclude_unset=True)

    @model_serializer(mode="wrap")
    def _of_images(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Of ready images only what holds for them: the rest may not be said of them."""
        values: dict[str, Any] = handler(self)
        return {key: values[key] for key in OF_IMAGES} if self.images else values

    def pattern(self, name: str) -> str:
        """The path pattern of sensor `name`.

        Raises:
            InputError: there is none, or two.
        """
        given = [pattern for pattern in (self.path, self.images) if isinstance(pattern, str)]
        if len(given) != 1:
            found = "path and images" if given else "is missing"
            raise InputError(
                f"sensors.{name}.path: {found}; give the path pattern of the signals (path) or of"
                " ready images (images)"
            )
        return given[0]

    def key(self, name: str) -> str:
        """The config key of `pattern`."""
        return f"sensors.{name}.{'images' if self.images else 'path'}"


class ImageOptions(GafOptions):
    """How the signals of one sensor become images."""

    signal: SignalOptions = SignalOptions()
    images: bool = Field(
        False, description="The files are ready images, which are resized and nothing else."
    )

    @model_validator(mode="after")
    def _check_windows(self) -> "ImageOptions":
        if self.images and self.windows.count > 1:
            refuse(
                "windows.count",
                f"found {self.windows.count}, expected 1: ready images cannot be cut; set it to 1"
                " or give the signals",
            )
        return self
