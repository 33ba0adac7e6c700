"""`inspect` of one's own files, before there is a run."""

import numpy as np
import pytest
from recordings import write_video

from sakdn.__main__ import main
from sakdn.base.errors import InputError

HEADER = "clip,action,action_name,subject,video,watch"
ROWS = ["a,0,wave,anna,a.mp4,a.csv", "b,1,bow,ben,b.mp4,"]


def words_of(capsys, path):
    main(["inspect", str(path)])
    return " ".join(capsys.readouterr().out.split())


def test_a_table_without_a_split(tmp_path, capsys):
    (tmp_path / "clips.csv").write_text("\n".join([HEADER, *ROWS]))
    words = words_of(capsys, tmp_path / "clips.csv")
    assert "clips table 2 clips of 2 actions, 2 subjects (anna, ben)" in words
    assert "on no side of a split yet" in words
    assert "sensors: watch (1 clips)" in words


def test_a_table_cut_by_semicolons_is_refused_as_one(tmp_path):
    (tmp_path / "clips.csv").write_text("\n".join([HEADER, *ROWS]).replace(",", ";"))
    with pytest.raises(InputError, match="looks separated by ';'"):
        main(["inspect", str(tmp_path / "clips.csv")])


def test_a_video(tmp_path, capsys):
    write_video(tmp_path / "a.mp4", frames=30)
    words = words_of(capsys, tmp_path / "a.mp4")
    assert "a.mp4: video 30 frames, 2.00 s, 15 frames a second" in words


def test_a_signal_with_and_without_a_header(tmp_path, capsys):
    rows = [f"{0.02 * k:.2f},{k % 3}.5,-1" for k in range(40)]
    (tmp_path / "a.csv").write_text("\n".join(["t,x,y", *rows]))
    words = words_of(capsys, tmp_path / "a.csv")
    assert "signal 40 samples, 3 columns (names are in the header)" in words
    assert (
        "column t: 0 to 0.78, mean 0.39; rises by 0.02 a sample, as time does (50 a unit)" in words
    )
    assert "column y: -1 to -1, mean -1" in words
    np.save(tmp_path / "b.npy", np.array([[1.0, np.nan], [0.0, 2.0], [3.0, 1.0]]))
    words = words_of(capsys, tmp_path / "b.npy")
    assert "3 samples, 2 columns (no header; columns count from 0)" in words
    assert "column 1: 1 to 2, mean 1.5, 1 missing" in words


def test_what_is_no_recording(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"x")
    with pytest.raises(
        InputError, match="found nothing to describe; expected clips tables, videos"
    ):
        main(["inspect", str(tmp_path / "a.pdf")])
