"""Stands in for `python -m MODULE`: has it run by the server; anything else by Python itself."""

import json
import os
import signal
import socket
import struct
import sys

HANDED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1)


def main(python, address):
    """Has the command line run, and ends as it does.

    Args:
        python: what runs all else.
        address: path of the server's socket.
    """
    if sys.argv[1:2] != ["-m"]:
        os.execv(python, [python, *sys.argv[1:]])
    server = socket.socket(socket.AF_UNIX)
    server.connect(address)
    ignored = [n for n in HANDED_ON if signal.getsignal(n) is signal.SIG_IGN]
    request = {"module": sys.argv[2], "words": sys.argv[3:], "environment": dict(os.environ)}
    request |= {"folder": os.getcwd(), "ignored": ignored, "client": sys.argv[0]}
    content = json.dumps(request).encode()
    socket.send_fds(server, [struct.pack("!I", len(content))], [0, 1, 2])
    server.sendall(content)
    for number in HANDED_ON:
        if number not in ignored:
            signal.signal(number, lambda number, _: server.send(bytes([number])))
    status = int(server.recv(16) or 1)
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)
