"""A weight is a share of the label's gradient, whatever the term, the data and the network."""

from types import SimpleNamespace

import pytest
import torch
from test_families import FAMILIES, network_of
from test_methods import CHANNELS, CLIPS, COURSE_WIDTHS, LABELS, METHODS, needed, taught
from tiny_run import DIM, NAMES
from torch.nn import functional as F

from sakdn.models.student import build_student
from sakdn.options.methods import COMPARED, MethodOptions
from sakdn.students.methods import distillation_losses, method_connectors
from sakdn.students.scores import run_student
from sakdn.students.shares import EVERY, LAST, NONE, STEPS, Shares, gradient_length

REACHED = ["small", "resnet18", "timm/test_efficientnet", "r3d_18"]


def gradients(loss, taps):
    found = torch.autograd.grad(loss, taps, retain_graph=True, allow_unused=True)
    return torch.cat([g.flatten() for g in found if g is not None])


@pytest.fixture(scope="module", params=REACHED)
def seen(request):
    torch.manual_seed(0)
    student = build_student(network_of(request.param), DIM, len(NAMES)).train()
    clips = torch.rand(CLIPS, FAMILIES[request.param][0], 3, 32, 32)
    clips = clips * torch.rand(CLIPS, 1, 3, 1, 1)  # Unlike each other, or relations are rounding.
    return SimpleNamespace(
        name=request.param, student=student, output=run_student(student, clips, "fp32")
    )


def terms_of(seen, method):
    store = SimpleNamespace(
        channels=CHANNELS, sensors=["left", "right"], course_widths=COURSE_WIDTHS
    )
    torch.manual_seed(1)
    parts = method_connectors(method, seen.student, store).train()
    scalar = torch.linspace(-0.5, 1, CLIPS) if method.gsdm_form == "released" else None
    frames = FAMILIES[seen.name][0]
    moments = torch.linspace(0, 1, CLIPS * frames).view(CLIPS, frames)
    told = needed(method, taught())
    return distillation_losses(method, seen.output, told, LABELS, parts, scalar, moments)


@pytest.mark.parametrize("name", METHODS)
def test_every_terms_gradient_is_its_share_of_the_labels(seen, name):
    method, output = METHODS[name], seen.output
    label = F.cross_entropy(output.logits, LABELS)
    shares = Shares(method.terms())
    terms = terms_of(seen, method)
    weighed = shares.weigh(label, terms, output.frame_taps)
    assert set(weighed) == set(terms) == set(method.terms())
    whole = gradients(label, output.frame_taps).norm()
    for term, value in weighed.items():
        share = gradients(value, output.frame_taps).norm() / whole
        if seen.name == "r3d_18" and term == "temporal":
            continue  # One frame is left at its last taps: whether it has a gradient is chance.
        torch.testing.assert_close(share.item(), method.terms()[term], rtol=1e-2, atol=0)


def losses_of(scale=1.0, slope=2.0):
    """A tap, a label of which 3 x and a term of which `scale` * `slope` x is the gradient."""
    tap = torch.ones(2, 2, requires_grad=True)
    return 3 * tap.sum(), {"term": scale * slope * tap.sum()}, [tap]


def test_the_scale_of_a_loss_does_not_count():
    values = [
        Shares({"term": 0.5}).weigh(*losses_of(scale))["term"].item() for scale in (1e-3, 1.0, 1e4)
    ]
    assert values == pytest.approx([0.5 * 3 * 4] * 3)


def test_gradients_are_measured_in_the_first_steps_only(capsys):
    """Each of the first ten steps, then every fifth, twenty in all."""
    shares = Shares({"term": 0.5})
    for step in range(LAST + 1):
        shares.weigh(*losses_of(slope=1.0 + step))
    measured = [*range(1, 11), *range(11, 57, 5)]
    mean = sum(measured) / STEPS
    before = shares.factor("term")
    assert before == pytest.approx(0.5 * 3 / mean)
    scale = shares.scales()["term"]
    assert (scale.label_gradient, scale.steps) == (pytest.approx(6), STEPS)
    assert scale.gradient == pytest.approx(2 * mean)
    for _ in range(5):
        shares.weigh(*losses_of(slope=100.0))
    assert shares.factor("term") == before
    said = capsys.readouterr().err
    assert said.count("lengths of gradients in 56 steps: term") == 1
    assert "to the label's 6, so that weight 0.5 is a factor of" in said


