"""Every family of backbones serves every method, and everything that is done with a student."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from test_methods import CHANNELS, CLIPS, COURSE_WIDTHS, LABELS, METHODS, needed, taught
from tiny_run import DIM, NAMES

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.commands.export import Logits
from sakdn.models.frame_backbones import build_backbone, kind_of
from sakdn.models.pixels import normalise
from sakdn.models.student import build_student
from sakdn.options.student import StudentNetwork, StudentOptions
from sakdn.results.explain.clip import Looks, per_frame
from sakdn.students.methods import distillation_losses, method_connectors
from sakdn.students.scores import run_student

# Frames, and how many are left at each tap and at the end.
FAMILIES = {
    "small": (4, [4] * 5, 4),
    "resnet18": (4, [4] * 5, 4),
    "timm/test_efficientnet": (4, [4] * 5, 4),
    "r3d_18": (4, [4, 4, 2, 1, 1], 1),
    "swin3d_t": (4, [2] * 5, 2),
}
PX = 32


def network_of(name, **options):
    frames = FAMILIES[name][0]
    return StudentNetwork(
        backbone=name, width=2, segments=frames, size_px=PX, head="average", **options
    )


@pytest.fixture(scope="module", params=FAMILIES)
def seen(request):
    """A student of each family that has seen a batch, once for all tests."""
    torch.manual_seed(0)
    student = build_student(network_of(request.param), DIM, len(NAMES)).train()
    clips = torch.rand(CLIPS, FAMILIES[request.param][0], 3, PX, PX)
    return SimpleNamespace(
        name=request.param, student=student, output=run_student(student, clips, "fp32")
    )


def test_taps_and_features_keep_their_own_time_axis(seen):
    _, at_taps, at_end = FAMILIES[seen.name]
    assert [len(tap) / CLIPS for tap in seen.output.frame_taps] == at_taps
    assert seen.output.segments.shape == (CLIPS, at_end, DIM)
    widths = [tap.shape[1] for tap in seen.output.taps]
    assert widths == list(seen.student.backbone.tap_widths)
    areas = [tap[0, 0].numel() for tap in seen.output.taps]
    assert areas == sorted(areas, reverse=True)
    for tap, mean, count in zip(seen.output.frame_taps, seen.output.taps, at_taps, strict=True):
        torch.testing.assert_close(tap.unflatten(0, (CLIPS, count)).mean(1), mean)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_teaches_every_family(seen, name):
    """Its loss's gradient reaches what it compares, and through the taps the first layers."""
    method, output = METHODS[name], seen.output
    store = SimpleNamespace(
        channels=CHANNELS, sensors=["left", "right"], course_widths=COURSE_WIDTHS
    )
    parts = method_connectors(method, seen.student, store).train()
    scalar = torch.linspace(-0.5, 1, CLIPS) if method.gsdm_form == "released" else None
    frames = FAMILIES[seen.name][0]
    moments = torch.linspace(0, 1, CLIPS * frames).view(CLIPS, frames)
    told = needed(method, taught())
    values = distillation_losses(method, output, told, LABELS, parts, scalar, moments)
    assert set(values) == (set(method.terms()) if method.loss == "sakdn" else {name})
    total = sum(values.values())
    assert total.isfinite()
    reached = [output.logits, output.segments, *output.frame_taps]
    gradients = torch.autograd.grad(total, reached, retain_graph=True, allow_unused=True)
    assert any(gradient is not None and gradient.abs().sum() > 0 for gradient in gradients)
    assert all(gradient is None or gradient.isfinite().all() for gradient in gradients)
    if {"saliency", "released", "attention", "maps"} & set(method.needs()):
        assert gradients[2] is not None  # The first tap, through all others.
        assert gradients[2].abs().sum() > 0


