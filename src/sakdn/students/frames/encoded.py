"""The frames of one video as JPEG, kept in an unnamed file until their place is known."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import numpy as np

from sakdn.data.readers.span import Span
from sakdn.data.readers.video import ClipPlan, opened, plan_clips, read_clip
from sakdn.options.frames import FramesOptions
from sakdn.students.frames.jpeg import encode


class EncodedVideo:
    """A context; its file is gone when it ends, or with the process."""

    def __init__(self, folder: Path, indices: np.ndarray) -> None:
        """Opens the file in `folder`, for frames `indices` of the video, ascending."""
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # Closed by `__exit__`.
        self._indices, self._sizes = indices, np.zeros(len(indices), np.int64)
        self._count = 0

    def add(self, data: bytes) -> None:
        """Adds the next frame."""
        self._sizes[self._count] = self._file.write(data)
        self._count += 1

    def frames(self, indices: np.ndarray) -> Iterator[bytes]:
        """Frames `indices` of the video, ascending."""
        starts = np.cumsum(self._sizes) - self._sizes
        for place in np.flatnonzero(np.isin(self._indices, indices)):
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
    folder: Path, options: FramesOptions, video: str, spans: list[Span | None]
) -> tuple[list[ClipPlan], EncodedVideo]:
    """Decodes a video once and encodes each frame that one of its clips wants, once."""
    with opened(video) as source:
        plans = plan_clips(video, spans, options, source)
        wanted = np.unique(np.concatenate([plan.indices for plan in plans]))
        encoded = EncodedVideo(folder, wanted)
        for block in read_clip(video, replace(plans[0], indices=wanted), options, source):
            for frame in block:
                encoded.add(encode(frame, options.jpeg_quality))
    return plans, encoded
