"""Whether frames are stored as they are or as JPEG."""

import numpy as np
import pandas as pd

from sakdn.base.progress import log
from sakdn.data.clips.spans import spans_of
from sakdn.data.readers.video import plan_clips
from sakdn.options.frames import RAW_LIMIT_GB, FramesOptions

LOOKED_AT = 5


def with_format(options: FramesOptions, videos: pd.DataFrame) -> FramesOptions:
    """`options` with `store` decided where it is `auto`: alike for all shards of `videos`.

    Args:
        options: of the frames.
        videos: all of the run, columns clip, video, start_s and end_s.

    Raises:
        InputError: a video cannot be read.
    """
    if options.store != "auto":
        return options
    raw_gb = estimated_gb(videos, options)
    store = "jpeg" if raw_gb > RAW_LIMIT_GB else "raw"
    log(f"frames: stored as {store}; all of them take about {raw_gb:.1f} GB raw")
    return options.model_copy(update={"store": store})


def estimated_gb(videos: pd.DataFrame, options: FramesOptions) -> float:
    """Gigabytes of all clips of `videos` as raw frames, judged by a few of them."""
    spans = spans_of(videos)
    rows = np.unique(np.linspace(0, len(videos) - 1, LOOKED_AT).round().astype(int))
    plans = [plan_clips(videos["video"].iloc[row], [spans[row]], options)[0] for row in rows]
    sizes = [len(plan.indices) * plan.height * plan.width * plan.channels for plan in plans]
    return float(np.mean(sizes)) * len(videos) / 1e9
