"""Writes videos and signals so that equal input gives equal bytes."""

import io
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import av
import numpy as np
from scipy.io import savemat

from sakdn.base.files import atomic_path

Array = np.ndarray
MAT_HEADER_BYTES = 116


def write_video(path: Path, frames: Iterable[Array], fps: int) -> None:
    """Writes uint8 RGB frames [H, W, 3] as H.264 in AVI.

    AVI stores no presentation times. Hence no B-frames, and one key frame only:
    decord 0.6 lands on wrong frames when it seeks to a later key frame of such
    a file. Equal bytes need one thread and no macroblock tree, with which one file
    in a hundred differs.
    """
    with atomic_path(path) as temporary, av.open(str(temporary), "w", format="avi") as container:
        coming = iter(frames)
        first = next(coming)
        stream = container.add_stream("libx264", rate=fps)
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = {
            "preset": "veryfast",
            "crf": "20",
            "bf": "0",
            "g": "9999",
            "sc_threshold": "0",
            "threads": "1",
            "mbtree": "0",
        }
        for frame in chain([first], coming):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def write_signals(path: Path, signals: Array) -> None:
    """Writes readings [L, 6] as variable `d_iner` of a MATLAB 5 file.

    The header's free text names the time of writing; it is replaced by a
    constant.
    """
    buffer = io.BytesIO()
    savemat(buffer, {"d_iner": signals.astype(np.float64)})
    text = b"MATLAB 5.0 MAT-file, made by sakdn.stages.demo_data"
    with atomic_path(path) as temporary:
        temporary.write_bytes(text.ljust(MAT_HEADER_BYTES) + buffer.getvalue()[MAT_HEADER_BYTES:])
