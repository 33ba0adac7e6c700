"""Files that are refused, or read as far as they go: by look, run and check."""

import numpy as np
import pytest
from PIL import Image
from test_shown import read
from video_kinds import level_of, levels, write_levels

from sakdn.base.errors import InputError
from sakdn.data.checking.videos import check_video
from sakdn.data.readers.shown import look
from sakdn.data.readers.video import check_opens, plan_clip
from sakdn.options.frames import FramesOptions


def test_a_file_cut_short_is_refused_before_the_first_long_job(tmp_path):
    """Its table of frames stands in front and is whole."""
    path = write_levels(tmp_path / "v.mp4", range(60), container={"movflags": "faststart"})
    check_opens(path)
    path.write_bytes(path.read_bytes()[:-20])
    for reader in (check_opens, lambda path: plan_clip(path, FramesOptions())):
        with pytest.raises(InputError, match=r"damaged: .*copy it again"):
            reader(path)
    assert [finding.kind for finding in check_video(path).findings] == ["damaged"]


@pytest.mark.parametrize("name", ["v.mkv", "v.webm", "v.avi", "v.mp4"])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_all_refuse_a_file_cut_short_in_the_same_words(tmp_path, name, share):
    codec = "libvpx" if name.endswith("webm") else "libx264"
    path = write_levels(tmp_path / name, range(60), codec=codec)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    said = []
    for reader in (check_opens, lambda path: plan_clip(path, FramesOptions())):
        with pytest.raises(InputError, match="copy it again") as error:
            reader(path)
        said.append(str(error.value))
    assert said[0] == said[1]
    (finding,) = check_video(path).findings
    assert finding.severity == "error"


def test_a_folder_whose_images_change_their_size_is_refused_by_check_and_run(tmp_path):
    for number, side in enumerate((24, 24, 32)):
        Image.new("L", (side, side), 9 * number).save(tmp_path / f"{number}.png")
    (finding,) = check_video(tmp_path).findings
    assert "expected 24 x 24 as the images before it" in finding.message
    with pytest.raises(InputError, match="expected 24 x 24"):
        read(tmp_path)


def test_a_transport_stream_that_begins_between_key_frames(tmp_path):
    """As a broadcast is recorded: what comes before the first key frame cannot be shown."""
    path = write_levels(tmp_path / "v.ts", range(60), sc_threshold="0", b="2M")
    path.write_bytes(path.read_bytes()[-188 * (3 * path.stat().st_size // 4 // 188) :])
    found = levels(read(path))
    assert 20 <= len(found) <= 50
    expected = [level_of(index) for index in range(60 - len(found), 60)]
    np.testing.assert_allclose(found, expected, atol=4)
    assert [f for f in check_video(path).findings if f.severity == "error"] == []


def test_transport_streams_joined_end_to_end_are_refused(tmp_path):
    path = write_levels(tmp_path / "v.ts", range(90))
    path.write_bytes(2 * path.read_bytes())
    for reader in (check_opens, look):
        with pytest.raises(InputError, match=r"jumps back by [23]\.\d s.* joined end to end"):
            reader(path)
    assert [finding.severity for finding in check_video(path).findings] == ["error"]
