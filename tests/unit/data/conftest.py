import json

import pytest
from archive_server import archive, serving

from sakdn.data.datasets import fetch as fetching
from sakdn.stages.download import main


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(fetching, "WAIT_S", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(archive(), "Inertial.zip") as server:
        yield server


@pytest.fixture
def download(server, tmp_path):
    def run(name="utd_mhad", url=None):
        options = {"folder": str(tmp_path / "data"), "urls": [url or server.url]}
        record = str(tmp_path / "downloads.json")
        main(["--name", name, "--options", json.dumps(options), "--record", record])
        return tmp_path / "data"

    return run
