from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.losses.graph import graph, relation_loss, similarity, smooth
from sakdn.losses.gsdm import StudentFeatures, TeacherFeatures, gsdm, map_loss, semantic_loss
from sakdn.losses.scalar_weights import scalar_weights
from sakdn.losses.temporal import student_curve, teacher_curve, temporal_loss

CLIPS, SEGMENTS, SENSORS, DIM, CLASSES = 4, 3, 2, 10, 5
TERMS = ("gsdm", "relation", "semantic", "temporal")


class Video(nn.Module):
    """A network with segments and two taps."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 6, 3, padding=1), nn.Conv2d(6, 8, 3, padding=1)
        self.embed, self.head = nn.Linear(8, DIM), nn.Linear(DIM * SEGMENTS, CLASSES)

    def forward(self, clips: Tensor) -> StudentFeatures:
        early = self.first(clips).relu()
        late = self.second(nn.functional.avg_pool2d(early, 2)).relu()
        features = self.embed(late.mean((2, 3))).unflatten(0, (-1, SEGMENTS))
        logits = self.head(features.flatten(1))
        return StudentFeatures([early, late], logits.max(1).values, features.mean(1), 20 * logits)


def frames(clips: int = CLIPS) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    levels = torch.randn(clips * SEGMENTS, 1, 1, 1, generator=generator)
    return 2 * levels + torch.randn(clips * SEGMENTS, 1, 12, 12, generator=generator)


def student(clips: Tensor) -> StudentFeatures:
    torch.manual_seed(0)
    return Video()(clips)


def teacher(clips: int = CLIPS, fill: Callable[..., Tensor] = torch.rand) -> TeacherFeatures:
    torch.manual_seed(1)
    sizes = (16, 4)
    return TeacherFeatures(
        [fill(clips, SENSORS, size, size) for size in sizes],
        fill(clips, SENSORS, DIM),
        4 * fill(clips, SENSORS, CLASSES),
    )


@pytest.mark.parametrize("term", ["gsdm", "temporal"])
def test_gradient_reaches_every_tap(term: str) -> None:
    ours = student(frames())
    loss = gsdm(ours, teacher(), terms=TERMS)[term]
    for tap in torch.autograd.grad(loss, ours.taps):
        assert tap.unflatten(0, (CLIPS, SEGMENTS)).abs().sum((1, 2, 3, 4)).min() > 0


def test_relation_and_semantic_reach_the_student() -> None:
    ours = student(frames())
    losses = gsdm(ours, teacher())
    for inputs in (ours.semantic, ours.logits):
        assert torch.autograd.grad(losses["relation"], inputs, retain_graph=True)[0].any()
    assert torch.autograd.grad(losses["semantic"], ours.semantic)[0].any()


def test_graph_is_kept_for_the_backward_pass_of_the_step() -> None:
    ours = student(frames())
    losses = gsdm(ours, teacher(), terms=TERMS)
    (sum(losses.values()) + ours.logits.sum()).backward()
    assert set(losses) == set(TERMS)


def test_maps_lead_the_student_to_the_teacher() -> None:
    """Descending the map term alone, with the taps as free parameters, brings it down."""
    taps = torch.rand(CLIPS, 6, 8, 8, requires_grad=True)
    target = TeacherFeatures([torch.rand(CLIPS, 1, 16, 16).square()], *teacher()[1:])
    target = target._replace(semantic=target.semantic[:, :1], logits=target.logits[:, :1])
    factors, history = torch.rand(6, 8, 8), []
    for _ in range(40):
        answer = StudentFeatures([taps], (taps * factors).sum((1, 2, 3)), *student(frames())[2:])
        loss = gsdm(answer, target)["gsdm"]
        history.append(loss.item())
        taps = (taps - 20 * torch.autograd.grad(loss, taps)[0]).detach().requires_grad_()
    assert history[-1] < 0.5 * history[0]


def test_half_precision_stays_near_full() -> None:
    theirs = teacher()
    halves = TeacherFeatures(
        [m.half() for m in theirs.saliencies], *(v.half() for v in theirs[1:3])
    )
    with torch.autocast("cpu", torch.bfloat16):
        ours = student(frames())
    assert ours.taps[0].dtype == torch.bfloat16
    expected, found = (
        gsdm(student(frames()), theirs, terms=TERMS),
        gsdm(ours, halves, terms=TERMS),
    )
    for term in TERMS:
        assert found[term].dtype == torch.float32
        assert found[term].item() == pytest.approx(expected[term].item(), rel=0.1), term


def test_rows_are_paired_by_position() -> None:
    ours, theirs = student(frames()), teacher()
    order = torch.tensor([2, 0, 3, 1])
    rows = (order[:, None] * SEGMENTS + torch.arange(SEGMENTS)).flatten()
    moved = student(frames()[rows])
    both = TeacherFeatures([m[order] for m in theirs.saliencies], *(v[order] for v in theirs[1:3]))
    before = gsdm(ours, theirs, terms=TERMS)
    after = gsdm(moved, both, terms=TERMS)
    unpaired = gsdm(moved, theirs, terms=TERMS)
    for term in TERMS:
        assert after[term].item() == pytest.approx(before[term].item(), rel=1e-3)
        assert unpaired[term].item() != pytest.approx(before[term].item(), rel=1e-3)


@pytest.mark.parametrize("fill", [torch.zeros, torch.ones], ids=["zeros", "constant"])
@pytest.mark.parametrize("clips", [1, 2])
@pytest.mark.parametrize("blank", [False, True])
def test_no_nan(clips: int, blank: bool, fill: Callable[..., Tensor]) -> None:
    ours = student(frames(clips) * (not blank))
    if blank:
        ours = ours._replace(semantic=0 * ours.semantic)
    losses = gsdm(ours, teacher(clips, fill), terms=TERMS)
    gradients = torch.autograd.grad(sum(losses.values()), [*ours.taps, ours.semantic, ours.logits])
    assert all(loss.isfinite() for loss in losses.values())
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_absent_sensors_do_not_count_even_as_nan() -> None:
    whole = teacher()
    only_first = TeacherFeatures(
        [m[:, :1] for m in whole.saliencies], *(v[:, :1] for v in whole[1:3])
    )
    present = torch.tensor([[True, False]] * CLIPS)
    poisoned = TeacherFeatures(
        [m.clone() for m in whole.saliencies], *(v.clone() for v in whole[1:3]), present
    )
    for values in (*poisoned.saliencies, poisoned.semantic, poisoned.logits):
        values[:, 1] = torch.nan
    ours = student(frames())
    expected, found = (gsdm(ours, t, terms=TERMS) for t in (only_first, poisoned))
    for term in TERMS:
        torch.testing.assert_close(found[term], expected[term])
    gradients = torch.autograd.grad(sum(found.values()), ours.taps)
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_one_absent_recording_leaves_the_relations_of_the_others() -> None:
    ours, theirs = student(frames()), teacher()
    present = torch.ones(CLIPS, SENSORS, dtype=torch.bool)
    present[3] = False
    vectors = (ours.semantic, ours.logits, theirs.semantic, theirs.logits)
    found = relation_loss(*vectors, present)
    torch.testing.assert_close(found, relation_loss(*(v[:3] for v in vectors)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t._replace(saliencies=t.saliencies[:1]), "2 student taps and 1 teacher maps"),
        (lambda t: t._replace(semantic=t.semantic[:3]), "expected the same clips"),
        (lambda t: t._replace(semantic=t.semantic[..., :3]), "same class vectors"),
    ],
)
def test_what_does_not_fit_is_refused(
    change: Callable[[TeacherFeatures], TeacherFeatures], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        gsdm(student(frames()), change(teacher()))


def test_map_loss_is_one_minus_cosine() -> None:
    corner, other = torch.zeros(1, 4, 4), torch.zeros(1, 4, 4)
    corner[0, 0, 0], other[0, 3, 3] = 1, 1
    assert map_loss(corner, 7 * corner[:, None]) == pytest.approx(0)
    assert map_loss(corner, other[:, None]) == pytest.approx(1)
    assert map_loss(corner, torch.zeros(1, 1, 4, 4)) == pytest.approx(0.5)


def test_map_loss_interpolates_and_keeps_places() -> None:
    small, large = torch.zeros(2, 4, 4), torch.zeros(2, 1, 16, 16)
    small[0, 0, 0], large[0, 0, :4, :4] = 1, 1
    small[1, 3, 1], large[1, 0, 12:, 4:8] = 1, 1
    assert map_loss(small, large) < 0.2
    assert map_loss(small, large.flip(0)) > 0.8


def test_semantic_loss_averages_the_sensors() -> None:
    vectors = torch.tensor([[[1.0, 1.0], [3.0, 3.0]]])
    assert semantic_loss(torch.zeros(1, 2), vectors) == pytest.approx(5)


def test_graph_of_equal_and_of_distant_nodes() -> None:
    equal = graph(torch.zeros(4, 3))
    torch.testing.assert_close(equal, torch.full((4, 4), 0.25))
    torch.testing.assert_close(graph(100 * torch.eye(4)), torch.eye(4))
    assert smooth(equal, torch.eye(4)).sum() == pytest.approx(4)


def test_graph_is_symmetric_with_largest_eigenvalue_one() -> None:
    matrix = graph(torch.randn(6, 5, dtype=torch.float64))
    torch.testing.assert_close(matrix, matrix.T)
    assert torch.linalg.eigvalsh(matrix).max() == pytest.approx(1)


def test_similarity_of_a_zero_vector_is_zero() -> None:
    assert similarity(torch.tensor([[2.0, 0.0], [0.0, 0.0]])).tolist() == [[1, 0], [0, 0]]


def test_teacher_curve_reads_time_off_both_axes() -> None:
    row, column = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8)
    row[..., 6, :], column[..., 6] = 1, 1
    for field in (row, column):
        assert teacher_curve(field, 4).argmax() == 3
    assert teacher_curve(torch.ones(2, 3, 7, 7), 5).shape == (2, 3, 5)


def test_student_curve_peaks_at_the_segment_with_evidence() -> None:
    maps, weights = torch.rand(1, 4, 3, 5, 5), torch.full((1, 4, 3), 0.1)
    weights[0, 2] = 1
    assert student_curve(maps, weights).argmax() == 2


def test_temporal_loss_compares_shapes_not_sizes() -> None:
    rising = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    assert temporal_loss(rising, 5 * rising[:, None]) == pytest.approx(0, abs=1e-6)
    assert temporal_loss(rising, rising.flip(1)[:, None]) == pytest.approx(2)


def test_flat_teacher_curve_asks_nothing() -> None:
    rising = torch.tensor([[1.0, 2.0, 3.0, 4.0]], requires_grad=True)
    loss = temporal_loss(rising, torch.ones(1, 1, 4))
    assert torch.autograd.grad(loss, rising)[0].abs().max() < 1e-6


def test_scalar_weights_by_hand_and_guarded() -> None:
    embeddings = torch.tensor([[1.0, 2.0], [4.0, 0.0]])
    first, second = torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 3.0]])
    assert scalar_weights(first, second, embeddings).item() == pytest.approx((-3 + 1) / 2)
    clipped = scalar_weights(first, second, embeddings, clip=True)
    assert clipped.item() == pytest.approx(0.5)
    guarded = scalar_weights(second, first, embeddings, floor=0.5)
    assert guarded.item() == pytest.approx((0.75 - 4) / 2)
    assert scalar_weights(first, first, embeddings).item() == 0
