"""Videos as cameras, phones, browsers and cutting tools leave them: what a player shows is read."""

import json
import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from recordings import write_video
from video_kinds import (
    add_frames,
    level_of,
    levels,
    picture,
    prepare,
    with_edit,
    with_matrix,
    write_levels,
)

from sakdn.base.errors import InputError
from sakdn.data.checking.videos import check_video
from sakdn.data.readers.shown import look
from sakdn.data.readers.video import check_opens, plan_clip, read_clip
from sakdn.options.frames import FramesOptions

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))


def read(path, **options):
    options = FramesOptions(**{"short_side_px": 48} | options)
    return np.concatenate(list(read_clip(path, plan_clip(path, options), options)))


def shows(path, indices, times_s=None, atol=4):
    """Asserts that exactly these pictures are read, at these times, and that the check agrees."""
    indices = list(indices)
    frames = read(path)
    assert len(frames) == len(indices)
    np.testing.assert_allclose(levels(frames), [level_of(index) for index in indices], atol=atol)
    shown = look(path)
    assert shown.timing.frames == len(indices)
    expected = np.arange(len(indices)) / 30 if times_s is None else np.asarray(times_s)
    np.testing.assert_allclose(shown.times_s, expected, atol=2e-3)
    check_opens(path)
    facts = check_video(path)
    assert [finding for finding in facts.findings if finding.severity == "error"] == []


@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize(
    ("start", "frames"), [(13, None), (5, None), (0, 20), (0, 31), (13, 20), (24, 1), (12, 12)]
)
def test_edit_lists_that_trim_ends(tmp_path, b_frames, start, frames):
    path = write_levels(tmp_path / "v.mp4", range(60), b_frames=b_frames)
    end = 60 if frames is None else start + frames
    shows(with_edit(path, start, frames), range(start, end))


def packets_of(path):
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


def copied(source, target, keep):
    """Copies the packets of which `keep` says so, as `ffmpeg -c copy`."""
    with av.open(str(source)) as here, av.open(str(target), "w") as there:
        stream = there.add_stream_from_template(here.streams.video[0])
        packets = [packet for packet in here.demux(video=0) if packet.size]
        for packet in keep(packets):
            packet.stream = stream
            there.mux(packet)
    return target


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_a_copy_that_begins_with_an_open_group(tmp_path, suffix):
    """Pictures that lean on ones before the cut cannot be shown; the rest must be."""
    params = {"x264-params": "open-gop=1:keyint=12:min-keyint=12:scenecut=0:bframes=2"}
    whole = write_levels(tmp_path / f"w.{suffix}", range(48), **params)

    def from_second_group(packets):
        keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
        return packets[keys[1] :]

    path = copied(whole, tmp_path / f"cut.{suffix}", from_second_group)
    found = levels(read(path))
    assert 34 <= len(found) <= 38
    assert np.abs(found[-34:] - [level_of(index) for index in range(14, 48)]).max() <= 4
    assert len(set(found.round(1))) == len(found)
    assert [f for f in check_video(path).findings if f.severity == "error"] == []


@pytest.mark.parametrize("codec", ["libx264", "libvpx-vp9", "libvpx"])
@pytest.mark.parametrize("suffix", ["mkv", "webm"])
def test_a_recorder_that_wrote_no_duration(tmp_path, suffix, codec):
    if suffix == "webm" and codec == "libx264":
        pytest.skip("WebM holds no H.264")
    whole, live = tmp_path / f"v.{suffix}", tmp_path / f"live.{suffix}"
    write_levels(whole, range(60), codec=codec, container={"live": "1"})
    content = whole.read_bytes()
    assert b"\x44\x89" not in content[:600]  # the element Duration
    live.write_bytes(content)
    shows(live, range(60), atol=6)


def test_a_fragmented_file_that_a_crash_ended(tmp_path):
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    path = write_levels(tmp_path / "v.mp4", range(60), container=flags, sc_threshold="0")
    shows(path, range(60))
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"moof") - 4])
    shows(path, range(48))


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("v.mp4", "libsvtav1"),
        ("v.mkv", "libsvtav1"),
        ("v.gif", "gif"),
        ("v.mp4", "mpeg4"),
        ("v.avi", "mjpeg"),
        ("v.webm", "libvpx"),
        ("v.webm", "libvpx-vp9"),
        ("v.mp4", "libx265"),
        ("v.mkv", "ffv1"),
        ("v.flv", "flv"),
        ("v.mpg", "mpeg2video"),
        ("v.wmv", "wmv2"),
        ("v.ts", "libx264"),
        ("v.m2ts", "mpeg2video"),
    ],
)
def test_codecs(tmp_path, name, codec):
    base = Fraction(1, 25 if codec == "gif" else 30)
    try:
        path = write_levels(tmp_path / name, range(60), codec=codec, time_base=base)
    except (av.FFmpegError, ValueError) as error:
        pytest.skip(f"cannot be written here: {error}")
    shows(path, range(60), np.arange(60) * float(base), atol=9)
    if hasattr(os, "sched_getscheduler"):
        assert os.sched_getscheduler(0) == os.SCHED_OTHER


@pytest.mark.parametrize("default", [0, 1])
def test_two_videos_in_a_file(tmp_path, default):
    path = tmp_path / "v.mkv"
    with av.open(str(path), "w") as file:
        streams = [file.add_stream("libx264", rate=30) for _ in range(2)]
        for number, stream in enumerate(streams):
            stream.disposition = av.stream.Disposition.default if number == default else 0
            prepare(stream, size=(64 + 32 * number, 48))
        for number, stream in enumerate(streams):
            add_frames(file, stream, range(20 + 10 * number))
    assert look(path).width == 64 + 32 * default
    shows(path, range(20 + 10 * default))


