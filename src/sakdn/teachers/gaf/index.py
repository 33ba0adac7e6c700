"""What the index of a sensor's images says."""

from pathlib import Path

from sakdn.base.files import read_json
from sakdn.base.options import Described, Several, parse_file
from sakdn.options.sensors import ImageOptions


class GafIndex(Described):
    """Beside the images of a sensor.

    Attributes:
        clips: ids of the clips table, in its order.
        places: of each clip's recording in the arrays; None for one a clip.
        windows: start and end of each window of each clip, as fractions of the clip.
        missing: clips without such a signal.
        options: how the images were made.
        ranges: of each axis, lowest and highest; None where each clip has its own.
    """

    clips: Several[str]
    places: Several[int] | None = None
    windows: Several[Several[Several[float]]]
    missing: Several[str]
    options: ImageOptions
    ranges: Several[Several[float]] | None = None


def read_gaf_index(path: Path) -> GafIndex:
    """Reads the index at `path`.

    Raises:
        InputError: it is not as the `gaf` stage wrote it.
    """
    return parse_file(GafIndex, read_json(path), path, "delete it and run `gaf` again")
