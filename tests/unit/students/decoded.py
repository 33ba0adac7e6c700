"""The frames of a file, as the frames stage decodes and resizes them."""

import numpy as np

from sakdn.data.readers.video import plan_clip, read_clip
from sakdn.options.frames import FramesOptions


def read_frames(path, **options):
    options = FramesOptions(**options)
    plan = plan_clip(path, options)
    return np.concatenate(list(read_clip(path, plan, options)))
