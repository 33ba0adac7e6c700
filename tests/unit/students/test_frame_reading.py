"""Frames read from videos and depth maps."""

import os
from pathlib import Path

import av
import numpy as np
import pytest
import yaml
from decoded import read_frames
from recordings import write_depth, write_video
from scipy.io import savemat

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.readers.shown import look
from sakdn.data.readers.video import check_opens, plan_clip
from sakdn.options.frames import FramesOptions

CONFIG = Path(__file__).parents[3] / "config"
SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))
LEVELS = 30 + 20 * np.arange(6)


def test_reads_frames_in_order_resized_with_aspect(tmp_path):
    frames = read_frames(write_video(tmp_path / "v.mp4", width=48, height=32), short_side_px=16)
    assert frames.shape == (6, 16, 24, 3)
    assert frames.dtype == np.uint8
    means = frames.mean(axis=(1, 2))
    np.testing.assert_allclose(means, np.stack([LEVELS] * 3, axis=1), atol=4)


def test_upright_video_and_grey(tmp_path):
    path = write_video(tmp_path / "v.mp4", width=32, height=48)
    grey = read_frames(path, short_side_px=16, color="grey")
    assert grey.shape == (6, 24, 16, 1)
    np.testing.assert_allclose(grey.mean(axis=(1, 2, 3)), LEVELS, atol=4)


def test_at_most_so_many_frames_evenly_spaced(tmp_path):
    path = write_video(tmp_path / "v.mp4")
    options = FramesOptions(short_side_px=16, max_frames=3)
    assert plan_clip(path, options).indices.tolist() == [0, 2, 5]
    levels = read_frames(path, short_side_px=16, max_frames=3).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(levels, LEVELS[[0, 2, 5]], atol=4)
    assert len(read_frames(path, short_side_px=16, max_frames=99)) == 6


@pytest.mark.parametrize("width", [8, 12, 16, 24, 48, 72, 96])
def test_widths_that_decord_fails_at(tmp_path, width):
    """decord 0.6: "The size must exactly match" where the width divides its padded row."""
    path = write_video(tmp_path / "v.mp4", frames=2, width=2 * width, height=4 * width)
    frames = read_frames(path, short_side_px=width)
    assert frames.shape == (2, 2 * width, width, 3)
    np.testing.assert_allclose(frames.mean(axis=(1, 2, 3)), LEVELS[:2], atol=4)


def test_more_frames_than_a_block(tmp_path, monkeypatch):
    monkeypatch.setattr("sakdn.data.readers.video.BLOCK_FRAMES", 4)
    path = write_video(tmp_path / "v.mp4", frames=11)
    whole = read_frames(path, short_side_px=16)
    assert len(whole) == 11
    np.testing.assert_allclose(whole.mean(axis=(1, 2, 3)), 30 + 20 * np.arange(11), atol=4)


@pytest.mark.parametrize(
    ("name", "frames", "size"),
    [
        ("demo.mp4", 280, (256, 340)),
        ("flipping_a_pancake.mkv", 310, (240, 426)),
        ("test.avi", 164, (240, 320)),
        ("video_0.mov", 3, (320, 568)),
        ("video_90.mov", 3, (568, 320)),
    ],
)
def test_real_videos_as_they_are_shown(name, frames, size):
    path = SHARED / "videos" / name
    if not path.exists():
        pytest.skip(f"no file {path}; set SAKDN_SHARED")
    shown = look(path)
    assert (shown.timing.frames, shown.height, shown.width) == (frames, *size)
    check_opens(path)


def test_rotated_video_keeps_its_aspect():
    path = SHARED / "videos" / "video_90.mov"
    if not path.exists():
        pytest.skip(f"no file {path}; set SAKDN_SHARED")
    assert read_frames(path, short_side_px=32).shape == (3, 57, 32, 3)


def message_of(path, **options):
    with pytest.raises(InputError) as error:
        read_frames(path, **{"short_side_px": 16} | options)
    assert str(path) in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv", "v.avi"])
