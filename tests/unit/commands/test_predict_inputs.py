"""What predict takes: whatever training takes, and what a camera shows now."""

import json
import os
import threading
import unicodedata
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.io import savemat
from tiny_run import NAMES
from tiny_student import write_student
from video_kinds import write_levels

from sakdn.__main__ import main
from sakdn.base.errors import InputError
from sakdn.commands.clips_named import find_videos
from sakdn.data.checking.videos import check_video
from sakdn.data.datasets.user_table import read_user_table
from sakdn.data.readers.plain_file import as_on_disk
from sakdn.data.readers.video import plan_clip, read_clip
from sakdn.options.data import DataOptions
from sakdn.options.frames import FramesOptions

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    return write_student(tmp_path_factory.mktemp("student"))


def predicted(capsys, student, *words):
    code = main(["predict", str(student), *map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def depth_maps(frames=6):
    maps = np.full((24, 32, frames), 2000, np.uint16)
    maps[:4] = 0
    maps[12:] = np.linspace(1800, 4000, frames)
    return maps


def write_depth_png(folder):
    folder.mkdir(parents=True)
    for index, image in enumerate(np.moveaxis(depth_maps(), 2, 0)):
        Image.fromarray(image).save(folder / f"depth_{index:04d}.png")
    return folder


def test_hidden_files_are_left_out(student, tmp_path, capsys):
    (tmp_path / "pf").mkdir()
    write_levels(tmp_path / "pf/a.mp4", range(10))
    for name in ("._a.mp4", ".hidden.mp4", ".trash/b.mp4"):
        (tmp_path / "pf" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "pf" / name).write_bytes(b"Mac OS X        ")
    for words in ([tmp_path / "pf"], [tmp_path / "pf/a.mp4", tmp_path / "pf/._a.mp4"]):
        code, records = predicted(capsys, student, *words)
        assert (code, [record["frames"] for record in records]) == (0, [10])
    with pytest.raises(InputError, match=r"\._a\.mp4: is macOS's note"):
        find_videos([str(tmp_path / "pf/._a.mp4")])


@pytest.mark.skipif(not (SHARED / "cases/appledouble").is_dir(), reason=f"{SHARED} is absent")
def test_a_case_of_apple_double(student, capsys):
    code, records = predicted(capsys, student, SHARED / "cases/appledouble/pf")
    assert (code, len(records)) == (0, 1)


def test_folders_of_images_and_depth(student, tmp_path, capsys):
    images = tmp_path / "all/images"
    images.mkdir(parents=True)
    for index in range(8):
        Image.new("L", (32, 24), 20 * index).save(images / f"img_{index}.png")
    write_depth_png(tmp_path / "all/depth")
    savemat(tmp_path / "all/d.mat", {"d_depth": depth_maps()})
    savemat(tmp_path / "all/inertial.mat", {"d_iner": np.zeros((9, 6))})
    code, records = predicted(capsys, student, tmp_path / "all")
    assert code == 0
    frames = {Path(record["video"]).name: record["frames"] for record in records}
    assert frames == {"images": 8, "depth": 6, "d.mat": 6}
    (of_mat,) = [r["classes"] for r in records if r["video"].endswith("d.mat")]
    (of_png,) = [r["classes"] for r in records if r["video"].endswith("depth")]
    assert of_mat == of_png
    code, (record,) = predicted(capsys, student, images)
    assert (code, record["frames"], record["seconds"]) == (0, 8, None)


def test_depth_images_are_read_as_depth_maps(tmp_path):
    options = FramesOptions(short_side_px=24, depth_range_mm=[1000, 3000], color="grey")
    savemat(tmp_path / "d.mat", {"d_depth": depth_maps()})
    paths = [tmp_path / "d.mat", write_depth_png(tmp_path / "depth")]
    one, other = (np.concatenate(list(read_clip(p, plan_clip(p, options), options))) for p in paths)
    np.testing.assert_array_equal(one, other)
    assert one[0, 0, 0, 0] == 0
    assert one[0, 8, 0, 0] == 128
    assert check_video(tmp_path / "depth").findings == ()


def test_names_that_the_disk_spells_otherwise(tmp_path):
    decomposed, composed = (unicodedata.normalize(form, "séance") for form in ("NFD", "NFC"))
    (tmp_path / decomposed).mkdir()
    path = write_levels(tmp_path / decomposed / f"{decomposed}.mp4", range(5))
    written = tmp_path / composed / f"{composed}.mp4"
    assert not written.exists()
    assert as_on_disk(written) == path
    assert find_videos([str(written)]) == [path]
    assert as_on_disk(tmp_path / "none/a.mp4") == tmp_path / "none/a.mp4"
    rows = f"clip,action,action_name,subject,video\na,0,wave,1,{composed}/{composed}.mp4\n"
    rows += f"b,1,push,1,{decomposed}/{decomposed}.mp4\n"
    (tmp_path / "table.csv").write_text(rows, encoding="utf-8")
    options = DataOptions(source="table", root=str(tmp_path), table=str(tmp_path / "table.csv"))
    table = read_user_table(options, [])
    assert all((tmp_path / video).is_file() for video in table["video"])


def test_uneven_frames_are_told_by_their_own_times(student, tmp_path, capsys):
    ticks = [*range(0, 1320, 33), *range(1320, 5320, 200)]
    path = write_levels(tmp_path / "v.mp4", ticks, time_base=Fraction(1, 1000))
    words = [str(path), "--window-s", "1", "--timeline", str(tmp_path)]
    assert main(["predict", str(student), *words]) == 0
    capsys.readouterr()
    table, times = pd.read_csv(tmp_path / "v.mp4.csv"), np.array(ticks) / 1000
    assert len(table) > 5
    for row in table.itertuples():
        assert row.start_s == pytest.approx(times[row.start_frame], abs=2e-3)
        assert times[row.end_frame - 1] < row.end_s <= times[row.end_frame - 1] + 0.05


@pytest.fixture
def served(tmp_path):
    """Address of a folder served over HTTP on this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_stream_is_classified_while_it_runs(student, tmp_path, served, capsys):
    write_levels(tmp_path / "v.mkv", range(150))
    words = [f"{served}/v.mkv", "--window-s", "2", "--stride-s", "1", "--json"]
    assert main(["predict", str(student), *words]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [round(line["end_s"]) for line in lines] == [2, 3, 4]
    assert all(1.9 < line["end_s"] - line["start_s"] < 2.1 for line in lines)
    assert {line["action_name"] for line in lines} <= set(NAMES)
    assert main(["predict", str(student), *words[:-1], "--seconds", "2.5"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "2.0 s" in line


def test_a_live_window_is_seen_as_a_clip_is(student, tmp_path, served, capsys):
    path = write_levels(tmp_path / "v.mp4", range(20))
    assert main(["predict", str(student), f"{served}/v.mp4", "--window-s", "9", "--json"]) == 0
    live = json.loads(capsys.readouterr().out)
    _, (record,) = predicted(capsys, student, path)
    assert live["action"] == record["classes"][0]["action"]
    assert live["probability"] == pytest.approx(record["classes"][0]["probability"], abs=1e-3)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--camera", "97"], r"camera 97 .*: cannot be opened: .*; is it there"),
        (["http://127.0.0.1:9/none.mp4"], r"none\.mp4: cannot be opened"),
        ([], "found no VIDEO; name files"),
    ],
)
def test_what_cannot_be_watched(student, words, message):
    with pytest.raises(InputError, match=message):
        main(["predict", str(student), *words])
