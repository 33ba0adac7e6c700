"""The frames of one video as JPEG, kept in an unnamed file until their place is known."""

import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import numpy as np

from sakdn.data.readers.span import Span
from sakdn.data.readers.video import ClipPlan, opened, plan_clips, read_clip
from sakdn.options.frames import FramesOptions
from sakdn.students.frames.earlier import Found, Piece
from sakdn.students.frames.jpeg import encode


class EncodedVideo:
    """A context; its file is gone when it ends, or with the process."""

    def __init__(self, folder: Path, plans: list[ClipPlan]) -> None:
        """Opens the file in `folder`, for the clips of a video."""
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # Closed by `__exit__`.
        self._plans = plans
        self.wanted = np.unique(np.concatenate([plan.indices for plan in plans]))
        self._sizes = np.zeros(len(self.wanted), np.int64)
        self._count = 0

    def add(self, data: bytes) -> None:
        """Adds the next frame of `wanted`."""
        self._sizes[self._count] = self._file.write(data)
        self._count += 1

    def append_to(self, path: Path) -> list[Piece]:
        """Writes the frames of each clip to the end of a file; says where they are."""
        pieces = []
        with path.open("ab") as file:
            for plan in self._plans:
                offset, checksum, sizes = file.tell(), 0, []
                for frame in self._frames(plan.indices):
                    sizes.append(file.write(frame))
                    checksum = zlib.crc32(frame, checksum)
                text = " ".join(map(str, sizes))
                pieces.append(Piece.of(plan, offset, sum(sizes), checksum, text))
        return pieces

    def _frames(self, indices: np.ndarray) -> Iterator[bytes]:
        """Frames `indices` of the video, ascending."""
        starts = np.cumsum(self._sizes) - self._sizes
        for place in np.flatnonzero(np.isin(self.wanted, indices)):
            self._file.seek(starts[place])
            yield self._file.read(self._sizes[place])

    def __enter__(self) -> "EncodedVideo":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def encode_video(
    folder: Path,
    options: FramesOptions,
    video: str,
    spans: list[Span | None],
    there: list[Found] | None,
) -> EncodedVideo | list[Found]:
    """Decodes a video once and encodes each frame that one of its clips wants, once.

    Returns:
        The frames, or what is `there` already.
    """
    if there:
        return there
    with opened(video) as source:
        plans = plan_clips(video, spans, options, source)
        encoded = EncodedVideo(folder, plans)
        whole = replace(plans[0], indices=encoded.wanted)
        for block in read_clip(video, whole, options, source):
            for frame in block:
                encoded.add(encode(frame, options.jpeg_quality))
    return encoded
