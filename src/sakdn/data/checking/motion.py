"""How much moves in a video from frame to frame."""

import numpy as np

# Small enough that noise averages out, large enough to see an arm.
SIDE_PX = (64, 48)


class Motion:
    """Collects frames one by one; only differences of small grey pictures are kept."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None
        self._energy: list[float] = []

    def add(self, picture: np.ndarray) -> None:
        """Takes the next frame, uint8 grey [h, w], always of one size."""
        here = picture.astype(np.int16)
        if self._last is not None and self._last.shape == here.shape:
            self._energy.append(float(np.abs(here - self._last).mean()))
        self._last = here

    @property
    def energy(self) -> np.ndarray:
        """Mean change of a pixel from each frame to the next [frames - 1]."""
        return np.array(self._energy)
