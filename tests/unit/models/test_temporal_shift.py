import io
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.commands.export import Logits
from sakdn.models.frame_backbones import build_backbone
from sakdn.models.student import Student, build_student
from sakdn.models.temporal_shift import shift
from sakdn.options.student import StudentNetwork, StudentOptions

N, T, PX = 3, 4, 32
FRAMES = ("small", "resnet18", "bninception", "timm/mobilenetv3_small_050", "timm/test_convnext")


def maps_of(frames: int) -> Tensor:
    """Every channel of every frame says which it is: ten times the frame, and the channel."""
    return (10.0 * torch.arange(frames)[:, None] + torch.arange(5)).view(frames, 5, 1, 1)


def test_channels_come_from_the_neighbours_of_the_same_clip() -> None:
    """Two clips of three frames; nothing comes over from the other clip."""
    shifted = shift(maps_of(6), frames=3, channels=1).flatten(1)
    assert shifted.tolist() == [
        [10, 0, 2, 3, 4],
        [20, 1, 12, 13, 14],
        [0, 11, 22, 23, 24],
        [40, 0, 32, 33, 34],
        [50, 31, 42, 43, 44],
        [0, 41, 52, 53, 54],
    ]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_gradient_goes_back_to_where_channels_came_from(layout: torch.memory_format) -> None:
    maps = torch.rand(N * T, 6, 3, 2, dtype=torch.double).to(memory_format=layout)
    maps.requires_grad_()
    assert torch.autograd.gradcheck(lambda values: shift(values, T, 2), maps)
    with torch.no_grad():
        torch.testing.assert_close(shift(maps, T, 2), shift(maps.clone(), T, 2))
    assert shift(maps, T, 2).is_contiguous(memory_format=layout)


def network_of(backbone: str, **options: Any) -> StudentNetwork:
    given = {"width": 8, "segments": T, "size_px": PX, "head": "average", **options}
    return StudentNetwork(backbone=backbone, **given)


def build(backbone: str, **options: Any) -> Student:
    torch.manual_seed(0)
    return build_student(network_of(backbone, **options), 7, 5).eval()


@pytest.mark.parametrize("backbone", FRAMES)
def test_frames_see_their_neighbours_where_shifted_and_only_there(backbone: str) -> None:
    """A change of the first frame is seen at the second, by the weights of a plain network."""
    clips = torch.rand(1, T, 3, PX, PX)
    changed = torch.cat([clips[:, :1].flip(-1), clips[:, 1:]], 1)
    plain, shifted = build(backbone), build(backbone, temporal_shift=0.125)
    shifted.load_state_dict(plain.state_dict())
    for student, seen in ((plain, False), (shifted, True)):
        with torch.no_grad():
            apart = (student(clips).segments - student(changed).segments).abs().amax(-1)[0]
        assert apart[0] > 0
        assert (apart[1] > 0) == seen


def test_of_few_channels_one_is_shifted() -> None:
    thin = build("small", width=4, temporal_shift=0.01)
    clips = torch.rand(1, T, 3, PX, PX)
    changed = torch.cat([clips[:, :1].flip(-1), clips[:, 1:]], 1)
    with torch.no_grad():
        taps = (thin(clips).frame_taps[1] - thin(changed).frame_taps[1]).abs().amax((1, 2, 3))
    assert (taps > 0).tolist() == [True, True, False, False]


@pytest.mark.parametrize("backbone", ["small", "timm/mobilenetv3_small_050"])
def test_prediction_does_not_depend_on_the_batch(backbone: str) -> None:
    student, clips = build(backbone, temporal_shift=0.25), torch.rand(N, T, 3, PX, PX)
    with torch.no_grad():
        together = student(clips).logits
        alone = torch.cat([student(clips[row : row + 1]).logits for row in range(N)])
    torch.testing.assert_close(alone, together, atol=1e-5, rtol=0)


def test_the_residual_keeps_every_frame_of_a_timm_block() -> None:
    net = build_backbone(network_of("timm/mobilenetv3_small_050", temporal_shift=0.125)).net
    hooked = [name for name, each in net.named_modules() if each._forward_pre_hooks]
    assert hooked
    for name in hooked:
        block = net.get_submodule(name.rpartition(".")[0])
        assert block.has_skip
        assert next(each for each in block.modules() if isinstance(each, nn.Conv2d)) is (
            net.get_submodule(name)
        )


def test_a_shifted_student_is_exported_for_any_batch() -> None:
    student = build("small", temporal_shift=0.125)
    clips, file = torch.rand(N, T, 3, PX, PX), io.BytesIO()
    batch = ({0: torch.export.Dim("batch")},)
    program = torch.export.export(Logits(student), (clips[:2],), dynamic_shapes=batch)
    torch.export.save(program, file)
    file.seek(0)
    with torch.no_grad():
        found = torch.export.load(file).module()(clips)
        torch.testing.assert_close(found, student(clips).logits)


def test_networks_without_residual_blocks_are_refused_with_the_remedy() -> None:
    with pytest.raises(InputError, match=r"temporal_shift: found 0.125 with timm/vgg11.*to 0"):
        build_backbone(network_of("timm/vgg11", temporal_shift=0.125))


def test_networks_of_clips_relate_frames_themselves() -> None:
    options = {"backbone": "r3d_18", "head": "average", "temporal_shift": 0.125}
    with pytest.raises(InputError, match=r"temporal_shift: found 0.125 with r3d_18.*set it to 0"):
        parse_options(StudentOptions, options, "student")


def test_compiled_blocks_are_shifted_too() -> None:
    """Traced, not built: what is compiled is the block with what it is given."""
    options = network_of("small", temporal_shift=0.125, dropout=0.0, in_channels=3)
    plain, compiled = (build_student(options, 7, 5) for _ in range(2))
    compiled.load_state_dict(plain.state_dict())
    for block in compiled.backbone.blocks:
        block.compile(backend="aot_eager")
    clips = torch.rand(N, T, 3, PX, PX)
    torch.testing.assert_close(compiled(clips).logits, plain(clips).logits)
