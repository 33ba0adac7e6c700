import json
import threading

import pytest
from archive_server import Server

from sakdn.data.datasets import fetch as fetching
from sakdn.stages.download import main


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(fetching, "WAIT_S", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def download(server, tmp_path):
    def run(name="utd_mhad", url=None):
        options = {"folder": str(tmp_path / "data"), "urls": [url or server.url]}
        record = str(tmp_path / "downloads.json")
        main(["--name", name, "--options", json.dumps(options), "--record", record])
        return tmp_path / "data"

    return run
