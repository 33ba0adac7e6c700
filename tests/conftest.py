"""One server of commands for all workers of a session (see `served`), and who runs what when."""

import os
import signal
import sys

import pytest
from hypothesis import HealthCheck, settings
from served.session import Session

# How fast examples are made says how busy the machine is; `fuzz/` has a profile of its own.
settings.register_profile("any_speed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any_speed")
# Bytecode, and what is kept beside it, is made once for all that the tests start, as for users.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# A shell without job control starts what is in the background deaf to Ctrl-C, and so its children.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
SERVERS = []
LONGEST_FIRST = ("workflow", "oracles", "faults", "unit", "fuzz", "cluster")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # The workers of pytest-xdist inherit the variable.
        SERVERS.append(Session())


def pytest_unconfigure():
    while SERVERS:
        SERVERS.pop().close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Leaves a file to one worker, so that its fixtures are made once; the whole run likewise."""
    for item in items:
        if "whole" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group("whole"))
        elif item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    order = {config.rootpath / "tests" / name: place for place, name in enumerate(LONGEST_FIRST)}
    places = {
        item: min(order.get(each, len(order)) for each in item.path.parents) for item in items
    }
    items.sort(key=lambda item: (places[item], "whole" not in item.fixturenames))
