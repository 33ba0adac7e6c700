"""The comparison losses where the oracles do not look: guards, degenerate batches, refusals."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from sakdn.base.errors import InputError
from sakdn.losses import irg, maps, outputs, relations
from sakdn.losses.connectors import ChannelAttention, fitnet_connector, ofd_connector
from sakdn.losses.shapes import masked_mean

MAP = (4, 6, 5, 3)


def irg_of_maps(student: Tensor, teacher: Tensor) -> Tensor:
    def taps(values: Tensor) -> irg.GraphTaps:
        return irg.GraphTaps(values.mean((2, 3)), values.flatten(1), values, values[:, :3, ::2])

    return irg.irg(taps(student), taps(teacher))


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "soft_target": lambda s, t: outputs.soft_target(s.flatten(1), t.flatten(1), 4.0),
    "logits": lambda s, t: outputs.logits(s.flatten(1), t.flatten(1)),
    "hint": maps.hint,
    "fitnet": lambda s, t: maps.fitnet(s, t, fitnet_connector(6, 6)),
    "at": maps.at,
    "at_p1": lambda s, t: maps.at(s, t, 1.0),
    "attention_transfer": maps.attention_transfer,
    "ofd": lambda s, t: maps.ofd(s, t, ofd_connector(6, 6)),
    "afd": lambda s, t: maps.afd(s, t, ChannelAttention(6)),
    "sp": relations.sp,
    "rkd": relations.rkd,
    "cc": relations.cc,
    "hard_dark_rank": relations.hard_dark_rank,
    "irg": irg_of_maps,
}
DEGENERATE = {
    "zeros": torch.zeros(MAP),
    "constant": torch.full(MAP, 0.5),
    "same rows": torch.linspace(-1, 1, 90).view(1, *MAP[1:]).expand(MAP),
    "one clip": torch.linspace(-1, 1, 90).view(1, *MAP[1:]),
    "huge": torch.linspace(-1e4, 1e4, 360).view(MAP),
}


@pytest.mark.parametrize("case", DEGENERATE)
@pytest.mark.parametrize("name", LOSSES)
def test_finite_value_and_gradient(name: str, case: str) -> None:
    student = DEGENERATE[case].clone().requires_grad_()
    teacher = DEGENERATE[case].flip(-1)
    for ours, theirs in ((student, teacher), (student, torch.rand(student.shape))):
        loss = LOSSES[name](ours, theirs)
        (gradient,) = torch.autograd.grad(loss, student)
        assert loss.isfinite()
        assert gradient.isfinite().all()


@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"fitnet", "ofd", "hard_dark_rank"}))
def test_zero_against_itself_and_positive_against_another(name: str) -> None:
    student, teacher = torch.randn(2, *MAP, generator=torch.Generator().manual_seed(0))
    assert LOSSES[name](student, student).abs() < 1e-6
    assert LOSSES[name](student, teacher) > 1e-6


@pytest.mark.parametrize("name", LOSSES)
def test_teacher_gets_no_gradient(name: str) -> None:
    student, teacher = (torch.randn(MAP, requires_grad=True) for _ in range(2))
    LOSSES[name](student, teacher).backward()
    assert teacher.grad is None
    assert student.grad.abs().sum() > 0


def test_hard_dark_rank_prefers_the_teachers_order() -> None:
    teacher = torch.tensor([[0.0], [1.0], [3.0], [7.0], [15.0], [31.0]]) / 31
    assert relations.hard_dark_rank(teacher, teacher) < relations.hard_dark_rank(
        -(teacher**3), teacher
    )


def test_hard_dark_rank_shrinks_its_list_to_the_batch() -> None:
    rows = torch.randn(3, 4)
    whole = relations.hard_dark_rank(rows, rows, length=2)
    assert relations.hard_dark_rank(rows, rows, length=9) == pytest.approx(whole.item())


def test_relations_allow_other_widths() -> None:
    for loss in (relations.sp, relations.rkd, relations.cc, relations.hard_dark_rank):
        assert loss(torch.randn(6, 8), torch.randn(6, 5)).isfinite()


def test_attention_allows_other_channels_and_resize_other_sizes() -> None:
    student, teacher = torch.rand(2, 3, 4, 4), torch.rand(2, 7, 8, 8)
    with pytest.raises(InputError, match="resize"):
        maps.at(student, teacher)
    assert maps.at(student, maps.resize(teacher, (4, 4))) > 0


@pytest.mark.parametrize(
    "loss", [partial(outputs.soft_target, temperature=4.0), outputs.logits, maps.hint]
)
def test_shapes_that_would_broadcast_are_refused(loss: Callable[..., Tensor]) -> None:
    with pytest.raises(InputError, match=r"\[4, 1\], teacher \[4, 3\]"):
        loss(torch.zeros(4, 1), torch.zeros(4, 3))


def test_resize_averages_where_it_shrinks() -> None:
    stripes = torch.zeros(1, 1, 16, 16)
    stripes[..., ::2] = 1
    shrunk = maps.resize(stripes, (4, 4))
    assert shrunk[..., 1:3].sub(0.5).abs().max() < 0.05


def test_masked_mean_weighs_clips_alike() -> None:
    values = torch.tensor([[1.0, 3.0], [5.0, 100.0], [100.0, 100.0]])
    present = torch.tensor([[True, True], [True, False], [False, False]])
    assert masked_mean(values, present) == pytest.approx(3.5)
    assert masked_mean(values, torch.zeros_like(present)) == 0
