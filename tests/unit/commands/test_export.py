import json
import runpy
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import onnxruntime
import pytest
import torch
from recordings import write_video
from tiny_run import NAMES
from tiny_student import write_student
from video_kinds import with_edit, with_matrix, write_levels

from sakdn.__main__ import main
from sakdn.base.errors import InputError
from sakdn.commands import export
from sakdn.commands.predict import predict_video
from sakdn.commands.sliding import WindowLength
from sakdn.students.load import open_student

EXAMPLE = Path(__file__).parents[3] / "examples/onnx_predict.py"


KINDS = {
    "plain": lambda path: write_video(path, frames=21, noise=True, width=64, height=48),
    "avi_b_frames": lambda path: write_levels(path.with_suffix(".avi"), range(90), codec="mpeg4"),
    "uneven": lambda path: write_levels(path, [*range(20), *range(20, 80, 6)]),
    "mirrored": lambda path: with_matrix(write_levels(path, range(20)), (-1, 0, 0, 1)),
    "turned": lambda path: with_matrix(write_levels(path, range(20)), (0, 1, -1, 0)),
    "lead_in": lambda path: with_edit(write_levels(path, range(40)), start=13),
}


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    return write_student(tmp_path_factory.mktemp("student"), head="trn")


@pytest.fixture(scope="module")
def onnx_file(student):
    main(["export", str(student), "--to", "onnx"])
    return student.with_suffix(".onnx")


def test_onnx_agrees_for_any_batch(student, onnx_file):
    session = onnxruntime.InferenceSession(onnx_file)
    module, about = open_student(student)
    for size in (1, 2, 7):
        clips = export.example(about, size)
        (found,) = session.run(["logits"], {"clips": clips.numpy()})
        with torch.no_grad():
            np.testing.assert_allclose(found, module(clips).logits, atol=1e-4)


def test_torch_export_agrees_and_carries_the_texts(student, tmp_path, capsys):
    output = tmp_path / "s.pt2"
    main(["export", str(student.parent), "--to", "torch_export", "--output", str(output)])
    texts = {"classes": "", "preprocessing": ""}
    loaded = torch.export.load(output, extra_files=texts).module()
    module, about = open_student(student)
    clips = export.example(about, 5)
    with torch.no_grad():
        np.testing.assert_allclose(loaded(clips), module(clips).logits, atol=1e-4)
    assert json.loads(texts["classes"]) == NAMES
    assert json.loads(texts["preprocessing"])["segments"] == 4
    printed = capsys.readouterr().out
    assert printed.startswith(f"{output}: ")
    assert "ms a clip" in printed


@pytest.mark.parametrize(
    ("student", "expected"),
    [
        ({"color": "grey"}, {"channel_order": "grey", "mean": [0.0], "std": [255.0]}),
        ({"head": "average"}, {"channel_order": "RGB", "mean": [0.0] * 3, "background": "keep"}),
        (
            {"backbone": "bninception", "view": {"background": "subtract"}},
            {"channel_order": "BGR", "mean": [104.0, 117.0, 128.0], "background": "subtract"},
        ),
    ],
)
def test_metadata_says_how_pixels_are_prepared(tmp_path, student, expected):
    _, about = open_student(write_student(tmp_path, **student))
    found = export.metadata(about)["preprocessing"]
    assert found.items() >= expected.items()
    assert found["centre_crop_px"] == 28
    json.dumps(found)


STUDENTS = {
    "colour": {},
    "grey": {"color": "grey", "view": {"background": "subtract"}, "frames": {"max_frames": 9}},
    "difference": {"view": {"input": "difference"}},
    "both": {
        "color": "grey",
        "in_channels": 2,
        "view": {"input": "both", "background": "subtract"},
        "frames": {"max_frames": 9},
    },
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Students with their ONNX files."""
    folder = tmp_path_factory.mktemp("exported")
    found = {}
    for name, options in STUDENTS.items():
        found[name] = write_student(folder / name, head="tconv", **options)
        main(["export", str(found[name]), "--to", "onnx"])
    return found


def expected_shares(student, video):
    """Share of each class that `predict` gives."""
    module, about = open_student(student)
    whole = WindowLength(window_s=60)
    found = predict_video(module, about, whole, torch.device("cpu"), "fp32", video).whole
    return dict(zip(NAMES, found.tolist()))


def read_shares(printed):
    """Share of each class that the example printed."""
    lines = printed.splitlines()
    return {line.split("%")[1].strip(): float(line.split("%")[0]) / 100 for line in lines}


@pytest.mark.parametrize(
    ("kind", "student"),
    [
        ("plain", "colour"),
        ("plain", "grey"),
        ("avi_b_frames", "colour"),
        ("avi_b_frames", "grey"),
        ("uneven", "colour"),
        ("uneven", "grey"),
        ("uneven", "both"),
        ("plain", "difference"),
        ("mirrored", "colour"),
        ("turned", "colour"),
        ("lead_in", "colour"),
    ],
)
def test_the_example_predicts_as_predict_does_without_torch(
    exported, tmp_path, monkeypatch, capsys, kind, student
):
    video, path = KINDS[kind](tmp_path / "v.mp4"), exported[student]
    expected = expected_shares(path, video)
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), str(path.with_suffix(".onnx")), str(video)])
    capsys.readouterr()
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    assert read_shares(capsys.readouterr().out) == pytest.approx(expected, abs=1e-3)


def test_the_example_sees_the_frames_that_predict_sees_in_an_avi_file(exported, tmp_path):
    """In a process of its own, as users start it, where torch cannot be imported at all."""
    video = write_video(tmp_path / "v.avi", frames=90, width=64, height=48)
    with av.open(str(video)) as container:
        kinds = {frame.pict_type for frame in container.decode(video=0)}
    assert av.video.frame.PictureType.B in kinds
    code = "import runpy, sys; sys.modules['torch'] = None; runpy.run_path(sys.argv.pop(1))"
    words = [sys.executable, "-c", code, EXAMPLE, exported["colour"].with_suffix(".onnx"), video]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    expected = expected_shares(exported["colour"], video)
    assert read_shares(printed) == pytest.approx(expected, abs=1e-3)


def test_an_export_that_differs_is_not_written(tmp_path, monkeypatch):
    student = write_student(tmp_path / "student", head="average")

    def spoil(path):
        run = export.load_torch(path)
        return lambda clips: run(clips) + 1e-3

    monkeypatch.setitem(export.FORMATS, "torch_export", (export.write_torch, spoil))
    with pytest.raises(InputError, match="differs by"):
        main(["export", str(student), "--to", "torch_export"])
    assert not list(student.parent.glob("*.pt2*"))


def test_a_missing_package_is_named(student, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(InputError, match=r"found no package onnxruntime.*sakdn\[export\]"):
        main(["export", str(student), "--to", "onnx", "--output", str(tmp_path / "x.onnx")])
    assert not list(tmp_path.iterdir())
