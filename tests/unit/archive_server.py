"""A server on loopback that misbehaves as real ones do."""

import io
import threading
import zipfile
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def archive(text="one", folder="Inertial/", name="a1_s1_t1_inertial.mat"):
    """A zip archive of some kilobytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr(folder + name, text * 1000)
        file.writestr(f"{folder}b.txt", bytes(range(256)) * 40)
    return content.getvalue()


class Server(ThreadingHTTPServer):
    """Serves one file; what it does wrong is set by the test.

    `cuts` are sizes after which the connection is cut, one a request; `ranges` is whether it
    honours Range; `statuses` are answers instead of the file.
    """

    daemon_threads = True

    def __init__(self, content, name):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.name = content, name
        self.tag = '"1"'
        self.ranges = True
        self.cuts, self.statuses, self.asked = [], [], []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/{self.name}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        wanted = self.headers.get("Range")
        server.asked.append(wanted)
        if server.statuses:
            self.send_error(server.statuses.pop(0))
            return
        same = self.headers.get("If-Range") in (None, server.tag)
        start = int(wanted[6:-1]) if wanted and server.ranges and same else 0
        size = len(server.content)
        if start >= size:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{size}")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(size - start))
        if server.tag:
            self.send_header("ETag", server.tag)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.end_headers()
        body = server.content[start:]
        self.wfile.write(body[: server.cuts.pop(0)] if server.cuts else body)

    def log_message(self, *words):
        pass


@contextmanager
def serving(content, name):
    """Serves `content` under `name` as long as the context lasts."""
    server = Server(content, name)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
