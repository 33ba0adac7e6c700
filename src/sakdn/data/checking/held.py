"""Whether a file holds the spans that clips are of it, as those see it that cut it."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from sakdn.base.errors import InputError
from sakdn.data.clips.options import SensorOptions
from sakdn.data.readers.frames_options import FramesOptions
from sakdn.data.readers.signals import timed_signal
from sakdn.data.readers.span import Span, cut_signal
from sakdn.data.readers.video import frames_of, plan_clip


def wrong_spans(
    path: Path, sensor: SensorOptions | None, spans: Iterable[Span | None]
) -> dict[Span, str]:
    """Reads a signal, or looks at a video, which has no options, and tries its spans.

    Returns:
        What is wrong with each span that cannot be cut out of the file.

    Raises:
        InputError: the file cannot be read.
    """
    wanted = dict.fromkeys(span for span in spans if span is not None)
    if not wanted or (sensor is not None and sensor.images):
        return {}
    cut, wrong = _cutter(path, sensor), {}
    for span in wanted:
        try:
            cut(span)
        except InputError as error:
            wrong[span] = str(error).removeprefix(f"{path}: ")
    return wrong


def _cutter(path: Path, sensor: SensorOptions | None) -> Callable[[Span], object]:
    if sensor is None:
        return partial(frames_of, path, plan_clip(path, FramesOptions()).timing)
    return partial(cut_signal, *timed_signal(path, sensor, None), path)
