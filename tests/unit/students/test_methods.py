from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import yaml
from tiny_run import (
    DIM,
    MAP_SIZES_PX,
    NAMES,
    SEGMENTS,
    seasoned,
    some_clips,
    tiny_student,
)

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.losses import gsdm, maps, outputs, relations
from sakdn.options.methods import COMPARED, SELF_TRAINING, MethodOptions
from sakdn.students.methods import distillation_losses, method_connectors
from sakdn.students.single_losses import comparison_loss
from sakdn.teachers.knowledge import Taught

SCHEMA = Path(__file__).parents[3] / "workflow/schemas/config.schema.yaml"
CLIPS, SENSORS, CHANNELS, COURSE_WIDTHS = 6, 2, (5, 7), (6, 4)
LABELS = torch.arange(CLIPS) % len(NAMES)
MOMENTS = torch.linspace(0, 1, CLIPS * SEGMENTS).view(CLIPS, SEGMENTS)
SAKDN = {
    "sakdn": {},
    "sakdn, all terms": {"temporal_weight": 1.0},
    "sakdn, signals": {"signal_weight": 2.0},
    "sakdn, released": {"gsdm_form": "released", "temporal_weight": 1.0},
    "sakdn, maps only": {
        "soft_target_weight": 0,
        "temporal_weight": 0,
        "relation_weight": 0,
        "semantic_weight": 0,
    },
}
METHODS = {name: MethodOptions(loss=name) for name in COMPARED} | {
    name: MethodOptions(loss="sakdn", **options) for name, options in SAKDN.items()
}


def video_network():
    return seasoned(tiny_student(), some_clips())


def clips():
    return some_clips(CLIPS)


def taught(present=None, seed=1):
    """What the teachers might say, everything that is stored."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.rand(CLIPS, SENSORS, *shape, generator=generator)

    everyone = torch.ones(CLIPS, SENSORS, dtype=torch.bool)
    return Taught(
        everyone if present is None else present,
        4 * draw(len(NAMES)),
        draw(DIM),
        draw(DIM),
        *([draw(size, size) for size in MAP_SIZES_PX] for _ in range(3)),
        [draw(count, 2, 2) for count in CHANNELS],
        [torch.rand(CLIPS, 4, width, generator=generator) for width in COURSE_WIDTHS],
    )


def needed(method, told):
    """Only what the method reads, as the store gives it."""
    return Taught(told.present, **{name: getattr(told, name) for name in method.needs()})


def connectors(method):
    torch.manual_seed(2)
    store = SimpleNamespace(
        channels=CHANNELS, sensors=["left", "right"], course_widths=COURSE_WIDTHS
    )
    return method_connectors(method, tiny_student(), store)


def losses(method, network, videos, told, parts=None):
    output = network(videos)
    scalar = None
    if method.gsdm_form == "released":
        scalar = torch.linspace(-0.5, 1, CLIPS)
    parts = connectors(method) if parts is None else parts
    needs = needed(method, told)
    return distillation_losses(method, output, needs, LABELS, parts, scalar, MOMENTS)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_teaches_the_student(name):
    method, network = METHODS[name], video_network().train()
    parts = connectors(method).train()
    values = losses(method, network, clips(), taught(), parts)
    assert set(values) == (set(method.terms()) if method.loss == "sakdn" else {name})
    for each in values.values():
        assert each.shape == ()
        assert each.isfinite()
        assert each > 0
    sum(values.values()).backward()
    gradients = [parameter.grad for parameter in network.backbone.parameters()]
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients)
    assert sum(gradient.abs().sum() for gradient in gradients) > 0
    learnt = [parameter.grad.abs().max() > 0 for parameter in parts.parameters()]
    count = {"fitnet": 4, "ofd": 12, "afd": 20, "sakdn, signals": 6}.get(name, 0)
    assert len(learnt) == count
    assert all(learnt)


@pytest.mark.parametrize("name", METHODS)
def test_clips_that_a_sensor_or_all_lack_do_not_count(name):
    """Neither what is stored for them nor what the student sees of them matters."""
    method, network = METHODS[name], video_network()
    present = torch.tensor([[1, 1], [1, 0], [0, 0], [1, 1], [0, 0], [1, 1]]).bool()
    told, other = taught(present), taught(present, seed=9)
    videos = clips().requires_grad_()
    mixed = Taught(present, *(swap(present, *pair) for pair in zip(told[1:8], other[1:8])))
    courses = zip(present.T, told.course, other.course)
    mixed = mixed._replace(course=[torch.where(h[:, None, None], *pair) for h, *pair in courses])
    parts = connectors(method).eval()
    values, same = (losses(method, network, videos, each, parts) for each in (told, mixed))
    for term, value in values.items():
        torch.testing.assert_close(same[term], value)
    (gradient,) = torch.autograd.grad(sum(values.values()), videos)
    moved = gradient.abs().amax((1, 2, 3, 4)) > 0
    assert not moved[~present.any(1)].any()
    assert moved[present.any(1)].any()


def swap(present, ours, theirs):
    if isinstance(ours, list):
        return [swap(present, *pair) for pair in zip(ours, theirs)]
    mask = present.reshape(*present.shape, *[1] * (ours.dim() - 2))
    return torch.where(mask, ours, theirs)


@pytest.mark.parametrize("name", METHODS)
def test_a_batch_that_no_teacher_knows_adds_nothing(name):
    network = video_network()
    told = taught(torch.zeros(CLIPS, SENSORS, dtype=torch.bool))
    assert sum(losses(METHODS[name], network, clips(), told).values()) == 0


@pytest.mark.parametrize("loss", COMPARED)
def test_several_sensors_are_averaged(loss):
    parts, told = connectors(MethodOptions(loss=loss)), taught()
    output = video_network()(clips())
    output = output._replace(semantic=torch.linspace(-1, 1, CLIPS * DIM).sin().view(CLIPS, DIM))
    only = [torch.zeros_like(told.present).index_fill(1, torch.tensor(s), True) for s in (0, 1)]
    both, *alone = (
        comparison_loss(loss, output, told._replace(present=p), parts, 2.0)
        for p in (told.present, *only)
    )
    torch.testing.assert_close(both, (alone[0] + alone[1]) / 2)
    assert not torch.isclose(alone[0], alone[1], rtol=1e-4)


@pytest.mark.parametrize("loss", COMPARED)
def test_a_sensor_of_a_single_clip_is_left_out(loss):
    parts, told = connectors(MethodOptions(loss=loss)).train(), taught()
    output = video_network()(clips())
    one = torch.tensor([[True, True]] + [[True, False]] * (CLIPS - 1))
    first = torch.tensor([[True, False]] * CLIPS)
    values = [
        comparison_loss(loss, output, told._replace(present=present), parts, 4.0)
        for present in (one, first)
    ]
    torch.testing.assert_close(*values)


def test_losses_compare_what_they_say():
    output, told = video_network()(clips()), taught()
    first = told._replace(present=torch.tensor([[True, False]]).expand(CLIPS, 2))

    def value(loss):
        return comparison_loss(loss, output, first, connectors(MethodOptions(loss=loss)), 3.0)

    vectors = output.semantic, told.embedding[:, 0]
    expected = {
        "soft_target": outputs.soft_target(output.logits, told.logits[:, 0], 3.0),
        "hint": maps.hint(output.semantic, told.semantic[:, 0]),
        "sp": relations.sp(*vectors),
        "rkd": relations.rkd(*vectors),
        "cc": relations.cc(*vectors),
    }
    for loss, wanted in expected.items():
        torch.testing.assert_close(value(loss), wanted)
    lengthened = output._replace(semantic=100 * output.semantic)
    ranked = [
        comparison_loss("hard_dark_rank", each, first, None, 4.0) for each in (output, lengthened)
    ]
    torch.testing.assert_close(*ranked)


def test_stored_attention_stands_for_the_teachers_maps():
    """At equal sizes the loss is that of the full maps, whatever the energies' scale."""
    output = video_network()(clips())
    generator = torch.Generator().manual_seed(3)
    full = [torch.rand(CLIPS, 4, *tap.shape[-2:], generator=generator) for tap in output.taps]
    energies = [5e-3 * each.square().sum(1, keepdim=True) for each in full]
    stored = Taught(torch.ones(CLIPS, 1, dtype=torch.bool), attention=energies)
    wanted = torch.stack([maps.at(tap, each) for tap, each in zip(output.taps, full)]).mean()
    found = comparison_loss("at", output, stored, None, 4.0)
    torch.testing.assert_close(found, wanted, rtol=1e-3, atol=0)


