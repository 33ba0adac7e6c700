import pytest
import torch
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.models.frame_backbones import BACKBONES, build_backbone
from sakdn.models.heads import build_head
from sakdn.models.pixels import normalise
from sakdn.models.student import Student, build_student, parameter_groups
from sakdn.options.student import StudentNetwork

N, T, PX = 4, 3, 32


def clips() -> Tensor:
    return torch.rand(N, T, 1, PX, PX, generator=torch.Generator().manual_seed(1))


def build(head: str = "trn", **options: object) -> Student:
    torch.manual_seed(0)
    chosen = StudentNetwork(
        backbone="small", width=2, in_channels=1, segments=T, head=head, **options
    )
    return build_student(chosen, semantic_dim=7, n_classes=5)


@pytest.mark.parametrize("head", ["trn", "average", "tconv", "max"])
def test_prediction_does_not_depend_on_the_batch(head: str):
    student = build(head)
    student.train()(clips())
    student.eval()
    together = student(clips()).logits
    order = [2, 0, 3, 1]
    shuffled = student(clips()[order]).logits
    torch.testing.assert_close(shuffled, together[order], atol=1e-5, rtol=0)
    for row in range(N):
        alone = student(clips()[row : row + 1]).logits[0]
        torch.testing.assert_close(alone, together[row], atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("head", "sees_order"), [("trn", 1), ("tconv", 1), ("average", 0), ("max", 0)]
)
def test_only_trn_and_tconv_heed_the_order_of_segments(head: str, sees_order: bool):
    torch.manual_seed(0)
    module, segments = build_head(head, T, 7, 5).eval(), torch.randn(N, T, 7)
    change = (module(segments) - module(segments.flip(1))).abs().max()
    assert (change > 1e-3) == sees_order


def test_taps_and_semantic_are_means_over_segments():
    student = build().eval()
    out = student(clips())
    frames = student(clips()[:, :1].expand(-1, T, -1, -1, -1))
    assert [tap.shape[1] for tap in out.taps] == list(student.backbone.tap_widths)
    torch.testing.assert_close(frames.semantic, out.segments[:, 0])
    torch.testing.assert_close(frames.taps[1], out.frame_taps[1].unflatten(0, (N, T))[:, 0])
    torch.testing.assert_close(out.semantic, out.segments.sum(1) / T)


def test_every_tap_is_on_the_way_to_the_logits_and_receives_gradients_itself():
    out = build()(clips())
    score = torch.autograd.grad(out.logits[:, 0].sum(), out.frame_taps, retain_graph=True)
    assert all(gradient.abs().sum() > 0 for gradient in score)
    for tap, frame_tap in zip(out.taps, out.frame_taps, strict=True):
        (gradient,) = torch.autograd.grad(tap.sum(), frame_tap, retain_graph=True)
        torch.testing.assert_close(gradient, torch.full_like(gradient, 1 / T))


def test_partial_bn_trains_the_first_norm_only():
    student = build(partial_bn=True).train()
    norms = [m for m in student.backbone.modules() if isinstance(m, nn.BatchNorm2d)]
    before = [m.running_mean.clone() for m in norms]
    student(clips())
    moved = [not a.equal(m.running_mean) for a, m in zip(before, norms, strict=True)]
    assert moved == [True] + [False] * 4
    assert [m.weight.requires_grad for m in norms] == moved


def test_parameter_groups_hold_every_trainable_parameter_once():
    student = build("tconv", partial_bn=True)
    groups = parameter_groups(student)
    grouped = [id(p) for group in groups for p in group["params"]]
    assert sorted(grouped) == sorted(id(p) for p in student.parameters() if p.requires_grad)
    multipliers = {
        id(p): (group["lr_mult"], group["decay_mult"]) for group in groups for p in group["params"]
    }
    convolution, norm, _ = student.backbone.blocks[0][0]
    assert multipliers[id(convolution.weight)] == (1, 1)
    assert multipliers[id(convolution.bias)] == (2, 0)
    assert multipliers[id(norm.weight)] == multipliers[id(norm.bias)] == (1, 0)
    assert multipliers[id(student.embed.weight)] == (1, 1)


def test_differences_start_with_the_weights_of_frames():
    torch.manual_seed(0)
    plain = build_backbone(StudentNetwork(backbone="resnet18"))
    torch.manual_seed(0)
    wide = build_backbone(StudentNetwork(backbone="resnet18", in_channels=6))
    frames, change = torch.randn(2, 1, 3, 32, 32)
    stem, wide_stem = plain.blocks[0][0], wide.blocks[0][0]
    expected = stem(frames) + stem(change)
    torch.testing.assert_close(wide_stem(torch.cat([frames, change], 1)), expected)
    assert wide.state_dict()["blocks.0.0.weight"].shape == (64, 6, 7, 7)


def test_embedding_starts_as_in_the_paper_when_asked():
    embed = build(embed_std=0.001).embed
    assert not embed.bias.any()
    assert 0 < embed.weight.std() < 0.002


@pytest.mark.parametrize("name", ["bninception", "resnet18", "small"])
def test_backbones_share_one_interface(name: str):
    frames = torch.randint(0, 256, (1, 1, 32, 64), dtype=torch.uint8)
    backbone = build_backbone(StudentNetwork(backbone=name, in_channels=1, width=2)).eval()
    with torch.no_grad():
        features, taps = backbone(normalise(frames, BACKBONES[name].pixels))
    assert features.shape == (1, backbone.feature_dim)
    widths = [taps[tap].shape[1] for tap in backbone.tap_names]
    assert widths == list(backbone.tap_widths)
    areas = [taps[tap][0, 0].numel() for tap in backbone.tap_names]
    assert areas == sorted(areas, reverse=True)
    assert all((tap >= 0).all() for tap in taps.values())


def test_bninception_refuses_frames_that_its_halving_blocks_cannot_halve():
    with pytest.raises(InputError, match=r"64 x 48.*multiples of 32"):
        build_backbone(StudentNetwork(backbone="bninception"))(torch.rand(1, 3, 48, 64))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"backbone": "vgg"}, "vgg.*bninception"),
        ({"head": "lstm"}, "lstm.*trn"),
        ({"segments": 1}, "segments: 1 is less"),
        ({"weights": "some.pth"}, "small"),
    ],
)
def test_a_student_that_cannot_be_built_is_refused(options: dict, words: str):
    with pytest.raises(InputError, match=words):
        build_student(parse_options(StudentNetwork, options, "student"), 7, 5)