def test_a_term_without_a_gradient_waits_for_one(capsys):
    shares = Shares({"term": 0.5, "other": 0.5})
    label, terms, taps = losses_of()
    for _ in range(LAST + 1):
        shares.weigh(label, terms | {"other": 0 * taps[0].sum()}, taps)
    assert "; other has none, and waits for one" in capsys.readouterr().err
    assert shares.factor("other") == 0
    for _ in range(EVERY):
        shares.weigh(label, terms | {"other": 6 * taps[0].sum()}, taps)
    assert shares.factor("other") == pytest.approx(0.25)


def test_what_was_measured_is_in_the_state():
    shares, other = Shares({"term": 0.5}), Shares({"term": 0.5})
    shares.weigh(*losses_of())
    other.load_state_dict(shares.state_dict())
    assert other.scales() == shares.scales()
    assert other.factor("term") == shares.factor("term") > 0


@pytest.mark.parametrize(
    "term",
    [
        pytest.param(lambda tap: torch.zeros(()), id="no graph"),
        pytest.param(lambda tap: 0 * tap.sum(), id="zero"),
        pytest.param(lambda tap: tap.sum() * torch.inf, id="infinite"),
        pytest.param(lambda tap: tap.sum() * torch.nan, id="not a number"),
        pytest.param(lambda tap: 0.1 * NONE * tap.sum(), id="rounding"),
        pytest.param(lambda tap: torch.ones(3, requires_grad=True).sum(), id="elsewhere"),
    ],
)
def test_a_step_without_a_gradient_counts_for_nothing(term):
    shares = Shares({"term": 0.5})
    label, _, (tap,) = losses_of()
    shares.weigh(label, {"term": term(tap)}, [tap])
    assert shares.scales() == {}
    assert shares.factor("term") == 0
    shares.weigh(*losses_of())
    assert shares.factor("term") == pytest.approx(0.5 * 3 / 2)


def test_a_label_that_asks_nothing_counts_for_nothing():
    shares = Shares({"term": 0.5})
    label, terms, taps = losses_of()
    shares.weigh(0 * label, terms, taps)
    assert shares.scales() == {}


def test_where_no_clip_has_a_label_the_first_share_is_the_measure():
    """In whatever order the losses come, and for terms too that are measured late."""
    shares = Shares({"term": 0.5, "other": 0.1, "late": 0.2})
    _, terms, (tap,) = losses_of()
    terms = {"late": 0 * tap.sum(), "other": 100 * tap.sum()} | terms
    for _ in range(LAST + 1):
        weighed = shares.weigh(None, terms, [tap])
    assert weighed["term"].item() == pytest.approx(0.5 * terms["term"].item())
    assert shares.factor("other") == pytest.approx(0.1 * 2 / 100)
    for _ in range(EVERY):
        shares.weigh(None, terms | {"late": 50 * tap.sum()}, [tap])
    assert shares.factor("late") == pytest.approx(0.2 * 2 / 50)


def test_short_gradients_in_half_precision_are_told_from_zero():
    tap = torch.ones(64, dtype=torch.float16, requires_grad=True)
    loss = 1e-9 * tap.sum(dtype=torch.float32)
    assert gradient_length(loss, [tap]) == pytest.approx(8e-9, rel=0.1)


def test_shares_rise_from_zero():
    method = MethodOptions(loss="sakdn", rise_epochs=4)
    assert [method.rise(epoch) for epoch in (0, 1, 4, 9)] == [0, 0.25, 1, 1]
    assert MethodOptions(loss="sakdn").rise(0) == 1
    shares = Shares({"term": 0.5})
    label, terms, taps = losses_of()
    assert shares.weigh(label, terms, taps, method.rise(1))["term"].item() == pytest.approx(1.5)


def test_a_method_says_its_shares():
    assert [MethodOptions(loss=loss, weight=0.7).terms() for loss in COMPARED] == [
        {loss: 0.7} for loss in COMPARED
    ]
    assert MethodOptions(loss="sp", weight=0).terms() == {}
    assert MethodOptions(loss="none").terms() == {}
