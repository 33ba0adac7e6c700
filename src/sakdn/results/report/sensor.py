"""What a sample shows of one sensor: its signal over time, its images with their names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sakdn.base.options import parse_options
from sakdn.options.sensors import SensorOptions
from sakdn.results.plots import AXIS_COLOURS, new_figure, value_label
from sakdn.results.report.images import Image, figure_image, pixel_image
from sakdn.teachers.gaf.stored import GafImages

GAF_SIDE_PX = 150
# Grey levels of 255: a field of a smaller spread looks like one colour.
FLAT = 26
PRIMARIES = ("red", "green", "blue")


@dataclass(frozen=True)
class Sensor:
    """What a sample shows of one sensor: its images with captions, and the signal if it has one."""

    name: str
    signal: Image | None
    gafs: list[tuple[str, Image]]


def sensor_options(name: str, options: dict[str, Any]) -> SensorOptions:
    """Options of a sensor, as the config has them."""
    return parse_options(SensorOptions, options, f"sensors.{name}")


def sensor_sample(
    gaf: GafImages, row: int, source: SensorOptions, signal: NDArray[np.float64] | None
) -> Sensor:
    """The sensor in the clip of that row; `signal` [samples, axes], None for ready images."""
    image = np.moveaxis(gaf.images[row, 0], 0, -1)  # [height, width, channels]
    of_clip = gaf.index.options.scaling == "clip"
    gafs = []
    for title, axes, channels in _groups(gaf, source, image.shape[2]):
        part = np.ascontiguousarray(image[:, :, channels])
        caption = title + _flatness(part, axes, of_clip)
        gafs.append((caption, pixel_image(part, GAF_SIDE_PX, f"{gaf.sensor}: {caption}")))
    picture = None if signal is None else _signal_image(gaf.sensor, signal, source)
    return Sensor(gaf.sensor, picture, gafs)


def _groups(
    gaf: GafImages, source: SensorOptions, channels: int
) -> Iterator[tuple[str, list[str], slice]]:
    """Name, axes and channels of every picture: three axes at a time as red, green and blue."""
    fields = ["image"] if source.images else [f"{each} field" for each in gaf.index.options.fields]
    count = channels // len(fields)
    axes = [f"channel {k + 1}" for k in range(count)] if source.images else source.axis_names(count)
    step = 3 if count % 3 == 0 else 1
    for number, field in enumerate(fields):
        for first in range(0, count, step):
            own = axes[first : first + step]
            colours = [f"{axis} {colour}" for axis, colour in zip(own, PRIMARIES)]
            title = f"{field}: {', '.join(colours)}" if step == 3 else f"{field} of {own[0]}"
            start = number * count + first
            yield title, own, slice(start, start + step)


def _flatness(part: NDArray[np.uint8], axes: list[str], of_clip: bool) -> str:
    """Which of the channels [H, W, k] look like one colour; empty for none."""
    spread = np.ptp(part.reshape(-1, part.shape[2]).astype(int), axis=0)
    still = [axis for axis, width in zip(axes, spread) if width < FLAT]
    if not still:
        return ""
    scale = "its own scale" if of_clip else "the scale of all clips"
    return f"; flat: {' and '.join(still)} hardly move{'s' * (len(still) == 1)} on {scale}"


def _signal_image(name: str, signal: NDArray[np.float64], source: SensorOptions) -> Image:
    """The axes of a signal [samples, axes] over time, or over samples where no rate is known."""
    figure = new_figure(4.6, 2.0)
    axes = figure.subplots()
    unit = "s" if source.rate_hz else "samples"
    time = np.arange(len(signal)) / (source.rate_hz or 1)
    axes.set_prop_cycle(color=AXIS_COLOURS)
    for label, values in zip(source.axis_names(signal.shape[1]), signal.T):
        axes.plot(time, values, lw=1.2, label=label)
    axes.set(xlabel=f"time ({unit})", ylabel=value_label(name, source.unit))
    figure.legend(
        frameon=False, fontsize=9, ncols=min(4, signal.shape[1]), loc="outside upper right"
    )
    axes.spines[["top", "right"]].set_visible(False)
    alt = f"Signal of the {name}: {signal.shape[1]} axes over {time[-1]:.1f} {unit}."
    return figure_image(figure, alt)
