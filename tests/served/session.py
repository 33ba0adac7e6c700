"""The server of a test session, and the `python` and `snakemake` by which commands reach it."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
VARIABLE = "SAKDN_SERVED_PYTHON"
CLIENT = """#!{python} -IS
import sys
sys.path.append({here!r})
from client import main
main({python!r}, {address!r})
"""


class Session:
    """Runs a server until it is closed; it imports nothing before it is first asked."""

    def __init__(self):
        self.folder = TemporaryDirectory(prefix="served")
        address = f"{self.folder.name}/socket"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            listener.listen(64)
            self.server = subprocess.Popen(
                [sys.executable, HERE / "server.py", str(listener.fileno())],
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=clean_environment(),
            )
        client = Path(self.folder.name, "python")
        client.write_text(CLIENT.format(python=sys.executable, here=str(HERE), address=address))
        snakemake = client.with_name("snakemake")
        snakemake.write_text(f'#!/bin/sh\nexec {client} -m snakemake "$@"\n')
        for each in (client, snakemake):
            each.chmod(0o755)
        os.environ[VARIABLE] = str(client)

    def close(self):
        self.server.terminate()
        self.server.wait()
        self.folder.cleanup()


def clean_environment():
    """What libraries read when they are imported; nothing that would start a thread."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_DISABLE_JIT": "1"}


def served_python():
    """Path of the `python` to start a command with."""
    return os.environ[VARIABLE]
