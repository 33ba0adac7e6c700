"""What a video file promises, and whether the file is long enough to keep it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from av.stream import Disposition

from sakdn.base.errors import InputError
from sakdn.data.readers.image_folder import MAX_PIXELS

# A duration promises frames only roughly: it is rounded, and that of a file covers the sound too.
SHARE_OF_STREAM = 0.98
SHARE_OF_FILE = 0.9
LAST_FRAMES = 2
# What holds frames itself. A playlist is left out: it names other files, anywhere.
FORMATS = (
    "3gp,apng,asf,av1,avi,dv,flv,gif,h264,hevc,ivf,m4a,m4v,matroska,mj2,mjpeg,mov,mp4,mpeg,mpegts,"
    "mpegvideo,mxf,nut,ogg,vc1,wav,webm,yuv4mpegpipe"
)
# Their index lists every coded frame, less those that an edit list or a null frame leaves out.
MOV = "mov,mp4,m4a,3gp,3g2,mj2"
INDEXED = ("avi", MOV)
CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


@dataclass(frozen=True)
class Promise:
    """What a container promises; 0 for what it does not say.

    Attributes:
        frames: number of coded frames.
        seconds: time that its last frames reach at least.
    """

    frames: int
    seconds: float

    def broken(self, times: Sequence[float | None]) -> str:
        """What is wrong with coded frames that have these times in s; empty if nothing is."""
        if len(times) < self.frames:
            return f"{len(times)} frames, its container promises {self.frames}"
        known = [time for time in times if time is not None]
        if not known:
            return ""
        step_s = (max(known) - min(known)) / max(1, len(known) - 1)
        if max(known) + LAST_FRAMES * step_s >= self.seconds:
            return ""
        return f"frames up to {max(known):.2f} s, its container promises {self.seconds:.2f} s"


def open_video(path: Path) -> av.container.InputContainer:
    """Opens a file that has a video stream.

    Raises:
        InputError: missing, empty, or not a video that can be read to its end.
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "not a file" if path.exists() else "no such file"
        raise InputError(f"{path}: {found}, expected a video; correct its path")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: is empty (0 bytes), expected a video; copy it again")
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{path}: its name is no text in UTF-8; rename it") from error
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    options["max_pixels"] = str(MAX_PIXELS)
    try:
        # A relative path such as `concat:a` would be taken for an address.
        with av.logging.Capture():
            container = av.open(str(path.absolute()), options=options, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise InputError(
            f"{path}: not a video that can be opened ({error.strerror}); copy it again"
        ) from error
    try:
        _check_stream(path, container)
    except InputError:
        container.close()
        raise
    return container


def video_stream(container: av.container.InputContainer) -> av.VideoStream | None:
    """The video that a player shows: by the rule of FFmpeg, and a cover picture is none.

    The file's default comes first, then the one with most pixels, then the first.
    """
    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
    ]
    if len(streams) < 2:
        return next(iter(streams), None)
    return max(streams, key=_preference)


def _preference(stream: av.VideoStream) -> tuple[bool, int, int]:
    codec = stream.codec_context
    pixels = codec.width * codec.height if codec else 0
    return bool(stream.disposition & Disposition.default), pixels, -stream.index


def _check_stream(path: Path, container: av.container.InputContainer) -> None:
    stream = video_stream(container)
    if stream is None:
        raise InputError(f"{path}: has no video stream; record or copy it again")
    codec = stream.codec_context
    if codec is None:
        raise InputError(
            f"{path}: is coded in a way that FFmpeg cannot read here; convert it where it plays:"
            " ffmpeg -i it -c:v libx264 -crf 18 it.mp4"
        )
    if not 0 < codec.width * codec.height <= MAX_PIXELS:
        raise InputError(
            f"{path}: has frames without size or of more than {MAX_PIXELS} px; record or copy it"
            " again"
        )
    codec.options = {"max_pixels": str(MAX_PIXELS)}


def cut_short(stream: av.VideoStream, container: av.container.InputContainer) -> str:
    """What an index says of a file that ends before its last frame; empty if it does not."""
    entries = stream.index_entries
    last = entries[-1] if container.format.name == MOV and len(entries) else None
    end = last.pos + last.size if last else 0
    found = container.size
    return f"{found} bytes, its last frame ends at byte {end}" if end > found else ""


def promise_of(stream: av.VideoStream, container: av.container.InputContainer) -> Promise:
    """What the container says of its video; some count frames, others only state a duration."""
    listed = len(stream.index_entries) if container.format.name in INDEXED else 0
    if listed or stream.frames > 0:
        return Promise(listed or stream.frames, 0.0)
    if stream.duration and stream.time_base:
        return Promise(0, SHARE_OF_STREAM * float(stream.duration * stream.time_base))
    clock = CLOCK.match(stream.metadata.get("DURATION", ""))  # Matroska
    if clock:
        hours, minutes, seconds = map(float, clock.groups())
        return Promise(0, SHARE_OF_STREAM * (3600 * hours + 60 * minutes + seconds))
    return Promise(0, SHARE_OF_FILE * (container.duration or 0) / av.time_base)
