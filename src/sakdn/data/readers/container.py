"""What a video file promises, and whether the file is long enough to keep it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av

from sakdn.base.errors import InputError
from sakdn.data.readers.image_folder import MAX_PIXELS, image_files, read_image
from sakdn.data.readers.matfile import find_variable

# A duration promises frames only roughly: it is rounded, and that of a file covers the sound too.
SHARE_OF_STREAM = 0.98
SHARE_OF_FILE = 0.9
LAST_FRAMES = 2
# What holds frames itself. A playlist is left out: it names other files, anywhere.
FORMATS = (
    "3gp,apng,asf,av1,avi,dv,flv,gif,h264,hevc,ivf,m4a,m4v,matroska,mj2,mjpeg,mov,mp4,mpeg,mpegts,"
    "mpegvideo,mxf,nut,ogg,vc1,wav,webm,yuv4mpegpipe"
)
CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


@dataclass(frozen=True)
class VideoInfo:
    """A video stream as it is shown (rotation applied).

    Attributes:
        frames: coded frames in the file.
        fps: average frame rate in Hz; None if the file does not say.
        width: in px.
        height: in px.
    """

    frames: int
    fps: float | None
    width: int
    height: int


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


def check_opens(path: Path | str) -> None:
    """Opens a video without decoding it; a depth clip (.mat) without loading it.

    Of a folder of images the first is decoded.

    Raises:
        InputError: missing, empty, not a video, or it promises no frames.
    """
    path = Path(path)
    if path.is_dir():
        read_image(image_files(path)[0], "grey")
        return
    if path.suffix == ".mat":
        find_variable(path, None, 3)
        return
    with open_video(path) as container:
        promise = promise_of(container.streams.video[0], container)
        if not promise.frames and not promise.seconds:
            raise InputError(f"{path}: promises no frames; record or copy it again")


def inspect_video(path: Path | str) -> VideoInfo:
    """Reads all packets of a video (about 1 ms a clip) and decodes its first frame.

    Damage inside a packet is not seen; a file that was cut short is.

    Raises:
        InputError: missing, empty, not a video, no frames, or fewer than the container promises.
    """
    path = Path(path)
    try:
        with open_video(path) as container:
            stream = container.streams.video[0]
            promise = promise_of(stream, container)
            first, packets, times = None, [], []
            for packet in container.demux(stream):
                if first is None:
                    first = next(iter(packet.decode()), None)
                if packet.size:
                    packets.append(packet.is_corrupt)
                    times.append(time_of(packet))
            fps = float(stream.average_rate) if stream.average_rate else None
    except av.FFmpegError as error:
        raise InputError(f"{path}: damaged: {error.strerror}; copy it again") from error
    if first is None:
        raise InputError(f"{path}: holds no frames; record or copy it again")
    broken = promise.broken(times) or f"{sum(packets)} incomplete frames" * any(packets)
    if broken:
        raise InputError(f"{path}: damaged: found {broken}; copy it again")
    turned = first.rotation % 180 != 0
    width, height = (first.height, first.width) if turned else (first.width, first.height)
    return VideoInfo(len(packets), fps, width, height)


def time_of(packet: av.Packet) -> float | None:
    """When a coded frame is shown or, where its container does not say, decoded; in s."""
    ticks = packet.dts if packet.pts is None else packet.pts
    return None if ticks is None else float(ticks * packet.time_base)


def open_video(path: Path) -> av.container.InputContainer:
    """Opens a file that has a video stream.

    Raises:
        InputError: missing, empty, or not a video that decord reads to the end.
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
        container = av.open(str(path.absolute()), options=options, metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise InputError(
            f"{path}: not a video that can be opened ({error.strerror}); copy it again"
        ) from error
    if not container.streams.video:
        container.close()
        raise InputError(f"{path}: has no video stream; record or copy it again")
    codec = container.streams.video[0].codec_context
    if not 0 < codec.width * codec.height <= MAX_PIXELS:
        container.close()
        raise InputError(
            f"{path}: has frames without size or of more than {MAX_PIXELS} px; record or copy it"
            " again"
        )
    codec.options = {"max_pixels": str(MAX_PIXELS)}
    if container.format.name == "mpegts":
        container.close()
        raise InputError(
            f"{path}: is an MPEG transport stream, of which decord leaves out the first frames;"
            " repack it without loss: ffmpeg -i it.mts -c copy it.mp4"
        )
    return container


def promise_of(stream: av.VideoStream, container: av.container.InputContainer) -> Promise:
    """What the container says of its video; some count frames, others only state a duration."""
    if stream.frames > 0:
        return Promise(stream.frames, 0.0)
    if stream.duration and stream.time_base:
        return Promise(0, SHARE_OF_STREAM * float(stream.duration * stream.time_base))
    clock = CLOCK.match(stream.metadata.get("DURATION", ""))  # Matroska
    if clock:
        hours, minutes, seconds = map(float, clock.groups())
        return Promise(0, SHARE_OF_STREAM * (3600 * hours + 60 * minutes + seconds))
    return Promise(0, SHARE_OF_FILE * (container.duration or 0) / av.time_base)
