"""What is no file, or not the one that its name says, is refused at once."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from readers import READERS
from scipy.io import savemat
from unit.recordings import write_video

from sakdn.base.errors import InputError
from sakdn.data.datasets.labels import read_names
from sakdn.data.readers.frames_options import FramesOptions
from sakdn.data.readers.shown import look
from sakdn.data.readers.signals import SignalOptions, read_signal
from sakdn.data.readers.video import plan_clip

SUFFIX = {"signal": ".csv", "depth": ".mat", "video": ".mp4", "frames": ".mp4", "image": ".png"}


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "link to nothing", "link to itself"])
@pytest.mark.parametrize("reader", sorted(READERS))
def test_what_is_no_file_is_refused_at_once(tmp_path, reader, kind):
    path = tmp_path / f"x{SUFFIX.get(reader, '.csv')}"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.symlink_to(path if "itself" in kind else tmp_path / "none")
    with pytest.raises(InputError) as error:
        READERS[reader](path)
    assert str(error.value).removeprefix("data.classes: ").startswith(str(path))


@pytest.mark.parametrize("name", ["x.npy", "x.mat", "x.txt"])
def test_a_pipe_of_any_kind_of_signal(tmp_path, name):
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match="is a pipe or device, expected a file"):
        read_signal(tmp_path / name, SignalOptions())


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", "a,b\n1,2\n".encode("utf-16"), b"\0" * 50]
)
@pytest.mark.parametrize("reader", sorted(READERS))
def test_empty_and_strange_files(tmp_path, reader, content):
    path = tmp_path / f"x{SUFFIX.get(reader, '.csv')}"
    path.write_bytes(content)
    with pytest.raises(InputError):
        READERS[reader](path)


def test_a_byte_order_mark_and_carriage_returns_do_no_harm(tmp_path):
    path = tmp_path / "s.csv"
    path.write_bytes("\ufefft,x\r\n0,1\r\n1,2\r\n".encode())
    signal = read_signal(path, SignalOptions(columns=["x"], time_column="t", rate_hz=None))
    assert signal.tolist() == [[1], [2]]
    path.write_bytes("\ufeffwave\r\npush\r\n".encode())
    assert read_names(str(path)) == ["wave", "push"]


def test_a_column_that_is_there_twice_is_not_chosen_by_chance(tmp_path):
    (tmp_path / "s.csv").write_text("x,x\n1,2\n3,4\n")
    with pytest.raises(InputError, match="2 columns 'x'; the header has x, x"):
        read_signal(tmp_path / "s.csv", SignalOptions(columns=["x"]))


def test_a_variable_that_is_there_twice_is_not_chosen_by_chance(tmp_path):
    path = tmp_path / "s.mat"
    savemat(path, {"d_iner": np.ones((9, 3))})
    content = path.read_bytes()
    path.write_bytes(content + content[128:])
    with pytest.raises(InputError, match="expected variable 'd_iner' of 2 dim"):
        read_signal(path, SignalOptions("d_iner"))


@pytest.mark.parametrize("text", ["ffconcat version 1.0\nfile other.mp4\n", "#EXTM3U\nother.mp4\n"])
def test_a_playlist_named_as_a_video_brings_in_no_other_file(tmp_path, text):
    write_video(tmp_path / "other.mp4")
    (tmp_path / "v.mp4").write_text(text)
    with pytest.raises(InputError, match=r"v\.mp4: not a video that can be opened"):
        look(tmp_path / "v.mp4")


def test_a_name_like_an_address_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_video(Path("v.mp4")).rename("concat:v.mp4|w.mp4")
    assert look("concat:v.mp4|w.mp4").width == 32


def test_a_ribbon_is_not_made_a_mile_wide(tmp_path):
    Image.new("RGB", (60_000, 2)).save(tmp_path / "1.png")
    with pytest.raises(InputError, match="shorter side cannot become 256 px"):
        plan_clip(tmp_path, FramesOptions())


@pytest.mark.parametrize("kind", [0, 8, 14, 20, 200, 60_000])
def test_numbers_of_a_type_that_does_not_exist(tmp_path, kind):
    path = tmp_path / "s.mat"
    savemat(path, {"d_iner": np.arange(27.0).reshape(9, 3) / 7})
    content, double = bytearray(path.read_bytes()), struct.pack("<II", 9, 27 * 8)
    assert content.count(double) == 1
    content[content.index(double)] = kind & 0xFF
    content[content.index(struct.pack("<I", 27 * 8)) - 3] = kind >> 8
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        read_signal(path, SignalOptions())
