import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sakdn.base.errors import InputError
from sakdn.options.columns import UNLABELLED
from sakdn.students.frames.crops import eval_pixels, train_pixels
from sakdn.students.frames.flips import flippable, sided_groups
from sakdn.students.frames.sampling import (
    Crop,
    crop_offsets,
    crop_sizes,
    draw_crop,
    drawn_by,
    eval_indices,
    train_indices,
)

UTD = [
    "right arm swipe to the left",
    "right arm swipe to the right",
    "right hand wave",
    "right hand draw circle clockwise",
    "Right hand draw circle, counter-clockwise",
]


@given(st.integers(1, 900), st.integers(1, 16), st.integers(0, 9))
def test_frames_ascend_inside_the_clip(frames: int, segments: int, seed: int) -> None:
    draw = drawn_by(np.random.default_rng(seed))
    for indices in (eval_indices(frames, segments), train_indices(frames, segments, draw)):
        assert len(indices) == segments
        assert (np.diff(indices) >= 0).all()
        assert 0 <= indices[0] <= indices[-1] < frames
        if frames >= segments:
            assert len(set(indices)) == segments


def test_short_clips_use_every_frame() -> None:
    assert eval_indices(3, 8).tolist() == [0, 0, 0, 1, 1, 2, 2, 2]
    assert eval_indices(8, 8).tolist() == list(range(8))


def test_train_draws_differ_and_repeat_with_the_seed() -> None:
    first, second, other = (
        train_indices(80, 8, drawn_by(np.random.default_rng(seed))).tolist() for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other


@pytest.mark.parametrize(("frames", "segments"), [(0, 8), (5, 0)])
def test_no_frames_are_refused(frames: int, segments: int) -> None:
    with pytest.raises(InputError, match="at least 1"):
        eval_indices(frames, segments)


@given(st.integers(30, 700), st.integers(30, 700), st.integers(20, 300), st.integers(0, 9))
def test_crops_lie_inside_the_frame(width: int, height: int, size: int, seed: int) -> None:
    crop = draw_crop(width, height, size, drawn_by(np.random.default_rng(seed)))
    assert 0 <= crop.x <= width - crop.width
    assert 0 <= crop.y <= height - crop.height


def test_every_size_and_place_is_drawn() -> None:
    draw = drawn_by(np.random.default_rng(0))
    crops = [draw_crop(320, 240, 224, draw) for _ in range(2000)]
    assert {(c.width, c.height) for c in crops} == set(crop_sizes(320, 240, 224))
    places = {(c.x, c.y) for c in crops if (c.width, c.height) == (180, 180)}
    assert places == set(crop_offsets(320, 240, 180, 180))


def test_a_side_near_the_input_size_snaps_to_it() -> None:
    assert crop_sizes(300, 226, 224)[0] == (224, 224)
    assert crop_sizes(300, 227, 224)[0] == (227, 227)


def test_train_pixels_cut_the_same_part_of_every_frame() -> None:
    frames = torch.randint(0, 256, (3, 1, 20, 30), dtype=torch.uint8)
    crop = Crop(width=8, height=8, x=5, y=2)
    part = frames[(..., *crop.window)]
    cut = train_pixels(part, 8)
    assert torch.equal(cut, frames[:, :, 2:10, 5:13])
    assert torch.equal(train_pixels(part, 8, flip=True), cut.flip(-1))
    assert train_pixels(part, 12).shape == (3, 1, 12, 12)


def test_eval_pixels_cut_the_centre() -> None:
    frames = torch.arange(24 * 32, dtype=torch.float32).view(1, 1, 24, 32).mul(0.3).byte()
    assert torch.equal(eval_pixels(frames, 24, 16), frames[:, :, 4:20, 8:24])
    grey = eval_pixels(frames, 48, 16)
    colour = eval_pixels(frames.expand(1, 3, 24, 32), 48, 16)
    assert grey.shape == (1, 1, 16, 16)
    assert torch.equal(colour, grey.expand(1, 3, 16, 16))


def test_eval_crop_larger_than_the_frame_is_refused() -> None:
    with pytest.raises(InputError, match="224"):
        eval_pixels(torch.zeros(1, 3, 40, 40, dtype=torch.uint8), 200, 224)


def test_classes_that_differ_by_side_are_found() -> None:
    assert sided_groups(UTD) == [[0, 1], [3, 4]]
    assert sided_groups(["sit down", "stand up"]) == []


def test_flip_is_refused_for_sided_classes() -> None:
    with pytest.raises(InputError, match="swipe to the left' and 'right arm swipe to the right"):
        flippable(UTD, "all")
    assert flippable(UTD, "unsided") == {2}
    assert flippable(UTD, "none") == set()
    assert flippable(["sit", "stand"], "all") == {0, 1, UNLABELLED}
    assert flippable(["sit", "stand"], "unsided") == {0, 1, UNLABELLED}
    with pytest.raises(InputError, match="sometimes"):
        flippable(UTD, "sometimes")
