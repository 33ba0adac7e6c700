"""Reads one video to its end and says what is odd about it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.checking.motion import SIDE_PX, Motion
from sakdn.data.clips.problems import STATED_RATE_TOLERANCE, Finding, digest_of, refusal
from sakdn.data.readers.container import open_video, promise_of, time_of
from sakdn.data.readers.image_folder import image_files, read_image
from sakdn.data.readers.matfile import load_array

USUAL_HZ = (5, 240)
ODD_STEPS = 0.02
UNSHOWN_PACKETS = ("vp8",)  # Its packets need not give a frame each.


@dataclass(frozen=True)
class VideoFacts:
    """What is known of a video that was read to its end.

    Attributes:
        findings: what is odd about it.
        digest: of its content; empty if it cannot be read.
        rate_hz: frame rate; None where it has none.
        seconds: duration; None where it has no frame rate.
        motion: change from frame to frame [frames - 1]; None where it was not looked for.
    """

    findings: tuple[Finding, ...]
    digest: str = ""
    rate_hz: float | None = None
    seconds: float | None = None
    motion: np.ndarray | None = None


@dataclass
class Decoded:
    """What decoding gave.

    Attributes:
        packets: time in s of each coded frame, also of those that are not to be shown.
        shown: packets that are to be shown.
        frames: frames decoded.
        corrupt: frames that the decoder marks as corrupt.
        refused: packets that it refuses.
        rotation: degrees, as the file says.
        times: of the frames in s, as far as they have one.
        motion: between the frames.
    """

    packets: list[float | None] = field(default_factory=list)
    shown: int = 0
    frames: int = 0
    corrupt: int = 0
    refused: int = 0
    rotation: int = 0
    times: list[float] = field(default_factory=list)
    motion: Motion = field(default_factory=Motion)


def check_video(path: Path) -> VideoFacts:
    """Decodes a video, a folder of images or a depth clip (.mat) to its end.

    A decoder hides what it cannot read: frames are then made up from their neighbours. What it
    says about that is counted here, and the frames are held against what the container promises.
    What it takes for picture content is not seen: a few bytes overwritten within one frame.
    """
    try:
        if path.is_dir():
            files = image_files(path)
            for file in files:
                read_image(file, "grey")
            return VideoFacts(tuple(_gaps(files)), digest_of(files))
        if path.suffix == ".mat":
            load_array(path, None, 3)
            return VideoFacts((), digest_of([path]))
        return _check_file(path)
    except InputError as error:
        return VideoFacts((refusal(path, error),))


def _gaps(files: list[Path]) -> Iterator[Finding]:
    """Numbers that are missing from the names of a folder's images."""
    numbers = [re.findall(r"\d+", path.stem)[-1:] for path in files]
    steps = np.diff([int(number) for (number,) in numbers]) if all(numbers) else np.array([])
    gaps = int((steps != np.median(steps)).sum()) if len(steps) else 0
    if gaps:
        place = int((steps != np.median(steps)).argmax())
        yield Finding(
            "frame_gap",
            "warning",
            f"numbers of the images leap {gaps} times, first after {files[place].name}",
        )


def _check_file(path: Path) -> VideoFacts:
    with _decoder_messages() as messages, open_video(path) as container:
        stream = container.streams.video[0]
        decoded = _decode(container, stream)
        damage = list(_damage(decoded, messages, stream, container))
        stated_hz = float(stream.average_rate) if stream.average_rate else None
    steps = np.diff(np.sort(decoded.times))
    step_s = float(np.median(steps)) if len(steps) else 0
    rate_hz = 1 / step_s if step_s > 0 else stated_hz
    findings = [*damage, *_odd_rate(steps, rate_hz, stated_hz)]
    if decoded.rotation % 360:
        turned = f"is stored turned by {decoded.rotation} degrees; it is turned back when read"
        findings.append(Finding("rotation", "note", turned))
    seconds = decoded.frames / stated_hz if stated_hz else None
    if step_s > 0:
        seconds = float(np.sum(steps)) + step_s
    return VideoFacts(tuple(findings), digest_of([path]), rate_hz, seconds, decoded.motion.energy)


@contextmanager
def _decoder_messages() -> Iterator[list[tuple[int, str, str]]]:
    """Yields a list that fills with what FFmpeg calls errors: (level, part, message)."""
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as messages:
            yield messages
    finally:
        av.logging.set_level(None)


def _decode(container: av.container.InputContainer, stream: av.VideoStream) -> Decoded:
    stream.codec_context.thread_count = 1  # Files are read in parallel already.
    decoded = Decoded()
    try:
        for packet in container.demux(stream):
            if packet.size:
                decoded.packets.append(time_of(packet))
                decoded.shown += not packet.is_discard
            _add_frames(packet, decoded)
    except av.FFmpegError:
        decoded.refused += 1
    return decoded


def _add_frames(packet: av.Packet, decoded: Decoded) -> None:
    try:
        frames = packet.decode()
    except av.FFmpegError:
        decoded.refused += 1
        return
    for frame in frames:
        decoded.frames += 1
        decoded.corrupt += frame.is_corrupt
        decoded.rotation = frame.rotation
        width, height = SIDE_PX
        decoded.motion.add(frame.reformat(width=width, height=height, format="gray").to_ndarray())
        if frame.time is not None:
            decoded.times.append(frame.time)


def _damage(
    decoded: Decoded,
    messages: list[tuple[int, str, str]],
    stream: av.VideoStream,
    container: av.container.InputContainer,
) -> Iterator[Finding]:
    broken = promise_of(stream, container).broken(decoded.packets)
    wrong = [broken] if broken else []
    if any(part == container.format.name for _, part, _ in messages):
        wrong.append("a broken container")
    if decoded.frames < decoded.shown and stream.codec_context.name not in UNSHOWN_PACKETS:
        wrong.append(f"{decoded.shown - decoded.frames} frames that cannot be decoded")
    for count, words in ((decoded.corrupt, "corrupt frames"), (decoded.refused, "broken packets")):
        if count:
            wrong.append(f"{count} {words}")
    found = f"the decoder reports {len(messages)} errors"
    if messages:
        found += f", the first: {messages[0][1]}: {messages[0][2].strip()}"
    if wrong:
        yield Finding("damaged", "error", f"found {', '.join(wrong)}; {found}; copy it again")
    elif messages:
        yield Finding("decoder", "warning", f"{found}; look whether the frames are whole")


def _odd_rate(
    steps: np.ndarray, rate_hz: float | None, stated_hz: float | None
) -> Iterator[Finding]:
    """Odd frame rates; `steps` are the times between frames in s."""
    if rate_hz is None:
        yield Finding("frame_rate", "warning", "has no frame rate")
        return
    low, high = USUAL_HZ
    odd = int((np.abs(steps * rate_hz - 1) > 0.5).sum())
    if odd > max(1, ODD_STEPS * len(steps)):
        found = f"is uneven: {odd} of {len(steps)} steps are not of {1000 / rate_hz:.0f} ms"
        yield Finding("frame_rate", "warning", found)
    elif stated_hz and abs(rate_hz / stated_hz - 1) > STATED_RATE_TOLERANCE:
        found = f"frames come at {rate_hz:.4g} Hz, its container says {stated_hz:.4g} Hz"
        yield Finding("frame_rate", "warning", found)
    if not low <= rate_hz <= high:
        found = f"found {rate_hz:.4g} frames a second, expected {low} to {high}"
        yield Finding("frame_rate", "warning", found)
