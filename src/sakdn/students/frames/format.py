"""Whether frames are stored as they are or as JPEG."""

import numpy as np
import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.progress import log
from sakdn.data.clips.recordings import with_video
from sakdn.data.clips.spans import spans_of
from sakdn.data.readers.span import Span
from sakdn.data.readers.video import plan_clips
from sakdn.options.frames import RAW_LIMIT_GB, FramesOptions

LOOKED_AT = 5


def with_format(options: FramesOptions, videos: pd.DataFrame) -> FramesOptions:
    """`options` with `store` decided where it is `auto`: alike for all shards of `videos`.

    Args:
        options: of the frames.
        videos: all of the run, columns clip, video (empty for none), start_s and end_s.
    """
    if options.store != "auto":
        return options
    raw_gb = estimated_gb(videos, options)
    store = "jpeg" if raw_gb > RAW_LIMIT_GB else "raw"
    log(f"frames: stored as {store}; all of them take about {raw_gb:.1f} GB raw")
    return options.model_copy(update={"store": store})


def estimated_gb(videos: pd.DataFrame, options: FramesOptions) -> float:
    """Gigabytes of all clips of `videos` as raw frames, judged by a few of them."""
    seen = videos[with_video(videos)]
    spans = spans_of(seen)
    rows = np.unique(np.linspace(0, len(seen) - 1, LOOKED_AT).round().astype(int))
    sizes = [_bytes(seen["video"].iloc[row], spans[row], options) for row in rows]
    readable = [size for size in sizes if size]
    return float(np.mean(readable)) * len(seen) / 1e9 if readable else 0.0


def _bytes(video: str, span: Span | None, options: FramesOptions) -> int:
    """Of a clip as raw frames; 0 where it cannot be read, which its own shard refuses."""
    try:
        return plan_clips(video, [span], options)[0].raw_bytes
    except InputError:
        return 0
