"""Folders of images as videos; containers that decord cannot seek in."""

import av
import numpy as np
import pytest
from PIL import Image
from trees import write_frames

from sakdn.base.errors import InputError
from sakdn.data.readers.video import check_opens, plan_clip, read_clip
from sakdn.options.frames import FramesOptions


def read(path, **options):
    options = FramesOptions(**options)
    plan = plan_clip(path, options)
    return np.concatenate(list(read_clip(path, plan, options)))


def save(path, level, size=(16, 12), mode="L", **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    color = level if mode in ("L", "I;16") else (level, 0, 0)
    Image.new(mode, size, color).save(path, **more)


def test_frames_in_natural_order_resized_with_aspect(tmp_path):
    for index in (1, 2, 9, 10, 11):
        save(tmp_path / f"clip/frame{index}.png", 20 * index)
    plan = plan_clip(tmp_path / "clip", FramesOptions(short_side_px=6))
    assert (plan.height, plan.width, plan.channels, plan.fps) == (6, 8, 3, None)
    frames = read(tmp_path / "clip", short_side_px=6)
    assert frames.shape == (5, 6, 8, 3)
    assert frames.mean(axis=(1, 2, 3)).tolist() == [20, 40, 180, 200, 220]


def test_pgm_in_grey_and_at_most_so_many(tmp_path):
    write_frames(tmp_path / "R01", "img_l01_c01_s01_a01_r01", frames=11, level=30)
    frames = read(tmp_path / "R01", short_side_px=12, color="grey", max_frames=3)
    assert frames.shape == (3, 12, 16, 1)
    assert frames.mean(axis=(1, 2, 3)).tolist() == [30, 80, 130]


def test_more_frames_than_a_block(tmp_path):
    for index in range(70):
        save(tmp_path / f"clip/{index:06d}.pgm", index)
    assert read(tmp_path / "clip", short_side_px=4, color="grey")[:, 0, 0, 0].tolist() == list(
        range(70)
    )


def test_colour_becomes_luma_and_other_files_are_left_out(tmp_path):
    save(tmp_path / "clip/1.bmp", 200, mode="RGB")
    save(tmp_path / "clip/._1.bmp", 10, mode="RGB")
    (tmp_path / "clip/Thumbs.db").write_bytes(b"x")
    assert read(tmp_path / "clip", short_side_px=12)[0, 0, 0].tolist() == [200, 0, 0]
    assert read(tmp_path / "clip", short_side_px=12, color="grey")[0, 0, 0].tolist() == [60]


def test_photos_are_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "clip/1.jpg", 90, exif=exif)
    assert read(tmp_path / "clip", short_side_px=12, color="grey").shape == (1, 16, 12, 1)


def cut(path):
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: cut(folder / "1.pgm"), r"1\.pgm: not an image that can be read \(.*trunc"),
        (lambda folder: (folder / "1.pgm").write_text("hello"), r"1\.pgm: not an image"),
        (lambda folder: save(folder / "1.pgm", 9, mode="I;16"), r"1\.pgm: has more than 8 bits"),
        (lambda folder: save(folder / "2.png", 9), r"found \.pgm and \.png; .*others away"),
        (lambda folder: save(folder / "2.pgm", 9, size=(8, 8)), r"2\.pgm: is of 8 x 8 px, expect"),
        (lambda folder: (folder / "1.pgm").unlink(), r"found no images"),
    ],
)
def test_bad_folders(tmp_path, spoil, message):
    save(tmp_path / "1.pgm", 50)
    spoil(tmp_path)
    with pytest.raises(InputError, match=message):
        read(tmp_path, short_side_px=8)


def test_check_opens_a_folder(tmp_path):
    save(tmp_path / "good/1.pgm", 50)
    check_opens(tmp_path / "good")
    save(tmp_path / "bad/1.pgm", 50)
    cut(tmp_path / "bad/1.pgm")
    with pytest.raises(InputError, match=r"bad/1\.pgm"):
        check_opens(tmp_path / "bad")


def write_numbered(path, frames, key_frames_every):
    """H.264 with key frames; frame i shows the binary digits of i as eight bars."""
    options = {"g": str(key_frames_every), "keyint_min": str(key_frames_every)}
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for index in range(frames):
            bars = np.repeat([30 + 190 * (index >> bit & 1) for bit in range(8)], 8)
            plane = np.broadcast_to(bars[None, :, None], (48, 64, 3)).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(plane, format="rgb24")))
        container.mux(stream.encode())
    return path


def numbers(frames):
    bars = frames[:, 24, 4::8, 0] > 125
    return (bars * 2 ** np.arange(8)).sum(axis=1).tolist()


@pytest.mark.parametrize("suffix", ["avi", "mp4"])
@pytest.mark.parametrize("frames", [60, 150])
def test_frames_that_are_left_out_do_not_shift_the_others(tmp_path, suffix, frames):
    """An AVI has no presentation times: decord gives wrong frames where it seeks."""
    path = write_numbered(tmp_path / f"v.{suffix}", frames, key_frames_every=12)
    assert numbers(read(path, short_side_px=48)) == list(range(frames))
    for count in (2, 7, 20):
        wanted = np.linspace(0, frames - 1, count).round().astype(int).tolist()
        assert numbers(read(path, short_side_px=48, max_frames=count)) == wanted


def test_images_of_flow_beside_the_frames_are_left_out(tmp_path):
    for index in range(1, 6):
        save(tmp_path / f"clip/img_{index:05d}.jpg", 30 * index, mode="RGB")
        save(tmp_path / f"clip/flow_x_{index - 1:05d}.jpg", 128)
        save(tmp_path / f"clip/flow_y_{index - 1:05d}.jpg", 128)
    frames = read(tmp_path / "clip", short_side_px=12)
    assert frames[:, 0, 0, 0].tolist() == pytest.approx([30, 60, 90, 120, 150], abs=2)


def test_two_kinds_of_images_with_the_same_numbers_are_refused(tmp_path):
    for index in range(4):
        save(tmp_path / f"clip/rgb_{index}.png", 200)
        save(tmp_path / f"clip/mask_{index}.png", 9)
    for look in (check_opens, lambda path: plan_clip(path, FramesOptions())):
        with pytest.raises(InputError, match=r"such as mask_0\.png and rgb_0\.png.*others away"):
            look(tmp_path / "clip")


@pytest.mark.parametrize(
    "names",
    [
        ["a.png", "b.png", "c.png"],
        ["2023-01-01_10-00-59.png", "2023-01-01_10-01-00.png", "2023-01-01_10-01-01.png"],
        ["walk_1.png", "walk_2.png", "run_3.png"],
        ["flow_1.png", "flow_2.png"],
    ],
)
def test_other_names_are_read_as_before(tmp_path, names):
    for name in names:
        save(tmp_path / "clip" / name, 50)
    assert len(plan_clip(tmp_path / "clip", FramesOptions()).indices) == len(names)