def test_a_method_that_is_not_there_is_refused():
    with pytest.raises(InputError, match=r"methods\.loss: 'aft' is not one of \['none'"):
        parse_options(MethodOptions, {"loss": "aft"}, "methods")


@pytest.mark.parametrize(("weight", "limit"), [(-0.1, "minimum of 0"), (10, "maximum of 10")])
def test_weights_that_are_no_shares_are_refused(weight, limit):
    words = rf"methods\.x\.weight: {weight} is .* {limit}.*share of the label's gradient"
    with pytest.raises(InputError, match=words):
        parse_options(MethodOptions, {"loss": "at", "weight": weight}, "methods.x")


def test_the_config_knows_every_method():
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    method = schema["properties"]["methods"]["additionalProperties"]["properties"]
    assert set(method["loss"]["enum"]) == {"none", "sakdn", SELF_TRAINING, *COMPARED}
    assert set(method) == set(MethodOptions.model_fields)


def test_none_adds_nothing_and_asks_for_nothing():
    method = MethodOptions(loss="none")
    assert losses(method, video_network(), clips(), taught()) == {}
    assert method.needs() == ()


def test_terms_of_weight_zero_are_not_computed(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("an ablation pass that nobody asked for")

    monkeypatch.setattr(gsdm, "ablation_weights", refuse)
    method = MethodOptions(loss="sakdn", gsdm_weight=0, temporal_weight=0)
    values = losses(method, video_network(), clips(), taught())
    assert set(values) == {"soft_target", "relation", "semantic"}
    assert "saliency" not in method.needs()
    monkeypatch.setattr(gsdm, "temporal_loss", refuse)
    with pytest.raises(AssertionError):
        losses(MethodOptions(loss="sakdn", gsdm_weight=0), video_network(), clips(), taught())


def test_only_the_sign_of_a_released_weight_counts():
    method = MethodOptions(loss="sakdn", gsdm_form="released")
    output, told = video_network()(clips()), needed(method, taught())
    signs = torch.tensor([1.0, -1, 1, -1, 1, 1])
    values = [
        distillation_losses(method, output, told, LABELS, None, scalar)["gsdm"]
        for scalar in (signs, 7 * signs, -signs)
    ]
    torch.testing.assert_close(values[0], values[1])
    assert not torch.isclose(values[0], values[2], rtol=1e-3)
