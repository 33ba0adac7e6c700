"""The data check: what it says of good videos and of damaged ones."""

import os
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from recordings import write_video
from scipy.io import savemat

from sakdn.data.checking.videos import check_video
from sakdn.data.readers.video import plan_clip, read_clip
from sakdn.options.frames import FramesOptions

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))
VIDEOS = {
    "demo.mp4": 280,
    "flipping_a_pancake.mkv": 310,
    "part_0.mp4": 32,
    "test.avi": 164,
    "video_0.mov": 3,
    "video_90.mov": 3,
}
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is absent")


def kinds_of(facts):
    return [(finding.severity, finding.kind) for finding in facts.findings]


@needs_shared
@pytest.mark.parametrize("name", VIDEOS)
def test_good_videos_of_all_containers(name):
    facts = check_video(SHARED / "videos" / name)
    assert [severity for severity, _ in kinds_of(facts) if severity != "note"] == []
    assert facts.seconds == pytest.approx(VIDEOS[name] / facts.rate_hz, rel=0.04)


@needs_shared
def test_rotation_flag_is_noted():
    turned = check_video(SHARED / "videos/video_90.mov")
    assert kinds_of(turned) == [("note", "rotation")]
    assert "turned by -90 degrees" in turned.findings[0].message
    assert kinds_of(check_video(SHARED / "videos/video_0.mov")) == []


