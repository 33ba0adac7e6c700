"""A camera or a stream as a student sees it, window by window while it runs."""

import json
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence

import av
import numpy as np
import torch

from sakdn.base.errors import InputError
from sakdn.commands.sliding import WindowLength, as_seen
from sakdn.data.readers.container import FORMATS, video_stream
from sakdn.data.readers.decoding import Scaler
from sakdn.data.readers.orientation import orientation_of
from sakdn.data.readers.timing import Timing
from sakdn.data.readers.video import as_stored, stored_size
from sakdn.models.student import Student
from sakdn.options.frames import FramesOptions
from sakdn.options.training import Precision
from sakdn.students.about import StudentAbout
from sakdn.students.frames.sampling import eval_indices, with_previous
from sakdn.students.scores import run_student

TIMEOUT_S = 10.0
DEFAULT_WINDOW_S = 2.0
STREAMS = "rtsp,rtp,sdp,hls,mpjpeg"
PROTOCOLS = "http,https,tcp,tls,udp,rtp,rtmp,rtsp,crypto"
CAMERAS = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}")}


def is_address(name: str) -> bool:
    """Whether a name is that of a stream, as rtsp://…, and not of a file."""
    scheme, mark, _ = name.partition("://")
    return bool(mark) and scheme in PROTOCOLS.split(",")


def open_live(name: str) -> av.container.InputContainer:
    """Opens a camera by its number or a stream by its address, within ten seconds.

    Raises:
        InputError: it cannot be opened, or sends no video.
    """
    options, kind, place = {"format_whitelist": f"{FORMATS},{STREAMS}"}, None, name
    if name.isdecimal():
        kind, pattern = CAMERAS.get(sys.platform, ("dshow", "video={}"))
        options, place = {}, pattern.format(name)
    else:
        options["protocol_whitelist"] = PROTOCOLS
    try:
        with av.logging.Capture():
            container = av.open(place, format=kind, options=options, timeout=TIMEOUT_S)
    except (av.FFmpegError, OSError, ValueError) as error:
        what = f"camera {name} ({place})" if kind else name
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"{what}: cannot be opened: {reason}; is it there, switched on and used by nobody else?"
        ) from error
    if video_stream(container) is None:
        container.close()
        raise InputError(f"{name}: sends no video; correct the address")
    return container


def watch(
    name: str,
    module: Student,
    about: StudentAbout,
    length: WindowLength,
    device: torch.device,
    precision: Precision,
    seconds: float | None,
) -> Iterator[tuple[float, float, np.ndarray]]:
    """Classifies the last window of a camera or stream again and again.

    Args:
        name: number of a camera or address of a stream.
        module: the student.
        about: its JSON.
        length: of a window, and how often.
        device: of the student.
        precision: of the student.
        seconds: stop after so many of the stream, or of the clock and `TIMEOUT_S` more; None: when
            it ends.

    Yields:
        Begin and end of a window in s, and the probabilities [classes].

    Raises:
        InputError: it cannot be opened, or breaks off before the first frame.
    """
    window_s = length.window_s or _trained_window_s(about)
    stride_s = length.stride_s or window_s / 2
    view, next_s = about.view, window_s
    seen: deque[tuple[float, np.ndarray]] = deque()

    def classified() -> tuple[float, float, np.ndarray]:
        times = np.array([at for at, _ in seen])
        timing = Timing(len(seen), None, times - times[0] if len(seen) > 1 else None)
        indices = eval_indices(len(seen), view.segments, timing.starts())
        read = with_previous(indices, view.input)
        clip = as_seen([seen[index][1] for index in read], view)[None]
        with torch.no_grad():
            logits = run_student(module, clip.to(device), precision).logits
        return times[0], times[-1], logits.softmax(1)[0].cpu().numpy()

    told = False
    for at, frame in _frames(name, about.stored, seconds):
        seen.append((at, frame))
        while at - seen[0][0] > window_s:
            seen.popleft()
        if at >= next_s:
            yield classified()
            told, next_s = True, max(next_s + stride_s, at)
    if not seen:
        raise InputError(f"{name}: sent no frames; is it switched on?")
    if not told:
        yield classified()


def _trained_window_s(about: StudentAbout) -> float:
    length = about.clip_length
    return length.median_frames / length.fps if length and length.fps else DEFAULT_WINDOW_S


def _frames(
    name: str, options: FramesOptions, seconds: float | None
) -> Iterator[tuple[float, np.ndarray]]:
    """Time in s from the first frame, and the frame as training stored them [H, W, channels]."""
    began, first_s, scaler = time.monotonic(), None, None
    with open_live(name) as container:
        stream = video_stream(container)
        assert stream is not None  # `open_live` saw to it.
        try:
            for frame in container.decode(stream):
                clock_s = time.monotonic() - began
                at = clock_s if frame.time is None else frame.time
                first_s = at if first_s is None else first_s
                over = seconds is not None and (
                    at - first_s > seconds or clock_s > seconds + TIMEOUT_S
                )
                if over:
                    return
                if scaler is None:
                    orientation = orientation_of(frame)
                    shown = orientation.size(frame.width, frame.height)
                    size = stored_size(name, *shown, options)
                    scaler = Scaler(name, *orientation.size(*size))
                rgb = orientation.apply(scaler.rgb(frame)).copy()
                yield at - first_s, as_stored(rgb[None], options)[0]
        except av.FFmpegError:
            return  # It broke off: what came before counts.


def line(
    begin_s: float, end_s: float, shares: np.ndarray, names: Sequence[str], as_json: bool
) -> str:
    """A window as a line for people, or as JSON."""
    best = int(shares.argmax())
    if not as_json:
        return f"{begin_s:8.1f} s {end_s:8.1f} s {shares[best]:7.1%}  {names[best]}"
    record = {"start_s": begin_s, "end_s": end_s, "action": best, "action_name": names[best]}
    return json.dumps(record | {"probability": float(shares[best])})
