"""Whether a file holds the spans that clips are of it, as those see it that cut it."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from sakdn.base.errors import InputError
from sakdn.data.readers.parts import Part, signal_cutter
from sakdn.data.readers.timing import Timing
from sakdn.data.readers.video import frames_of, plan_clip
from sakdn.options.frames import FramesOptions
from sakdn.options.sensors import SensorOptions


def wrong_spans(
    path: Path, sensor: SensorOptions | None, parts: Iterable[Part], timing: Timing | None = None
) -> dict[Part, str]:
    """Reads a signal, or looks at a video, which has no options, and tries its parts.

    Args:
        path: file of a signal or video.
        sensor: options of the signal; None for a video.
        parts: what clips are of it.
        timing: of the video, if somebody has looked already.

    Returns:
        What is wrong with each span that cannot be cut out of the file.

    Raises:
        InputError: the file cannot be read.
    """
    wanted = dict.fromkeys(part for part in parts if part.span)
    if not wanted or (sensor is not None and sensor.images):
        return {}
    cut, wrong = _cutter(path, sensor, timing), {}
    for part in wanted:
        try:
            cut(part)
        except InputError as error:
            wrong[part] = str(error).removeprefix(f"{path}: ")
    return wrong


def _cutter(
    path: Path, sensor: SensorOptions | None, timing: Timing | None
) -> Callable[[Part], object]:
    if sensor is not None:
        return signal_cutter(path, sensor, None)
    frames = partial(frames_of, path, timing or plan_clip(path, FramesOptions()).timing)
    return lambda part: part.span and frames(part.span)
