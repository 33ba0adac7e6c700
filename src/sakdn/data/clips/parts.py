"""What clips are of their files: spans, and signals that started before or after the video."""

import pandas as pd

from sakdn.data.clips.offsets import offsets_of
from sakdn.data.clips.spans import spans_of
from sakdn.data.readers.parts import Part


def parts_of(clips: pd.DataFrame, column: str) -> list[Part]:
    """What each clip is of its file.

    Args:
        clips: clips table.
        column: `video`, or a sensor.
    """
    if column == "video":
        return [Part(span) for span in spans_of(clips)]
    return list(map(Part, spans_of(clips), offsets_of(clips, column)))