@pytest.mark.parametrize("suffix", ["avi", "mkv"])
@pytest.mark.parametrize(("codec", "b_frames"), [("libx264", 0), ("mpeg4", 0), ("mpeg4", 2)])
def test_frames_that_a_recorder_left_out(tmp_path, suffix, codec, b_frames):
    """AVI fills the gaps with empty frames."""
    ticks = [*range(10), *range(14, 20), 26, 27, 28, *range(33, 50)]
    path = write_levels(tmp_path / f"v.{suffix}", ticks, codec=codec, b_frames=b_frames, b="4M")
    shows(path, range(len(ticks)), np.array(ticks) / 30)
    assert look(path).timing.times_s is not None


@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ((1, 0, 0, 1), lambda frame: frame),
        ((-1, 0, 0, 1), lambda frame: frame[:, ::-1]),
        ((1, 0, 0, -1), lambda frame: frame[::-1]),
        ((-1, 0, 0, -1), lambda frame: frame[::-1, ::-1]),
        ((0, 1, -1, 0), lambda frame: np.rot90(frame, 3)),
        ((0, -1, 1, 0), lambda frame: np.rot90(frame, 1)),
        ((0, 1, 1, 0), lambda frame: frame.swapaxes(0, 1)),
        ((0, -1, -1, 0), lambda frame: np.rot90(frame, 2).swapaxes(0, 1)),
    ],
)
def test_turned_and_mirrored(tmp_path, matrix, shown):
    path = with_matrix(write_levels(tmp_path / "v.mp4", range(5)), matrix)
    expected = shown(picture(0)).astype(int)
    assert np.abs(read(path)[0].astype(int) - expected).mean() < 6
    notes = [finding.message for finding in check_video(path).findings]
    mirrored = matrix[0] * matrix[3] - matrix[1] * matrix[2] < 0
    assert any("mirrored" in note for note in notes) == mirrored


@pytest.mark.parametrize("most", [None, 10])
def test_uneven_frames_have_their_own_times(tmp_path, most):
    ticks = [*range(0, 1320, 33), *range(1320, 5320, 200)]
    path = write_levels(tmp_path / "v.mp4", ticks, time_base=Fraction(1, 1000))
    plan = plan_clip(path, FramesOptions(max_frames=most))
    np.testing.assert_allclose(plan.timing.times_s, np.array(ticks)[plan.indices] / 1000, atol=1e-3)
    if most:
        steps = np.diff(plan.timing.times_s)
        assert steps.max() < 0.8
        assert np.ptp(steps) <= 0.21  # by number there would be steps of 0.2 and of 1.2 s
    else:
        shows(path, range(60), np.array(ticks) / 1000)


def test_what_no_decoder_knows_is_refused_with_the_command_that_helps(tmp_path):
    path = write_levels(tmp_path / "v.mp4", range(5))
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    for reader in (check_opens, look):
        with pytest.raises(InputError, match="ffmpeg -i it -c:v libx264"):
            reader(path)
    (finding,) = check_video(path).findings
    assert finding.severity == "error"
    assert "ffmpeg -i it -c:v libx264" in finding.message


def test_pixels_are_those_of_decord(tmp_path):
    """decord read them before, and trained students have seen its pixels."""
    decord = pytest.importorskip("decord")
    path = write_video(tmp_path / "v.mp4", frames=20, width=320, height=240, noise=True)
    frames = read(path, short_side_px=60)
    reader = decord.VideoReader(str(path), width=80, height=60)
    np.testing.assert_array_equal(frames, reader.get_batch(range(20)).asnumpy())


CASES = sorted((SHARED / "cases").glob("*/expected.json"))


def cases(kinds):
    for file in CASES:
        expected = json.loads(file.read_text())
        if expected["kind"] in kinds and "files" in expected:
            yield from ((file.parent / name, want) for name, want in expected["files"].items())


needs_cases = pytest.mark.skipif(not CASES, reason=f"{SHARED}/cases is absent")


@needs_cases
def test_cases_show_what_a_player_shows():
    seen = 0
    for path, want in cases(("video", "times")):
        size = look(path)
        frames = read(path, short_side_px=min(size.width, size.height))
        assert len(frames) == want["frames"], path
        right = frames[:, :, frames.shape[2] // 2 :].mean(axis=(1, 2, 3))
        np.testing.assert_allclose(right, want["right_half_mean"], atol=1, err_msg=str(path))
        times = np.array(want["times_s"])
        np.testing.assert_allclose(size.times_s, times - times[0], atol=1e-3, err_msg=str(path))
        assert [f for f in check_video(path).findings if f.severity == "error"] == []
        seen += 1
    assert seen >= 8


@needs_cases
def test_cases_are_turned_as_a_player_turns_them():
    for path, want in cases(("quadrants",)):
        size = look(path)
        frame = read(path, short_side_px=min(size.width, size.height))[0, :, :, 0]
        rows = np.array_split(frame, 2)
        found = [part.mean() for row in rows for part in np.array_split(row, 2, axis=1)]
        np.testing.assert_allclose(found, want, atol=3, err_msg=str(path))


@needs_cases
def test_a_case_of_frames_beside_their_flow():
    folder = SHARED / "cases/rawframes_with_flow/frames"
    assert read(folder).mean(axis=(1, 2, 3)).round(-1).tolist() == list(range(30, 130, 10))
    assert [f.severity for f in check_video(folder).findings] == []
