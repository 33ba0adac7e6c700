import pytest
import torch

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.models.streams import build_stream
from sakdn.options.teacher import StreamOptions
from sakdn.teachers.about import StreamAbout


@pytest.mark.parametrize(("size_px", "channels"), [(32, 1), (50, 3), (64, 6), (224, 3)])
def test_small_stream_taps_and_outputs_at_many_sizes(size_px: int, channels: int):
    stream = build_stream(StreamOptions(backbone="small", width=2), channels, 7, 5, size_px).eval()
    out = stream(torch.rand(2, channels, size_px, size_px))
    assert [tap.shape[1] for tap in out.taps] == [2, 4, 8, 16, 16]
    assert [tap.shape[3] for tap in out.taps[:4]] == [size_px // 2**b for b in (1, 2, 3, 4)]
    assert (out.embedding.shape, out.semantic.shape, out.logits.shape) == ((2, 7), (2, 7), (2, 5))
    assert (out.embedding >= 0).all()
    assert (out.semantic < 0).any()


@pytest.mark.parametrize(("size_px", "channels"), [(48, 6), (64, 3)])
def test_resnet_stream_takes_any_number_of_channels(size_px: int, channels: int):
    stream = build_stream(StreamOptions(backbone="resnet18"), channels, 7, 5, size_px).eval()
    with torch.no_grad():
        out = stream(torch.rand(1, channels, size_px, size_px))
    assert [tap.shape[1] for tap in out.taps] == [64, 64, 128, 256, 512]
    assert out.logits.shape == (1, 5)


def test_stream_prediction_does_not_depend_on_the_batch():
    torch.manual_seed(0)
    stream = build_stream(StreamOptions(backbone="small", width=2), 3, 7, 5, 32)
    images = torch.rand(6, 3, 32, 32)
    stream.train()(images)
    stream.eval()
    together = stream(images).logits
    order = [4, 0, 5, 2, 1, 3]
    torch.testing.assert_close(stream(images[order]).logits, together[order], atol=1e-5, rtol=0)
    for row in range(6):
        alone = stream(images[row : row + 1]).logits
        torch.testing.assert_close(alone[0], together[row], atol=1e-5, rtol=0)


SHAPES = {"in_channels": 3, "semantic_dim": 7, "n_classes": 5}


@pytest.mark.parametrize(
    ("backbone", "size_px", "words"), [("vgg19", 64, "vgg19.*small"), ("small", 16, "16.*32")]
)
def test_a_stream_that_cannot_be_built_is_refused(backbone: str, size_px: int, words: str):
    with pytest.raises(InputError, match=words):
        parse_options(StreamAbout, SHAPES | {"backbone": backbone, "image_size_px": size_px}, "x")
