"""Files that promise what no memory holds, or that no reader should wait for."""

import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image
from unit.recordings import write_video

REPO = Path(__file__).parents[2]
GROWN_MB, BOMB_BYTES = 60, 120 * 2**20


def sparse(path, size, head=b""):
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return path


def element(kind, content):
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


def write_matrix(path, shape, data, name=b"d_iner", packed=True):
    """A .mat file of format 5 whose matrix says what it likes."""
    parts = [
        element(6, struct.pack("<II", 9, 0)),
        element(5, struct.pack(f"<{len(shape)}i", *shape)),
    ]
    matrix = element(14, b"".join([*parts, element(1, name), element(2, data)]))
    if packed:
        squeezed = zlib.compress(matrix, 1)
        matrix = struct.pack("<II", 15, len(squeezed)) + squeezed
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM" + matrix)
    return path


def write_npy(path, shape, size):
    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
    return sparse(path, size, path.read_bytes())


def write_png(path, width, height):
    """A small picture whose header claims another size."""
    Image.new("RGB", (8, 8)).save(path)
    content = bytearray(path.read_bytes())
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    path.write_bytes(content)
    return path


def write_large_video(path):
    """A small video whose container and codec claim the largest size that fits."""
    write_video(path, width=32, height=24)
    small, large = struct.pack(">HH", 32, 24), struct.pack(">HH", 65535, 65535)
    content = path.read_bytes()
    assert small in content
    path.write_bytes(content.replace(small, large).replace(b"avc1", b"mp4v"))
    return path


def text_files(folder):
    """Name, reader, path and words of the refusal."""
    giga, large = sparse(folder / "a.csv", 2**30), "expected at most 67108864 of text"
    wide = folder / "wide.csv"
    wide.write_bytes(b"1," * 50_000 + b"\n1\n")
    word = sparse(folder / "w.txt", 2**30, b"a 1 2\nsit")
    yield "1 GB line", "signal", giga, large
    yield "1 GB line, blanks", "signal", sparse(folder / "a.txt", 2**30), large
    yield "1 GB line, table", "table", giga, large
    yield "1 GB line, names", "names", giga, large
    yield "1 GB line, words", "words", giga, "line 1: found more than 1 MB"
    yield "1 GB line of a word", "words", word, "line 2: found more than 1 MB"
    yield "50,000 columns", "signal", wide, "found a line of 100001 bytes"
    yield "50,000 columns, table", "table", wide, "found a line of 100001 bytes"


def matlab_files(folder):
    zeros, large, odd = bytes(BOMB_BYTES), "too large for a file", "not a .mat file"
    matrices = {
        "2^40 rows": ((2**20, 2**20), b"12", large),
        "negative rows": ((-4, -4), b"12", large),
        "zeros as promised": ((BOMB_BYTES, 1), zeros, "expected 1 to 16777216 values"),
        "zeros beyond the promise": ((8, 1), zeros, "holds more or less than it says"),
    }
    for name, (shape, data, words) in matrices.items():
        yield name, "signal", write_matrix(folder / f"{name}.mat", shape, data), words
    plain = write_matrix(folder / "p.mat", (2**20, 2**20), b"12", packed=False)
    yield "2^40 rows, not packed", "signal", plain, large
    yield "name of zeros", "signal", write_matrix(folder / "n.mat", (8, 1), b"", zeros), odd
    maps = write_matrix(folder / "d.mat", (2**10, 2**10, 2**20), b"12")
    yield "2^40 depth maps", "depth", maps, large
    yield "no rows", "depth", write_matrix(folder / "z.mat", (0, 9, 9), b""), "claims shape (0, 9"


def other_files(folder):
    odd = "not a .npy file"
    yield "2^40 rows, npy", "signal", write_npy(folder / "r.npy", (2**40, 3), 2**12), odd
    rows = write_npy(folder / "s.npy", (2**27,), 2**30 + 2**12)
    yield "2^27 rows, sparse", "signal", rows, "expected at most 16777216 values"
    huge = write_png(folder / "1.png", 60000, 60000)
    yield "huge picture", "image", huge, "not an image that can be read"
    large = write_png(folder / "2.png", 9000, 9000)
    yield "large picture", "image", large, "claims 9000 x 9000 px"
    yield "huge video", "frames", write_large_video(folder / "v.mp4"), "v.mp4: "


def test_promises_cost_no_memory_and_are_refused(tmp_path):
    files = [*text_files(tmp_path), *matlab_files(tmp_path), *other_files(tmp_path)]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("readers.py"))],
        input=json.dumps([(name, reader, str(path)) for name, reader, path, _ in files]),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"PYTHONPATH": str(REPO / "src"), "OMP_NUM_THREADS": "1"},
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(files), f"ended after {found[-1:]}: {done.stderr[-2000:]}"
    for (name, message, grown_mb), (_, _, path, words) in zip(found, files):
        assert message.startswith(str(path)), f"{name}: {message}"
        assert words in message, f"{name}: {message}"
        assert len(message) < 1000, name
        assert grown_mb < GROWN_MB, f"{name}: {grown_mb:.0f} MB"
