"""One server of commands for all workers of a test session: see `served`."""

from served.session import Session

SERVERS = []


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # The workers of pytest-xdist inherit the variable.
        SERVERS.append(Session())


def pytest_unconfigure():
    while SERVERS:
        SERVERS.pop().close()
