"""When a training run is saved: now and then, and before it leaves because it was asked to."""

import time
from collections.abc import Callable

from sakdn.base.stopping import Stopped, StopRequest


class Saver:
    """Saves a run; the caller offers every moment at which that is possible."""

    def __init__(
        self, save: Callable[[], None], place: Callable[[], str], request: StopRequest
    ) -> None:
        """Prepares.

        Args:
            save: writes the state.
            place: how far the run is, in words.
            request: to end the process.
        """
        self._save, self._place, self._request = save, place, request
        self._saved = time.monotonic()

    def offer(self, every_s: float) -> None:
        """Saves when the last time is at least `every_s` ago, or when asked to stop.

        Raises:
            Stopped: asked to stop; the state is safe.
        """
        if not self._request.number and time.monotonic() - self._saved < every_s:
            return
        self._save()
        self._saved = time.monotonic()
        if self._request.number:
            raise Stopped(self._request.number, f"{self._place()} saved")