def test_cut_video_is_refused_not_served(tmp_path, name):
    """decord serves what is left of a cut file without complaint."""
    options = {"movflags": "faststart"} if name == "v.mp4" else {}
    path = write_video(tmp_path / name, 40, 64, 48, noise=True, options=options)
    content = path.read_bytes()
    assert len(read_frames(path, short_side_px=16)) == 40
    for share in (0.5, 0.8):
        path.write_bytes(content[: int(share * len(content))])
        assert "damaged" in message_of(path)


def test_zeroed_middle_is_refused(tmp_path):
    path = write_video(tmp_path / "v.mp4", frames=40, width=64, height=48, noise=True)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 5000] = bytes(5000)
    path.write_bytes(content)
    assert "copy it again" in message_of(path)


def test_files_that_are_no_video(tmp_path):
    (tmp_path / "empty.avi").write_bytes(b"")
    assert "is empty (0 bytes)" in message_of(tmp_path / "empty.avi")
    (tmp_path / "text.avi").write_text("not a film\n" * 100)
    assert "not a video that can be opened" in message_of(tmp_path / "text.avi")
    assert "no such file" in message_of(tmp_path / "none.avi")
    assert "a folder, expected a video" in message_of(tmp_path)


def test_container_without_frames(tmp_path):
    path = tmp_path / "v.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuv420p"
        container.start_encoding()
    with pytest.raises(InputError, match=r"holds no frames|not a video"):
        check_opens(path)
    assert "no frames" in message_of(path) or "not a video" in message_of(path)


def test_depth_near_is_bright_and_nothing_is_black(tmp_path):
    frames = read_frames(
        write_depth(tmp_path / "d.mat"), short_side_px=24, color="grey", depth_range_mm=[1000, 3000]
    )
    assert frames.shape == (5, 24, 32, 1)
    assert (frames[:, 20:] == 0).all()
    assert (frames[:, :11] == 128).all()
    assert frames[:, 15, 3, 0].tolist() == [255, 1, 192, 64, 1]


def test_depth_clip_resized_rgb_and_thinned(tmp_path):
    frames = read_frames(write_depth(tmp_path / "d.mat"), short_side_px=12, max_frames=2)
    assert frames.shape == (2, 12, 16, 3)
    assert (frames[..., 0] == frames[..., 2]).all()


def test_depth_maps_and_depth_videos_give_the_small_run_the_same_frames():
    small = yaml.safe_load((CONFIG / "utd_mhad_small.yaml").read_text())
    videos = yaml.safe_load((CONFIG / "overlays/utd_mhad_small_videos.yaml").read_text())
    raw = sorted((SHARED / "utd-mhad/Depth").glob("*_depth.mat"))
    if not raw:
        pytest.skip(f"no depth maps in {SHARED}; set SAKDN_SHARED")
    for path in raw:
        clip = path.stem.removesuffix("_depth")
        files = (config["data"]["video"].format(clip=clip) for config in (small, videos))
        ours, theirs = (
            read_frames(SHARED / "utd-mhad" / each, **small["frames"]) for each in files
        )
        assert ours.shape == theirs.shape
        apart = np.abs(ours.astype(int) - theirs)
        assert apart.mean() < 0.2, clip  # 0.08 on average, and 0.9 where something was measured
        assert apart[ours > 0].mean() < 1.5, clip


def test_depth_file_with_two_clips_or_none(tmp_path):
    savemat(tmp_path / "d.mat", {"a": np.zeros((2, 2, 3)), "b": np.zeros((2, 2, 3))})
    assert "exactly one numeric variable of 3 dimensions" in message_of(tmp_path / "d.mat")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"shortside": 3}, r"frames\.shortside is not a key; did you mean frames\.short_side_px"),
        ({"short_side_px": 0}, r"frames\.short_side_px: 0 is less"),
        ({"color": "gray"}, r"frames\.color: 'gray' is not one of \['rgb', 'grey'\]"),
        ({"max_frames": 0}, r"frames\.max_frames: 0 is less"),
        ({"depth_range_mm": [3000, 1000]}, r"frames\.depth_range_mm: .*near < far"),
    ],
)
def test_bad_options(values, message):
    with pytest.raises(InputError, match=message):
        parse_options(FramesOptions, values, "frames")
