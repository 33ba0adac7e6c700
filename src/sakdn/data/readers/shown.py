"""What a player would show of a video file: which frames, when, how large and which way up.

Everything that is told of a video, and everything that is read from it, starts here.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.readers.container import cut_short, promise_of
from sakdn.data.readers.decoding import Source
from sakdn.data.readers.orientation import Orientation, orientation_of
from sakdn.data.readers.timing import Timing, timing_of

# Each packet of these gives one frame.
ONE_EACH = re.compile(
    "av1|ffv1|flv1|gif|h26[34]|hevc|huffyuv|mjpeg|mpeg[12]video|mpeg4|msmpeg4v[123]|png|prores"
    "|rawvideo|vp[89]|wmv[123]"
)
VP8_SHOWN = 0b10000
SKIPPED_BYTES = 8  # A packet of MPEG-4 up to here may say: as before.
REORDERED_S = 2.0  # Packets stand by no more than this before others that are shown earlier.


@dataclass(frozen=True)
class Shown:
    """A video as a player shows it.

    Attributes:
        times_s: when each frame is shown, from the first [frames]; NaN where the file has no times.
        stated_hz: the frame rate that the file states; None if it does not.
        timing: the same as far as they differ.
        width: in px.
        height: in px.
        orientation: from a stored frame to the shown one.
        note: how frames are stored, if not as they are shown.
        wrong: what is wrong with the file, as far as its packets say.
        messages: what FFmpeg says of that.
    """

    times_s: np.ndarray
    stated_hz: float | None
    timing: Timing
    width: int
    height: int
    orientation: Orientation
    note: str
    wrong: tuple[str, ...]
    messages: tuple[tuple[int, str, str], ...]


class Coded(NamedTuple):
    """A packet: time in s (None if unknown) and what becomes of it."""

    time_s: float | None
    discarded: bool
    key: bool
    corrupt: bool
    sure: bool


@dataclass(frozen=True)
class Glance:
    """What the packets and the first frame of a video file say.

    Attributes:
        path: the file.
        coded: its packets.
        first: its first frame.
        stated_hz: the frame rate that the file states; None if it does not.
        wrong: what is wrong with the file, as far as its packets say.
        messages: what FFmpeg says of that.
    """

    path: Path
    coded: Sequence[Coded]
    first: av.VideoFrame
    stated_hz: float | None
    wrong: tuple[str, ...]
    messages: tuple[tuple[int, str, str], ...]

    def times_s(self) -> np.ndarray | None:
        """When frames are shown, ascending; None where packets do not tell which are."""
        return _times(self.coded) if _told(self.coded, self.first) else None

    def shown(self, times_s: np.ndarray) -> Shown:
        """The video whose frames are shown at these times.

        Raises:
            InputError: there are none.
        """
        if not len(times_s):
            raise InputError(f"{self.path}: shows no frames; record or copy it again")
        orientation = orientation_of(self.first)
        return Shown(
            times_s - times_s[0],
            self.stated_hz,
            timing_of(times_s, self.stated_hz),
            *orientation.size(self.first.width, self.first.height),
            orientation,
            orientation.words(self.first.rotation),
            self.wrong,
            self.messages,
        )


def glance(path: Path | str) -> Glance:
    """Reads all packets of a video file and decodes its first frame.

    Raises:
        InputError: missing, empty, not a video, or no frames.
    """
    with Source(Path(path)) as source:
        return glance_at(source, Path(path))


def glance_at(source: Source, path: Path) -> Glance:
    """The same, of a file that was just opened.

    Raises:
        InputError: no frames.
    """
    with source.heard():
        coded, first = _coded(source)
    wrong, messages = _wrong(source, coded), tuple(source.messages)
    if first is None:
        if not coded:
            raise InputError(f"{path}: holds no frames; record or copy it again")
        found = ", ".join(["no frames that can be decoded", *wrong])
        raise InputError(f"{path}: damaged: found {found}; copy it again")
    if source.container.format.name == "mpegts":
        _refuse_leaps(path, coded)
    rate = source.stream.average_rate
    return Glance(path, coded, first, float(rate) if rate else None, wrong, messages)


def look(path: Path | str) -> Shown:
    """Says how a video file is shown; see `look_at`."""
    with Source(Path(path)) as source:
        return look_at(source, Path(path))


def look_at(source: Source, path: Path) -> Shown:
    """Says how a video file, just opened, is shown.

    Only where packets do not tell how many frames are shown are all decoded: frames before the
    first key frame, fields, packets without time.

    Raises:
        InputError: no frames.
    """
    seen = glance_at(source, path)
    times_s = seen.times_s()
    return seen.shown(decoded_times(seen.path) if times_s is None else times_s)


def _coded(source: Source) -> tuple[list[Coded], av.VideoFrame | None]:
    """All packets, and the first frame."""
    name = source.stream.codec_context.codec.canonical_name
    unit_s = float(source.stream.time_base or 0)  # Every demuxer states one.
    # FFmpeg makes up when these are shown, and is wrong beside a gap; nor does it know then which
    # of them lean on frames before the first.
    guessed = source.container.format.name == "avi" and name in ("h264", "hevc")
    sure = bool(ONE_EACH.fullmatch(name)) and not (
        guessed and source.stream.codec_context.has_b_frames
    )
    coded = []
    vp8, mpeg4 = name == "vp8", name == "mpeg4"
    for packet in source.look():
        if not packet.size:
            continue
        ticks = packet.dts if packet.pts is None or guessed else packet.pts
        hidden = vp8 and not bytes(packet)[0] & VP8_SHOWN
        small = mpeg4 and packet.size <= SKIPPED_BYTES
        coded.append(
            Coded(
                None if ticks is None else ticks * unit_s,
                packet.is_discard or hidden,
                packet.is_keyframe,
                packet.is_corrupt,
                sure and not small,
            )
        )
    return coded, source.first


def _refuse_leaps(path: Path, coded: Sequence[Coded]) -> None:
    """Refuses recordings that were joined end to end, each with the times of its own clock."""
    times = np.array([packet.time_s for packet in coded if packet.time_s is not None])
    back = np.maximum.accumulate(times) - times
    if (back > REORDERED_S).any():
        raise InputError(
            f"{path}: its clock jumps back by {back.max():.1f} s, as where recordings were joined"
            " end to end; use the parts, or join them anew (ffmpeg -f concat)"
        )


def _told(coded: Sequence[Coded], first: av.VideoFrame) -> bool:
    """Whether packets say which frames are shown."""
    shown = [packet.time_s for packet in coded if not packet.discarded]
    times = {time for time in shown if time is not None}
    if len(times) < len(shown) or first.interlaced_frame:
        return False
    start = coded[0]
    led = start.time_s is None or any(time < start.time_s for time in times)
    return start.key and not led and all(packet.sure for packet in coded)


def _times(coded: Sequence[Coded]) -> np.ndarray:
    return np.sort([packet.time_s for packet in coded if not packet.discarded])


def decoded_times(path: Path) -> np.ndarray:
    """Decodes a file to its end; times in s of its frames, NaN where they have none."""
    with Source(path) as source, source.heard():
        return in_order(frame.time for frame in source.frames())


def in_order(times_s: Iterable[float | None]) -> np.ndarray:
    """Times of frames, ascending, NaN where they have none."""
    return np.sort([np.nan if time is None else time for time in times_s])


def _wrong(source: Source, coded: Sequence[Coded]) -> tuple[str, ...]:
    """What is wrong with a file whose packets were all read."""
    times = [packet.time_s for packet in coded]
    found = [
        promise_of(source.stream, source.container).broken(times),
        cut_short(source.stream, source.container),
    ]
    if incomplete := sum(packet.corrupt for packet in coded):
        found.append(f"{incomplete} incomplete frames")
    if any(part == source.container.format.name for _, part, _ in source.messages):
        found.append("a broken container")
    return tuple(each for each in found if each)