def upright_and_turned(folder, degrees):
    """A video, and the same with a display matrix that turns it."""
    plain = folder / "plain.mp4"
    slope = (np.arange(48)[:, None] + 2 * np.arange(64)).astype(np.uint8)  # no side like another
    with av.open(str(plain), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.stack([slope] * 3, axis=2), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    content = bytearray(plain.read_bytes())
    cosine, sine = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    matrix = [cosine, sine, 0, -sine, cosine, 0, 0, 0, 2**14]
    place = content.index(b"tkhd") + 4 + 40  # after version and flags, times, layer and volume
    fixed = [int(value * 2**16) for value in matrix]
    content[place : place + 36] = struct.pack(">9i", *fixed)
    turned = folder / "turned.mp4"
    turned.write_bytes(content)
    return plain, turned


@pytest.mark.parametrize(("degrees", "quarters"), [(90, 3), (180, 2), (270, 1)])
def test_rotation_flag_is_applied_when_read(tmp_path, degrees, quarters):
    frames = []
    options = FramesOptions(short_side_px=48)
    for path in upright_and_turned(tmp_path, degrees):
        frames.append(next(read_clip(path, plan_clip(path, options), options))[0].astype(int))
    assert abs(frames[1] - np.rot90(frames[0], quarters)).max() <= 3
    assert abs(frames[1] - frames[0].reshape(frames[1].shape)).max() > 50
    assert kinds_of(check_video(tmp_path / "turned.mp4")) == [("note", "rotation")]


@needs_shared
def test_rotated_recording_is_read_upright():
    path, options = SHARED / "videos/video_90.mov", FramesOptions(short_side_px=320)
    with av.open(str(path)) as container:
        stored = next(container.decode(video=0)).to_ndarray(format="rgb24")
    shown = next(read_clip(path, plan_clip(path, options), options))[0]
    assert (shown == np.rot90(stored, 3)).all()


def truncated(content, share):
    return content[: int(share * len(content))]


def zeroed(content, share):
    place, size = int(share * len(content)), max(64, len(content) // 40)
    return content[:place] + bytes(size) + content[place + size :]


def overwritten(content, share):
    place, size = int(share * len(content)), max(64, len(content) // 40)
    noise = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8).tobytes()
    return content[:place] + noise + content[place + size :]


@needs_shared
@pytest.mark.parametrize("share", [0.3, 0.6, 0.85])
@pytest.mark.parametrize("damage", [truncated, zeroed, overwritten])
@pytest.mark.parametrize(
    "name", ["part_0.mp4", "flipping_a_pancake.mkv", "test.avi", "video_0.mov"]
)
def test_damaged_copies(tmp_path, name, damage, share):
    path = tmp_path / name
    path.write_bytes(damage((SHARED / "videos" / name).read_bytes(), share))
    (first, *_) = check_video(path).findings
    assert first.severity == "error"
    assert first.kind in ("damaged", "unreadable")
    assert "copy it again" in first.message


def test_end_of_a_file_whose_container_counts_no_frames(tmp_path):
    """Matroska states durations only, and a cut of the last tenth is within their rounding."""
    path = write_video(tmp_path / "a.mkv", frames=60, noise=True)
    assert kinds_of(check_video(path)) == []
    path.write_bytes(truncated(path.read_bytes(), 0.88))
    (finding,) = check_video(path).findings
    assert finding.kind == "damaged"


def test_damage_says_what_was_promised_and_what_the_decoder_reports(tmp_path):
    path = write_video(tmp_path / "a.mp4", frames=20, noise=True)
    content = path.read_bytes()
    middle = slice(len(content) // 3, len(content) // 2)
    path.write_bytes(content[: middle.start] + bytes(len(content[middle])) + content[middle.stop :])
    (finding,) = check_video(path).findings
    assert "frames that cannot be decoded" in finding.message
    assert "the decoder reports" in finding.message
    assert "h264" in finding.message


def test_missing_and_empty_videos(tmp_path):
    assert kinds_of(check_video(tmp_path / "none.mp4")) == [("error", "missing")]
    (tmp_path / "empty.mp4").touch()
    facts = check_video(tmp_path / "empty.mp4")
    assert kinds_of(facts) == [("error", "unreadable")]
    assert facts.findings[0].message.startswith("is empty (0 bytes)")


def write_images(folder, numbers):
    folder.mkdir()
    for number in numbers:
        Image.fromarray(np.full((8, 8), number, np.uint8)).save(folder / f"img_{number:05d}.pgm")
    return folder


def test_folder_of_images(tmp_path):
    assert check_video(write_images(tmp_path / "whole", range(6))).findings == ()
    gap = check_video(write_images(tmp_path / "gap", [0, 1, 2, 5, 6]))
    assert kinds_of(gap) == [("warning", "frame_gap")]
    assert "img_00002.pgm" in gap.findings[0].message
    broken = write_images(tmp_path / "broken", range(4))
    (broken / "img_00003.pgm").write_bytes(b"P5 8 8 255\nshort")
    assert kinds_of(check_video(broken)) == [("error", "unreadable")]


def test_damaged_depth_clip(tmp_path):
    path = tmp_path / "depth.mat"
    savemat(path, {"d_depth": np.arange(600, dtype=np.uint16).reshape(10, 10, 6)})
    assert check_video(path).findings == ()
    path.write_bytes(path.read_bytes()[:-100])
    assert kinds_of(check_video(path)) == [("error", "unreadable")]


def write_uneven(path, ticks, rate=25):
    """A video whose frame i is shown at `ticks[i] / 1000` s."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for tick in ticks:
            frame = av.VideoFrame.from_ndarray(np.full((24, 32, 3), 90, np.uint8), format="rgb24")
            frame.pts, frame.time_base = tick, stream.codec_context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def test_uneven_frame_rate(tmp_path):
    even = check_video(write_uneven(tmp_path / "even.mkv", range(0, 1200, 40)))
    assert even.findings == ()
    assert even.rate_hz == pytest.approx(25)
    ticks = np.cumsum([40, 40, 120] * 10)
    uneven = check_video(write_uneven(tmp_path / "uneven.mkv", ticks.tolist()))
    assert ("warning", "frame_rate") in kinds_of(uneven)
    assert "is uneven: 10 of 29 steps" in uneven.findings[0].message


def test_a_frame_every_second(tmp_path):
    slow = check_video(write_uneven(tmp_path / "slow.mkv", range(0, 9000, 1000), rate=1))
    assert [finding.message for finding in slow.findings] == [
        "found 1 frames a second, expected 5 to 240"
    ]
