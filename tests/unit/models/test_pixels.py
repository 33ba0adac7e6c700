import pytest
import torch

from sakdn.models.frame_backbones import BACKBONES
from sakdn.models.pixels import IMAGENET, PLAIN, normalise


@pytest.mark.parametrize(
    ("backbone", "expected"),
    [
        ("bninception", [-104.0, -17.0, 127.0]),
        ("resnet18", [2.2489, -0.2850, -1.8044]),
        ("small", [1.0, 100 / 255, 0.0]),
    ],
)
def test_a_known_pixel(backbone: str, expected: list[float]):
    pixel = torch.tensor([255, 100, 0], dtype=torch.uint8)[:, None, None].expand(2, 3, 3, 4, 5)
    values = normalise(pixel, BACKBONES[backbone].pixels)
    assert values.shape == (2, 3, 3, 4, 5)
    torch.testing.assert_close(values[1, 2, :, 0, 0], torch.tensor(expected), atol=1e-4, rtol=0)


def test_grey_frames_become_three_channels_where_the_backbone_has_colour():
    grey = torch.full((2, 1, 4, 5), 128, dtype=torch.uint8)
    assert normalise(grey, BACKBONES["small"].pixels).shape == (2, 1, 4, 5)
    assert normalise(grey, BACKBONES["bninception"].pixels)[0, :, 0, 0].tolist() == [24, 11, 0]


@pytest.mark.parametrize("pixels", [IMAGENET, PLAIN])
def test_the_layout_changes_no_value(pixels):
    frames = torch.randint(0, 256, (2, 3, 5, 7, 3), dtype=torch.uint8).movedim(-1, -3)
    mean, std = (torch.tensor(v)[:, None, None] for v in (pixels.mean, pixels.std))
    for laid_out in (frames, frames.contiguous()):
        values = normalise(laid_out, pixels)
        assert torch.equal(values, (frames.float() - mean) / std)
        assert values.stride() == laid_out.stride()
    assert frames.dtype == torch.uint8
