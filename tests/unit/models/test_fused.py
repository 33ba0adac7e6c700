import pytest
import torch
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.models.fused import FusedTeacher, balanced_bank
from sakdn.models.streams import build_stream
from sakdn.options.teacher import StreamOptions

N, PX = 6, 32


def build(fusion: str = "spamfm", sensors: int = 2) -> FusedTeacher:
    torch.manual_seed(0)
    options = StreamOptions(backbone="small", width=2)
    streams = [build_stream(options, 3, 7, 5, PX) for _ in range(sensors)]
    teacher = FusedTeacher(streams, fusion=fusion)
    teacher.train()(images(sensors))
    return teacher.eval()


def images(sensors: int = 2, seed: int = 1) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(N, 3, PX, PX, generator=generator) for _ in range(sensors)]


@pytest.mark.parametrize("rule", ["self", "bank"])
def test_prediction_does_not_depend_on_the_batch(rule: str):
    teacher, xs = build(), images()
    present = torch.tensor([[1, 1], [1, 0], [0, 1], [1, 1], [1, 1], [0, 0]]).bool()
    teacher.set_bank(images(seed=2))
    for fusion in teacher.fusions:
        fusion.rule = rule
    together = teacher(xs, present).logits
    order = [4, 0, 5, 2, 1, 3]
    shuffled = teacher([x[order] for x in xs], present[order]).logits
    torch.testing.assert_close(shuffled, together[order], atol=1e-5, rtol=0)
    for row in range(N):
        one = slice(row, row + 1)
        alone = teacher([x[one] for x in xs], present[one]).logits
        torch.testing.assert_close(alone[0], together[row], atol=1e-5, rtol=0)


def test_the_published_rule_does_depend_on_the_batch():
    teacher, xs = build(), images()
    together = teacher(xs, rule="batch").logits
    alone = teacher([x[:1] for x in xs], rule="batch").logits
    assert (alone[0] - together[0]).abs().max() > 1e-3


def test_rules_self_and_bank_differ_and_set_bank_keeps_the_mode():
    teacher, xs = build(), images()
    teacher.train()
    teacher.set_bank(images(seed=2))
    assert teacher.training
    teacher.eval()
    assert (teacher(xs).logits - teacher(xs, rule="bank").logits).abs().max() > 1e-4


def test_fused_logits_are_the_mean_over_present_sensors():
    teacher, xs = build(), images()
    present = torch.ones(N, 2, dtype=torch.bool)
    present[1, 0] = present[2, 1] = False
    present[3] = False
    out = teacher(xs, present)
    first, second = (stream.logits for stream in out.streams)
    torch.testing.assert_close(out.logits[0], (first[0] + second[0]) / 2)
    torch.testing.assert_close(out.logits[1], second[1])
    torch.testing.assert_close(out.logits[2], first[2])
    assert not out.logits[3].any()
    assert not out.streams[0].taps[2][1].any()


def test_absent_sensors_leave_no_trace_in_the_training_statistics():
    present = torch.ones(N, 2, dtype=torch.bool)
    present[:2, 0] = False
    xs = images()
    junk = [xs[0].clone(), xs[1]]
    junk[0][:2] = 1e6
    states = []
    for batch in (xs, junk):
        teacher = build().train()
        out = teacher(batch, present)
        states.append([out.logits, *(m.running_mean for m in batch_norms(teacher))])
    for one, other in zip(*states, strict=True):
        torch.testing.assert_close(one, other)


def test_a_sensor_with_one_present_row_counts_as_absent_in_training():
    present = torch.zeros(N, 2, dtype=torch.bool)
    present[:, 1] = present[0, 0] = True
    teacher = build()
    assert not teacher.train()(images(), present).present[:, 0].any()
    assert teacher.eval()(images(), present).present.equal(present)


def test_every_parameter_and_every_tap_receives_a_gradient():
    teacher = build(sensors=3).train()
    out = teacher(images(3))
    taps = [tap for stream in out.streams for tap in stream.taps]
    gradients = torch.autograd.grad(out.logits[:, 0].sum(), taps, retain_graph=True)
    assert all(gradient.abs().sum() > 0 for gradient in gradients)
    out.logits.square().sum().backward()
    without = [name for name, p in teacher.named_parameters() if p.grad is None]
    assert without == []


def test_average_fusion_is_the_mean_of_the_streams_alone():
    teacher, xs = build("average"), images()
    alone = [stream(x).logits for stream, x in zip(teacher.streams, xs, strict=True)]
    torch.testing.assert_close(teacher(xs).logits, (alone[0] + alone[1]) / 2)


def test_streams_of_different_widths_are_refused():
    streams = [build_stream(StreamOptions(backbone="small", width=w), 3, 7, 5, PX) for w in (2, 3)]
    with pytest.raises(InputError, match="same backbone"):
        FusedTeacher(streams)


def test_balanced_bank_takes_the_first_clips_of_every_class():
    assert balanced_bank([2, 0, 2, 2, 1, 0, 0], 2) == [0, 1, 2, 4, 5]


def batch_norms(module: nn.Module) -> list[nn.Module]:
    return [m for m in module.modules() if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d))]
