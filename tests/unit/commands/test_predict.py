import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from recordings import write_video
from tiny_run import NAMES
from tiny_student import write_student

from sakdn.__main__ import main
from sakdn.base.errors import InputError
from sakdn.commands import predict
from sakdn.commands.sliding import WindowLength, plan_windows, read_windows, sliding
from sakdn.students.frames.store import store_frames
from sakdn.students.load import open_student, video_batches
from sakdn.students.scores import video_logits

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    return write_student(tmp_path_factory.mktemp("student"))


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos")
    write_video(folder / "a.mp4", frames=19, noise=True)
    write_video(folder / "deep/b.avi", frames=90)
    (folder / "notes.txt").write_text("not a video")
    return folder


def evaluated(path, videos, folder):
    """Probabilities that the frames and evaluate stages give for whole videos."""
    module, about = open_student(path)
    table = pd.DataFrame({"clip": [video.stem for video in videos], "video": map(str, videos)})
    with ThreadPoolExecutor(1) as pool:
        store_frames(table, about.frames, folder / "0.npy", folder / "0.csv", pool)
    source = video_batches(about, [folder / "0.npy"], table.assign(action=0), CPU)
    return video_logits(module, source, np.arange(len(table)), 16, "fp32").softmax(1).numpy()


@pytest.mark.parametrize(
    "student",
    [
        {"head": "trn"},
        {"color": "grey", "head": "tconv", "view": {"background": "subtract"}},
        {"frames": {"short_side_px": 40, "max_frames": 10}, "head": "average"},
        {"in_channels": 6, "head": "max", "view": {"input": "both", "background": "subtract"}},
        {"backbone": "timm/test_efficientnet", "head": "tconv"},
        {"backbone": "r3d_18", "head": "average", "color": "grey"},
    ],
)
def test_predicts_what_evaluate_predicts(tmp_path, videos, student):
    path = write_student(tmp_path / "student", **student)
    module, about = open_student(path)
    files = [videos / "a.mp4", videos / "deep/b.avi"]
    expected = evaluated(path, files, tmp_path)
    assert np.abs(np.log(expected[0] / expected[1])).max() > 0.02
    for file, probabilities in zip(files, expected):
        whole = WindowLength(window_s=60)
        found = predict.predict_video(module, about, whole, CPU, "fp32", file)
        np.testing.assert_allclose(found.whole, probabilities, rtol=1e-4)


def test_windows_are_seen_like_clips_whatever_their_batch(student, videos, monkeypatch):
    module, about = open_student(student)
    length = WindowLength(window_s=2, stride_s=1)
    one_by_one = []
    for size in (8, 1):
        monkeypatch.setattr(predict, "BATCH_SIZE", size)
        args = (module, about, length, CPU, "fp32", videos / "deep/b.avi")
        one_by_one.append(predict.predict_video(*args).windows)
    assert one_by_one[0].shape == (5, len(NAMES))
    np.testing.assert_allclose(*one_by_one, atol=1e-6)


def test_a_window_holds_its_own_frames(student, tmp_path):
    video = write_video(tmp_path / "steps.mp4", frames=60)  # frame i has grey level 30 + 20 i
    _, about = open_student(student)
    plan = plan_windows(video, about, WindowLength(window_s=8 / 15, stride_s=4 / 15))
    clips = list(read_windows(plan, about))
    assert plan.windows[:2] == [(0, 8), (4, 12)]
    assert plan.windows[-1] == (52, 60)
    levels = 255 * torch.stack(clips).mean((2, 3, 4))
    expected = [[(30 + 20 * (start + k)) % 256 for k in (1, 3, 5, 7)] for start, _ in plan.windows]
    assert np.abs(levels.numpy() - expected).max() < 4


@pytest.mark.parametrize(
    ("frames", "size", "stride", "windows"),
    [
        (10, 4, 3, [(0, 4), (3, 7), (6, 10)]),
        (11, 4, 3, [(0, 4), (3, 7), (6, 10), (7, 11)]),
        (5, 4, 9, [(0, 4), (1, 5)]),
    ],
)
def test_sliding_windows_reach_the_end(frames, size, stride, windows):
    assert sliding(frames, size, stride) == windows


