"""Runs `python -m MODULE` in forks of a process that has imported what takes long to import.

Its one argument is the number of a listening socket. A client (`client.py`) sends its request and
its three streams, then signals to hand on, a byte each; it gets the exit status.
"""

import atexit
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import sys
import threading
from contextlib import suppress
from importlib import import_module

# None of ours, because tests edit copies of it. None of these starts a thread.
PRELOADED = (
    *("torch", "torchvision", "safetensors.torch", "pyts.image", "pandas", "scipy.io"),
    *("scipy.signal", "matplotlib.figure", "matplotlib.backends.backend_agg"),
    *("matplotlib.backends.backend_svg", "av", "decord", "PIL.Image", "yaml", "jinja2"),
    *("pydantic", "tqdm", "psutil", "h5py", "snakemake.cli", "snakemake.storage"),
    *("snakemake.assets", "snakemake.profiles", "snakemake.report.html_reporter", "smart_open"),
    *("docutils.core", "docutils.parsers.rst.directives.images", "docutils.writers"),
)
LOOK_S = 5


class Server:
    """Forks a process for every client and tells the client how it ended."""

    def __init__(self, listener):
        self.listener, self.running, self.parent = listener, {}, os.getppid()
        self.woken, waker = socket.socketpair()
        waker.setblocking(False)
        self.waker, self.selector = waker, selectors.DefaultSelector()
        signal.set_wakeup_fd(waker.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for each in (listener, self.woken):
            self.selector.register(each, selectors.EVENT_READ)

    def serve(self):
        """Returns in forked processes only, with their request."""
        while os.getppid() == self.parent:  # Else the tests were killed.
            for key, _ in self.selector.select(LOOK_S):
                if key.fileobj is self.listener:
                    if request := self.begin(self.listener.accept()[0]):
                        return request
                elif key.fileobj is self.woken:
                    self.woken.recv(4096)
                    self.reap()
                else:
                    self.hand_on(key.fileobj, key.data)
        return sys.exit("nobody is left who tests")

    def begin(self, connection):
        """Forks; the request in the new process, None in this one."""
        request, streams = receive(connection)
        preload()
        if child := os.fork():
            for stream in streams:
                os.close(stream)
            self.running[child] = connection
            self.selector.register(connection, selectors.EVENT_READ, child)
            return None
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.selector.close()
        for each in (connection, self.listener, self.woken, self.waker, *self.running.values()):
            each.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        return request

    def hand_on(self, connection, child):
        """Hands signals on to a process; when its client was killed, so is it."""
        numbers = connection.recv(16)
        for number in numbers or [signal.SIGKILL]:
            os.kill(child, number)
        if not numbers:
            self.selector.unregister(connection)

    def reap(self):
        for child in list(self.running):
            ended, status = os.waitpid(child, os.WNOHANG)
            if not ended:
                continue
            with self.running.pop(child) as connection:
                if connection in self.selector.get_map():
                    self.selector.unregister(connection)
                    connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def receive(connection):
    """The request of a client and the streams that it brings."""
    head, streams, _, _ = socket.recv_fds(connection, 4, 3)
    (size,), content = struct.unpack("!I", head), b""
    while len(content) < size:
        content += connection.recv(size - len(content))
    return json.loads(content), streams


def preload():
    """Imports everything, at the first call."""
    if PRELOADED[0] not in sys.modules:
        for name in PRELOADED:
            import_module(name)
        sys.modules["PIL.Image"].init()  # Its readers of formats.
        gc.collect()
        gc.freeze()


def become(request):
    """Makes this process look as if the client had started Python itself."""
    for number in request["ignored"]:
        signal.signal(number, signal.SIG_IGN)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    own = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:0] = [os.getcwd(), *map(os.path.abspath, own)]
    with suppress(ImportError):
        import_module("sitecustomize")
    sys.argv = ["-m", *request["words"]]
    if request["module"] == "snakemake":  # Its jobs' `python` is the one beside it.
        sys.executable = request["client"]


def run(module):
    """Runs a module as Python does with `-m`; the exit status."""
    try:
        runpy._run_module_as_main(module)
    except SystemExit as ended:
        if isinstance(ended.code, int | None):
            return ended.code or 0
        print(ended.code, file=sys.stderr)
        return 1
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        return -signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    return 0


def end(status):
    """Ends as Python does, less the taking apart of all that was imported: half a second."""
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status & 0xFF)


if __name__ == "__main__":
    wanted = Server(socket.socket(fileno=int(sys.argv[1]))).serve()
    become(wanted)
    end(run(wanted["module"]))