def test_the_label_reaches_every_weight(seen):
    total = seen.output.logits.square().sum()
    parameters = list(seen.student.parameters())
    gradients = torch.autograd.grad(total, parameters, retain_graph=True)
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_families_are_exported_for_any_batch(seen):
    """As commands/export does; a transformer takes long, and is left to whoever exports one."""
    if seen.name not in ("timm/test_efficientnet", "r3d_18"):
        pytest.skip("one of frames and one of clips")
    network = Logits(seen.student).eval()
    clips = torch.rand(3, FAMILIES[seen.name][0], 3, PX, PX)
    batch = ({0: torch.export.Dim("batch")},)
    exported = torch.export.export(network, (clips[:2],), dynamic_shapes=batch).module()
    with torch.no_grad():
        torch.testing.assert_close(exported(clips), network(clips))
    network.train()


@pytest.mark.parametrize("name", ["timm/test_efficientnet", "r3d_18"])
def test_what_stands_still_looks_as_without_differences(name):
    network = network_of(name)
    shape = (2, network.segments, 3, PX, PX)
    frames, still = torch.rand(shape), torch.zeros(shape)
    plain, both = (
        seeded(network.model_copy(update={"in_channels": channels})) for channels in (3, 6)
    )
    with torch.no_grad():
        found = both(torch.cat([frames, still], 2)).logits
        torch.testing.assert_close(found, plain(frames).logits)
        moving = both(torch.cat([frames, frames], 2)).logits
    assert not torch.equal(moving, found)


def seeded(network):
    torch.manual_seed(0)
    return build_student(network, DIM, len(NAMES)).eval()


def test_a_timm_network_without_a_stride_counts_its_first_level_twice():
    options = StudentNetwork(backbone="timm/test_convnext", size_px=PX)
    backbone = build_backbone(options)
    features, taps = backbone(torch.rand(2, 3, PX, PX))
    assert [taps[name].shape[-1] for name in backbone.tap_names] == [8, 8, 4, 2, 1]
    assert backbone.tap_names[0] == backbone.tap_names[1]
    assert features.shape == (2, backbone.feature_dim)
    score = torch.autograd.grad(features.sum(), [taps[name] for name in backbone.tap_names])
    assert score[0].abs().sum() > 0


def test_pixels_are_those_of_the_published_weights():
    pixel = torch.tensor([255, 128, 0], dtype=torch.uint8)[:, None, None]
    lite = normalise(pixel, kind_of("timm/tf_efficientnet_lite0").pixels)
    torch.testing.assert_close(lite.flatten(), torch.tensor([1.0, 1 / 255, -1.0]))
    video = normalise(pixel, kind_of("mvit_v2_s").pixels)
    torch.testing.assert_close(video.flatten()[2], torch.tensor(-2.0))
    assert normalise(pixel[:1], kind_of("r3d_18").pixels).shape == (3, 1, 1)


def test_frames_that_a_video_network_joined_share_a_map():
    maps = np.arange(2.0)[:, None, None]
    assert per_frame(Looks(maps, maps, 1), 5).grad_cam.ravel().tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"backbone": "timm/resnet81"},
            r"backbone: .*timm does not have; did you mean timm/resnet",
        ),
        ({"backbone": "timm/Resnet 18"}, "backbone: .*does not match"),
        ({"backbone": "r3d_18"}, r"head: found 'trn', expected one of average, max for r3d_18"),
        ({"backbone": "s3d", "head": "max", "segments": 4}, "segments: found 4, .*at least 8"),
        (
            {"backbone": "mvit_v2_s", "head": "max", "size_px": 48},
            "size_px: found 48, expected at least 32 and a multiple of 32",
        ),
        (
            {"backbone": "timm/resnet18", "compile": True},
            "compile: found true with timm/resnet18, .*set it to false",
        ),
    ],
)
def test_what_a_backbone_cannot_do_is_refused_before_any_training(options, words):
    with pytest.raises(InputError, match=words):
        parse_options(StudentOptions, options, "student")


@pytest.mark.parametrize(
    ("name", "words"),
    [("test_vit", "maps all have one size"), ("pit_ti_224", "gives no five taps")],
)
def test_a_timm_network_without_levels_is_refused(name, words):
    with pytest.raises(InputError, match=f"found timm/{name}.*{words}.*timm/tf_efficientnet_lite0"):
        build_backbone(StudentNetwork(backbone=f"timm/{name}", size_px=PX))
