"""What the fuzz tests have in common: odd cells, damage to bytes, and the one allowed refusal."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st

from sakdn.base.errors import InputError

NUMBERS = st.one_of(
    st.floats(-1e6, 1e6).map(repr),
    st.integers(-9, 9).map(str),
    st.sampled_from(["nan", "inf", "-inf", "1e400", "-1e308", "1e-320", "1" * 5000, "0x1p3"]),
)
ODD = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "",
            " ",
            '"',
            "'",
            "\0",
            "\x1b[2J",
            "a\nb",
            "=1+1",
            "../x",
            "/etc/passwd",
            "٣",
            "²",
            "💥",
            "é",
        ]
    ),
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
CODINGS = st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"])
MAX_MESSAGE = 2500


def mostly(good, odd=ODD):
    """Nine good values to one odd one, so that much of a file is in order."""
    return st.integers(0, 9).flatmap(lambda turn: good if turn else odd)


@st.composite
def damaged(draw, contents):
    """One of `contents` with some bytes changed, cut out, put in or repeated."""
    content = bytearray(draw(st.sampled_from(contents)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.sampled_from([0, 1, 1, 2, 4, 8, 64, 10**9])))
        part = bytes(content[start:end])
        kind = draw(st.sampled_from(["set", "cut", "put", "repeat", "high"]))
        if kind == "set":
            content[start : start + 4] = draw(st.binary(min_size=4, max_size=4))
        elif kind == "cut":
            del content[start:end]
        elif kind == "put":
            content[start:start] = draw(st.binary(max_size=8))
        elif kind == "repeat":
            content[start:start] = part[:4096]
        else:
            content[start:end] = bytes(value | 0x80 for value in part)
    return bytes(content)


@contextmanager
def file_of(content, name):
    """A file of its own for an example."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


def or_refused(read, word):
    """What `read` returns; None where it refuses in one message of sane length with `word`."""
    try:
        return read()
    except InputError as error:
        message = str(error)
    assert word in message
    assert len(message) < MAX_MESSAGE
    return None
