import tempfile
from pathlib import Path

import pytest
from private_slurm import PrivateSlurm


@pytest.fixture(scope="session")
def slurm():
    """A Slurm of two nodes; its folder has a short path, as Slurm puts sockets there."""
    with (
        tempfile.TemporaryDirectory(prefix="slurm", ignore_cleanup_errors=True) as folder,
        PrivateSlurm(Path(folder)) as slurm,
    ):
        yield slurm
