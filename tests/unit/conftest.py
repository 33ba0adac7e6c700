import signal

import pytest


@pytest.fixture(autouse=True)
def _signals_of_a_fresh_process():
    """Whatever the test runner was started to ignore, and whatever a command left behind."""
    fresh = {signal.SIGTERM: signal.SIG_DFL, signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, handler) for number, handler in fresh.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
