"""Fuzzing with the same examples every time; SAKDN_FUZZ=20 tries twenty times as many others."""

import faulthandler
import os

import pytest
from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("SAKDN_FUZZ", "0"))
HANGS_S = 60

settings.register_profile(
    "untrusted",
    max_examples=100 * max(1, TIMES),
    derandomize=not TIMES,
    database=None,
    deadline=10_000,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
settings.load_profile("untrusted")


@pytest.fixture(autouse=True)
def no_hang():
    """A reader that never comes back ends the tests, with a traceback of where it was."""
    faulthandler.dump_traceback_later(HANGS_S * max(1, TIMES), exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()
