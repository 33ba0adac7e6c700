"""A video file being read: its packets, its frames, and what was wrong with them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import av
import numpy as np
from av.filter import Graph

from sakdn.base.errors import InputError
from sakdn.data.readers.container import open_video, video_stream


class Voice:
    """Lets FFmpeg speak, and only of errors, while any thread listens."""

    def __init__(self) -> None:
        self._listeners, self._lock = 0, threading.Lock()

    def listen(self, more: int) -> None:
        """Counts one listener more (1) or less (-1)."""
        with self._lock:
            self._listeners += more
            av.logging.set_level(av.logging.ERROR if self._listeners else None)
            av.logging.set_skip_repeated(False)


VOICE = Voice()
KEEP_BYTES = 2**24


class Source:
    """An open video file; counts what cannot be read instead of raising.

    A decoder hides damage: frames are then made up from their neighbours. Whoever reads all of a
    file finds here what the decoder says of it, so that every reader judges alike.

    Attributes:
        container: the open file.
        stream: the video that is shown.
        messages: what FFmpeg calls errors: (level, part, message).
        decoded: frames so far.
        corrupt: frames that the decoder marks as corrupt.
        refused: packets that cannot be read or decoded.
    """

    def __init__(self, path: Path) -> None:
        """Opens a file.

        Raises:
            InputError: missing, empty, or not a video.
        """
        self.container = open_video(path)
        stream = video_stream(self.container)
        assert stream is not None  # `open_video` saw to it.
        self.stream = stream
        self.stream.codec_context.thread_count = 1  # Files are read in parallel already.
        self.messages: list[tuple[int, str, str]] = []
        self.decoded = self.corrupt = self.refused = 0
        self._begun: list[av.VideoFrame] = []
        self._waiting: list[av.Packet] | None = None

    def __enter__(self) -> Self:
        VOICE.listen(1)
        return self

    def __exit__(self, *_: object) -> None:
        self.container.close()
        VOICE.listen(-1)

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Keeps what FFmpeg says in this thread; reading belongs in here."""
        with av.logging.Capture() as messages:
            yield
        self.messages += messages

    @property
    def spent(self) -> bool:
        """Whether `look` went through more than is kept, so that `frames` needs a new source."""
        return self._begun != [] and self._waiting is None

    @property
    def first(self) -> av.VideoFrame | None:
        """The first frame, once `look` came to it."""
        return self._begun[0] if self._begun else None

    def look(self) -> Iterator[av.Packet]:
        """All packets, decoded up to the first frame; a rest that is small waits for `frames`."""
        self._waiting, size = [], 0
        for packet in self.packets():
            if not self._begun:
                self._begun = self.decode(packet)
            elif self._waiting is not None:
                self._waiting.append(packet)
                size += packet.size
                if size > KEEP_BYTES:
                    self._waiting = None
            yield packet

    def packets(self) -> Iterator[av.Packet]:
        """Coded frames in the order of the file; the last packet is empty and flushes."""
        try:
            yield from self.container.demux(self.stream)
        except av.FFmpegError:
            self.refused += 1

    def decode(self, packet: av.Packet) -> list[av.VideoFrame]:
        """Frames that a packet completes."""
        try:
            frames = packet.decode()
        except av.FFmpegError:
            self.refused += 1
            return []
        self.decoded += len(frames)
        for frame in frames:
            self.corrupt += frame.is_corrupt
        return frames

    def frames(self) -> Iterator[av.VideoFrame]:
        """All frames that are shown, in that order; after `look` from where it stopped, once."""
        begun, self._begun = self._begun, []
        yield from begun
        waiting, self._waiting = self._waiting, []
        for packet in self.packets() if waiting is None else waiting:
            yield from self.decode(packet)

    def wrong(self, expected: int) -> list[str]:
        """What was wrong with the frames of a file that was read to its end."""
        found = []
        if self.decoded < expected:
            found.append(f"{expected - self.decoded} frames that cannot be decoded")
        elif self.decoded > expected:
            found.append(f"{self.decoded - expected} frames too many")
        for count, words in ((self.corrupt, "corrupt frames"), (self.refused, "broken packets")):
            if count:
                found.append(f"{count} {words}")
        return found


class Scaler:
    """Brings frames to one size, in RGB, by FFmpeg's bilinear filter."""

    def __init__(self, name: Path | str, width: int, height: int) -> None:
        """Whose frames they are, for errors; width and height in px of the frames to give."""
        self._name = name
        self._size = f"{width}:{height}"
        self._made_for: tuple[int, int, str] | None = None
        self._graph = Graph()

    def rgb(self, frame: av.VideoFrame) -> np.ndarray:
        """A frame as uint8 [height, width, 3], which lies in the memory of FFmpeg.

        Raises:
            InputError: pixels of a kind that has no colours.
        """
        try:
            return self._rgb(frame)
        except (av.FFmpegError, ValueError) as error:
            raise InputError(
                f"{self._name}: frames of {frame.width} x {frame.height} px in {frame.format.name}"
                f" cannot be made RGB ({error}); convert them: ffmpeg -i it -c:v libx264 -pix_fmt"
                " yuv420p it.mp4"
            ) from error

    def _rgb(self, frame: av.VideoFrame) -> np.ndarray:
        kind = (frame.width, frame.height, frame.format.name)
        if kind != self._made_for:  # A stream may change its size on the way.
            self._graph, self._made_for = self._new_graph(frame), kind
        self._graph.push(frame)
        small = self._graph.pull()
        assert isinstance(small, av.VideoFrame)  # As the graph's buffers are.
        (plane,) = small.planes
        shape, strides = (small.height, small.width, 3), (plane.line_size, 3, 1)
        return np.ndarray(shape, np.uint8, memoryview(plane), strides=strides)

    def _new_graph(self, frame: av.VideoFrame) -> Graph:
        graph = Graph()
        graph.threads = 1
        source = graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=frame.time_base,
        )
        graph.link_nodes(
            source,
            graph.add("scale", f"{self._size}:flags=bilinear"),
            graph.add("format", "pix_fmts=rgb24"),
            graph.add("buffersink"),
        ).configure()
        return graph
