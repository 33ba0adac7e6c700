"""Leaving in order when the system or the user asks for it: SIGTERM and Ctrl-C."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Stopped(BaseException):
    """This process was asked to end; `sakdn.base.cli.run` says so and sets the exit status.

    Not an `Exception`, so that no library takes it for an error of its own.
    """

    def __init__(self, number: int, done: str = "") -> None:
        """Notes the signal's number, and what was saved, if anything."""
        super().__init__(f"stopped by {signal.Signals(number).name}" + (done and f": {done}"))
        self.status = 128 + number


def stop_at_once() -> None:
    """From now on SIGTERM raises `Stopped`, so that temporary files are removed on the way out."""
    signal.signal(signal.SIGTERM, _raise)


def stop_no_more() -> None:
    """From now on SIGTERM and Ctrl-C change nothing: the work is done, the process is leaving."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Stopped(number)


class StopRequest:
    """Context that notes SIGTERM and Ctrl-C, for work that first goes on to where it can save.

    One that the process was started to ignore, as Ctrl-C is in the background, stays ignored.

    Attributes:
        number: of the signal that came; 0 for none.
    """

    def __init__(self) -> None:
        self.number = 0
        self._at_once = False

    def __enter__(self) -> "StopRequest":
        heard = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._note) for number in heard}
        return self

    def __exit__(self, error: type[BaseException] | None, *rest: Any) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self.number and error is None:
            signal.raise_signal(self.number)  # It came too late to be answered within.

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        if self._at_once:
            raise Stopped(number)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within, a request raises `Stopped`, as does an earlier one; for work that may be lost."""
        self._at_once = True
        try:
            if self.number:
                raise Stopped(self.number)
            yield
        finally:
            self._at_once = False
