"""How stored frames are turned and mirrored before they are shown."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import av
import numpy as np
from av.sidedata.sidedata import Type

TURNS = {(True, True, False): 90, (False, True, True): 180, (True, False, True): 270}


class Orientation(NamedTuple):
    """Steps from a stored frame to the shown one, in this order.

    Attributes:
        swap: rows become columns.
        mirror_x: left becomes right.
        mirror_y: top becomes bottom.
    """

    swap: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    def apply(self, frame: np.ndarray) -> np.ndarray:
        """Shows a stored frame [H, W, ...]."""
        if self == Orientation():
            return frame
        frame = frame.swapaxes(0, 1) if self.swap else frame
        return frame[:: -1 if self.mirror_y else 1, :: -1 if self.mirror_x else 1]

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of a shown frame from those of a stored one, and back."""
        return (height, width) if self.swap else (width, height)

    def words(self, degrees: int) -> str:
        """How frames are stored, for a reader of the data check; empty if as they are shown.

        Args:
            degrees: what the file calls its rotation.
        """
        if self == Orientation():
            return ""
        if self in TURNS:
            return f"is stored turned by {degrees} degrees; it is turned back when read"
        return "is stored mirrored; it is mirrored back when read"


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """What the display matrix of a frame asks for, to the nearest quarter turn."""
    side_data: Mapping[Type, Any] = frame.side_data  # type: ignore[assignment]  # stub: text as keys
    data = side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return Orientation()
    # A point (x, y) is shown at (a x + c y, b x + d y); the rest of the matrix moves the frame.
    a, b, _, c, d = (int(value) for value in np.frombuffer(bytes(data), np.int32)[:5])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(False, a < 0, d < 0)
    return Orientation(True, c < 0, b < 0)
