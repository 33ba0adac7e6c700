"""The data check and a run say the same of every file, whatever happened to it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_shown import copied
from video_kinds import with_edit, write_levels

from sakdn.base.errors import InputError
from sakdn.data.checking.videos import check_video
from sakdn.data.readers.video import check_opens, plan_clip, read_clip
from sakdn.options.frames import FramesOptions

KINDS = {
    "plain.mp4": lambda path: write_levels(path, range(40), b="300k"),
    "fast.mp4": lambda path: write_levels(path, range(40), container={"movflags": "faststart"}),
    "cut.mp4": lambda path: with_edit(write_levels(path, range(40)), start=13, frames=20),
    "fragments.mp4": lambda path: write_levels(
        path, range(40), container={"movflags": "frag_keyframe+empty_moov"}
    ),
    "plain.mkv": lambda path: write_levels(path, range(40)),
    "live.mkv": lambda path: write_levels(path, range(40), container={"live": "1"}),
    "mpeg4.avi": lambda path: write_levels(path, range(40), codec="mpeg4"),
    "h264.avi": lambda path: write_levels(path, range(40), b_frames=0),
    "h264b.avi": lambda path: write_levels(path, range(40)),
    "vp9.webm": lambda path: write_levels(path, range(40), codec="libvpx-vp9"),
    "vp8.webm": lambda path: write_levels(path, range(40), codec="libvpx"),
    "h264.ts": lambda path: write_levels(path, range(40)),
    "a.gif": lambda path: write_levels(path, range(20), codec="gif"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return {name: write(folder / name) for name, write in KINDS.items()}


def refused(path):
    """What a run says of a file, or None, and how many frames it reads."""
    options = FramesOptions(short_side_px=16)
    try:
        check_opens(path)
        plan = plan_clip(path, options)
        return None, sum(map(len, read_clip(path, plan, options)))
    except InputError as error:
        return str(error), 0


def agree(path):
    reason, frames = refused(path)
    facts = check_video(path)
    errors = [finding for finding in facts.findings if finding.severity == "error"]
    assert bool(errors) == bool(reason), (reason, errors)
    if reason is None:
        assert frames > 0
        assert facts.seconds is None or facts.seconds > 0 or frames == 1


@pytest.mark.parametrize("name", KINDS)
def test_whole_files_are_read(whole, name):
    assert refused(whole[name])[0] is None
    agree(whole[name])


FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("name", KINDS)
@FEW
@given(share=st.floats(0.05, 0.999))
def test_cut_short(whole, tmp_path, name, share):
    content = whole[name].read_bytes()
    (tmp_path / name).write_bytes(content[: int(share * len(content))])
    agree(tmp_path / name)


@pytest.mark.parametrize("name", KINDS)
@FEW
@given(bits=st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 7)), min_size=1, max_size=30))
def test_flipped_bits(whole, tmp_path, name, bits):
    content = bytearray(whole[name].read_bytes())
    for share, bit in bits:
        content[int(share * len(content))] ^= 1 << bit
    (tmp_path / name).write_bytes(content)
    agree(tmp_path / name)


@pytest.mark.parametrize("name", [name for name in KINDS if not name.endswith(("avi", "gif"))])
@FEW
@given(seed=st.integers(0, 2**16), share=st.floats(0.02, 0.5))
def test_lost_packets(whole, tmp_path, name, seed, share):
    lost = np.random.default_rng(seed).random(1000) < share

    def keep(packets):
        # Without the first times a container cannot be written.
        return [p for p, gone in zip(packets, lost) if not gone or p.dts is None]

    agree(copied(whole[name], tmp_path / name, keep))


def test_threads_hear_only_of_their_own_files(whole, tmp_path):
    """FFmpeg's messages are one stream; what it says of one file must not damn another."""
    paths = []
    for number, (name, path) in enumerate(whole.items()):
        content = bytearray(path.read_bytes())
        for place in range(len(content) // 3, len(content), 97):
            content[place] ^= 0x55
        damaged = tmp_path / f"{number}_{name}"
        damaged.write_bytes(content)
        paths += [path, damaged]
    one_by_one = [refused(path) for path in paths]
    assert sum(reason is not None for reason, _ in one_by_one) >= 8
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(refused, paths)) == one_by_one
