"""What a video file promises, and whether the file is long enough to keep it."""

from dataclasses import dataclass
from pathlib import Path

import av

from sakdn.errors import InputError
from sakdn.image_folder import image_files, read_image
from sakdn.matfile import find_variable

# A duration covers the sound too and is rounded, so it promises frames only roughly.
SHARE_OF_DURATION = 0.9


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
        if promised_frames(container.streams.video[0], container) <= 0:
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
            promised = promised_frames(stream, container)
            first, packets = None, []
            for packet in container.demux(stream):
                if first is None:
                    first = next(iter(packet.decode()), None)
                if packet.size:
                    packets.append(packet.is_corrupt)
            fps = float(stream.average_rate) if stream.average_rate else None
    except av.FFmpegError as error:
        raise InputError(f"{path}: damaged: {error.strerror}; copy it again") from error
    if first is None:
        raise InputError(f"{path}: holds no frames; record or copy it again")
    if len(packets) < promised or any(packets):
        raise InputError(
            f"{path}: damaged: found {len(packets)} whole frames, expected {promised};"
            " copy it again"
        )
    turned = first.rotation % 180 != 0
    width, height = (first.height, first.width) if turned else (first.width, first.height)
    return VideoInfo(len(packets), fps, width, height)


def open_video(path: Path) -> av.container.InputContainer:
    """Opens a file that has a video stream.

    Raises:
        InputError: missing, empty, or not a video that decord reads to the end.
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise InputError(f"{path}: {found}, expected a video; correct its path")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: is empty (0 bytes), expected a video; copy it again")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise InputError(
            f"{path}: not a video that can be opened ({error.strerror}); copy it again"
        ) from error
    if not container.streams.video:
        container.close()
        raise InputError(f"{path}: has no video stream; record or copy it again")
    if container.format.name == "mpegts":
        container.close()
        raise InputError(
            f"{path}: is an MPEG transport stream, of which decord leaves out the first frames;"
            " repack it without loss: ffmpeg -i it.mts -c copy it.mp4"
        )
    return container


def promised_frames(stream: av.VideoStream, container: av.container.InputContainer) -> int:
    """Frames that the container promises; some give a number, others only a duration."""
    if stream.frames > 0:
        return stream.frames
    duration_s = (container.duration or 0) / av.time_base
    return int(SHARE_OF_DURATION * duration_s * float(stream.average_rate or 0))