def test_only_videos_longer_than_a_clip_are_cut(student, videos):
    _, about = open_student(student)
    assert plan_windows(videos / "a.mp4", about, WindowLength()).windows == [(0, 19)]
    long = plan_windows(videos / "deep/b.avi", about, WindowLength()).windows
    assert long[:2] == [(0, 20), (10, 30)]
    silent = about.model_copy(update={"clip_length": None})
    assert plan_windows(videos / "deep/b.avi", silent, WindowLength()).windows == [(0, 90)]


def test_table_of_folders_and_globs(student, videos, capsys):
    assert main(["predict", str(student), str(videos), f"{videos}/*.mp4", "--top", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["video", "time", "windows", "probability", "class"]
    assert len(lines) == 5  # two videos, each named once although both arguments find a.mp4
    assert lines[1].startswith(f"{videos}/a.mp4")
    assert "1.3 s" in lines[1]
    assert lines[2].split("%")[1].strip() in NAMES


def test_damaged_video_is_named_and_skipped(student, videos, tmp_path, capsys):
    whole = (videos / "deep/b.avi").read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[: len(whole) // 2])
    words = [str(tmp_path), str(videos / "a.mp4")]
    assert main(["predict", str(student.parent), *words, "--json"]) == 1
    printed = capsys.readouterr()
    broken, good = json.loads(printed.out)
    assert "cut.avi" in broken["error"]
    assert "cut.avi" in printed.err
    assert "1 of 2 videos could not be read" in printed.err
    shares = [each["probability"] for each in good["classes"]]
    assert len(shares) == 3
    assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_timeline_as_table_and_picture(student, videos, tmp_path, capsys):
    words = [str(videos), "--window-s", "2", "--timeline", str(tmp_path), "--json"]
    assert main(["predict", str(student), *words]) == 0
    table = pd.read_csv(tmp_path / "deep/b.avi.csv")
    assert table["start_s"].tolist() == pytest.approx([0, 1, 2, 3, 4])
    assert table["end_frame"].iloc[-1] == 90
    np.testing.assert_allclose(table[["p_0", "p_1", "p_2"]].sum(axis=1), 1, atol=1e-4)
    windows = json.loads(capsys.readouterr().out)[1]["windows"]
    assert [w["action"] for w in windows] == table["predicted"].tolist()
    with Image.open(tmp_path / "a.mp4.png") as picture:
        assert picture.width > 1000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nothing/*.mp4"], r"nothing/\*.mp4: found no video"),
        (["."], r"\.: found no video"),
        (["x.mp4", "--window-s", "0"], "--window-s: found 0.0, expected a number above 0"),
    ],
)
def test_bad_input(student, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    if "--window-s" in words:
        (tmp_path / "x.mp4").touch()
    with pytest.raises(InputError, match=message):
        main(["predict", str(student), *words])


def test_missing_video_is_skipped_like_a_damaged_one(student, tmp_path, capsys):
    (tmp_path / "damaged.mp4").write_bytes(b"no video")
    assert main(["predict", str(student), "gone.mp4", str(tmp_path / "damaged.mp4")]) == 1
    said = capsys.readouterr().err
    assert "gone.mp4: no such file" in said
    assert "2 of 2 videos could not be read" in said


def test_a_student_that_cannot_be_deployed_is_refused(student, tmp_path):
    about = json.loads(student.read_text())
    for change, message in [({"frames": None}, "how frames were stored"), ({"kind": "x"}, "kind")]:
        (tmp_path / "model.json").write_text(json.dumps(about | change))
        (tmp_path / "model.safetensors").write_bytes(
            student.with_suffix(".safetensors").read_bytes()
        )
        with pytest.raises(InputError, match=message):
            open_student(tmp_path)


@pytest.mark.parametrize("command", ["predict", "export", "inspect", "explain"])
def test_help_has_examples_and_needs_no_pytorch(command):
    script = (
        "import sys, sakdn.__main__ as m\n"
        "try: m.main([sys.argv[1], '--help'])\n"
        "except SystemExit: print(sorted({'torch', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    words = [sys.executable, "-c", script, command]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert f"python -m sakdn {command} " in text.partition("examples:")[2]
    assert text.endswith("[]\n")
