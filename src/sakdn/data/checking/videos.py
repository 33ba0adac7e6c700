"""Reads one video to its end and says what is odd about it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sakdn.base.errors import InputError
from sakdn.data.checking.motion import SIDE_PX, Motion
from sakdn.data.clips.problems import STATED_RATE_TOLERANCE, Finding, digest_of, refusal
from sakdn.data.readers.decoding import Source
from sakdn.data.readers.image_folder import image_files
from sakdn.data.readers.parts import Part
from sakdn.data.readers.shown import glance, in_order
from sakdn.data.readers.timing import Timing
from sakdn.data.readers.video import check_pixels, plan_clip, read_clip
from sakdn.options.frames import FramesOptions

USUAL_HZ = (5, 240)
ODD_STEPS = 0.02
DAMAGED = "damaged: "


@dataclass(frozen=True)
class VideoFacts:
    """What is known of a video that was read to its end.

    Attributes:
        findings: what is odd about it.
        digest: of its content; empty if it cannot be read.
        rate_hz: frame rate; None where it has none.
        seconds: duration; None where it has no frame rate.
        motion: mean change of a pixel from each frame to the next; None if it cannot be read.
        timing: of its frames; None for images and depth maps.
        wrong_spans: what is wrong with spans that clips should be of it.
    """

    findings: tuple[Finding, ...]
    digest: str = ""
    rate_hz: float | None = None
    seconds: float | None = None
    motion: np.ndarray | None = None
    timing: Timing | None = None
    wrong_spans: Mapping[Part, str] = field(default_factory=dict)


def check_video(path: Path) -> VideoFacts:
    """Decodes a video, a folder of images or a depth clip (.mat) to its end.

    A decoder hides what it cannot read: frames are then made up from their neighbours. What it
    says about that is counted here, and the frames are held against what the container promises.
    What it takes for picture content is not seen: a few bytes overwritten within one frame.
    """
    try:
        if path.is_dir():
            files = image_files(path)
            return VideoFacts(tuple(_gaps(files)), digest_of(files), motion=_motion_of(path))
        if path.suffix == ".mat":
            return VideoFacts((), digest_of([path]), motion=_motion_of(path))
        return _check_file(path)
    except InputError as error:
        finding = refusal(path, error)
        if finding.message.startswith(DAMAGED):
            finding = Finding("damaged", "error", finding.message.removeprefix(DAMAGED))
        return VideoFacts((finding,))


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


def _motion_of(path: Path) -> np.ndarray:
    """Reads images or depth maps as a run does, and says how much moves in them."""
    options, motion = FramesOptions(short_side_px=min(SIDE_PX), color="grey"), Motion()
    for block in read_clip(path, plan_clip(path, options), options):
        for picture in block[..., 0]:
            motion.add(picture)
    return motion.energy


def _check_file(path: Path) -> VideoFacts:
    seen, motion = glance(path), Motion()
    width, height = SIDE_PX
    check_pixels(path, seen.first)
    times: list[float | None] = []
    with Source(path) as source:
        with source.heard():
            for frame in source.frames():
                times.append(frame.time)
                small = frame.reformat(width=width, height=height, format="gray")
                motion.add(small.to_ndarray())
        told = seen.times_s()
        shown = seen.shown(in_order(times) if told is None else told)
        wrong = [*shown.wrong, *source.wrong(shown.timing.frames)]
        messages = source.messages or list(shown.messages)
    steps = np.diff(shown.times_s)
    steps = steps[np.isfinite(steps)]
    step_s = float(np.median(steps)) if len(steps) else 0
    rate_hz = 1 / step_s if step_s > 0 else shown.stated_hz
    findings = [*_damage(wrong, messages), *_odd_rate(steps, rate_hz, shown.stated_hz)]
    if shown.note:
        findings.append(Finding("rotation", "note", shown.note))
    seconds = float(np.sum(steps)) + step_s if step_s > 0 else shown.timing.end_s(source.decoded)
    digest = digest_of([path])
    return VideoFacts(tuple(findings), digest, rate_hz, seconds, motion.energy, shown.timing)


def _damage(wrong: list[str], messages: list[tuple[int, str, str]]) -> Iterator[Finding]:
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
