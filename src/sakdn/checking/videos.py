"""Reads one video to its end and says what is odd about it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from sakdn.checking.problems import Finding, digest_of, refusal
from sakdn.container import open_video, promised_frames
from sakdn.errors import InputError
from sakdn.image_folder import image_files, read_image
from sakdn.matfile import load_array

USUAL_HZ = (5, 240)
ODD_STEPS = 0.02
RATE_TOLERANCE = 0.1
CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


@dataclass(frozen=True)
class VideoFacts:
    """What is known of a video that was read to its end.

    Attributes:
        findings: what is odd about it.
        digest: of its content; empty if it cannot be read.
        rate_hz: frame rate; None where it has none.
        seconds: duration; None where it has no frame rate.
    """

    findings: tuple[Finding, ...]
    digest: str = ""
    rate_hz: float | None = None
    seconds: float | None = None


@dataclass
class Decoded:
    """What decoding gave: times in s, frames marked as corrupt, packets refused, messages."""

    times: list[float]
    frames: int = 0
    corrupt: int = 0
    refused: int = 0
    rotation: int = 0


def check_video(path: Path) -> VideoFacts:
    """Decodes a video, a folder of images or a depth clip (.mat) to its end.

    A decoder hides what it cannot read: frames are then made up from their neighbours. What it
    says about that is counted here, and the frames are held against what the container promises.
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
        promised, promised_s = promised_frames(stream, container), _promised_seconds(stream)
        stated_hz = float(stream.average_rate) if stream.average_rate else None
        decoded = _decode(container, stream)
    step_s = _step(decoded.times)
    rate_hz = 1 / step_s if step_s else stated_hz
    seconds = decoded.frames / rate_hz if rate_hz else None
    findings = [
        *_damage(decoded, messages, promised, promised_s, step_s),
        *_odd_rate(decoded.times, step_s, stated_hz),
    ]
    if decoded.rotation % 360:
        turned = f"is stored turned by {decoded.rotation} degrees; it is turned back when read"
        findings.append(Finding("rotation", "note", turned))
    return VideoFacts(tuple(findings), digest_of([path]), rate_hz, seconds)


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
    decoded = Decoded([])
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            frames = packet.decode() if packet else []
        except av.FFmpegError:
            decoded.refused += 1
            frames, packet = [], packet if decoded.refused <= len(decoded.times) + 100 else None
        if packet is None:
            return decoded
        for frame in frames:
            decoded.frames += 1
            decoded.corrupt += frame.is_corrupt
            decoded.rotation = frame.rotation
            if frame.pts is not None and stream.time_base:
                decoded.times.append(float(frame.pts * stream.time_base))
