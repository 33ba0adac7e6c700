import numpy as np
import pytest
import torch

from sakdn.base.errors import InputError
from sakdn.losses.signal import SignalReader, at_moments, signal_loss
from sakdn.teachers.gaf.course import course


def test_course_is_mean_and_spread_of_each_part():
    signal = np.stack([np.arange(32.0), np.tile([0.0, 2.0], 16)], axis=1)
    found = course(signal, 4)
    np.testing.assert_allclose(found[:, 0], [3.5, 11.5, 19.5, 27.5])
    np.testing.assert_allclose(found[:, 1], 1)
    np.testing.assert_allclose(found[:, 2], np.arange(8).std())
    np.testing.assert_allclose(found[:, 3], 1)


@pytest.mark.parametrize("samples", [2, 15, 16, 17, 181])
def test_course_of_any_length_follows_the_signal(samples):
    signal = np.linspace(0, 1, samples)[:, None]
    found = course(signal)
    assert found.shape == (16, 2)
    assert np.isfinite(found).all()
    assert (np.diff(found[:, 0]) >= 0).all()
    assert found[0, 0] < 0.5 < found[-1, 0]


def test_moments_between_the_middles_of_parts_are_linear():
    values = torch.tensor([[[0.0], [1.0], [4.0], [9.0]]])
    moments = torch.tensor([[0.0, 0.125, 0.25, 0.375, 0.5, 0.875, 1.0]])
    found = at_moments(values, moments)[0, :, 0]
    torch.testing.assert_close(found, torch.tensor([0, 0, 0.5, 1, 2.5, 9, 9.0]))
    one_part = at_moments(values[:, :1], moments)
    torch.testing.assert_close(one_part, torch.zeros(1, 7, 1))


def test_each_clip_has_moments_of_its_own():
    values = torch.rand(3, 8, 5)
    moments = torch.rand(3, 4)
    apart = torch.cat([at_moments(values[i : i + 1], moments[i : i + 1]) for i in range(3)])
    torch.testing.assert_close(at_moments(values, moments), apart)


def test_absent_sensors_ask_nothing():
    read = [torch.zeros(2, 3, 4, requires_grad=True), torch.zeros(2, 3, 2, requires_grad=True)]
    measured = [torch.full((2, 3, 4), 2.0), torch.full((2, 3, 2), 4.0)]
    present = torch.tensor([[True, False], [True, True]])
    loss = signal_loss(read, measured, present)
    assert loss.item() == pytest.approx((1.5 + (1.5 + 3.5) / 2) / 2)
    loss.backward()
    assert read[1].grad[0].abs().sum() == 0
    assert read[1].grad[1].abs().sum() > 0


def test_another_width_is_refused():
    with pytest.raises(InputError, match=r"signal: student has shape \[2, 3, 4\]"):
        signal_loss([torch.zeros(2, 3, 4)], [torch.zeros(2, 3, 5)])


def test_a_reader_learns_a_signal_that_the_features_hold():
    torch.manual_seed(0)
    segments = torch.rand(16, 8, 6)
    measured = [2 * segments[..., :2], -segments[..., 2:5]]
    reader = SignalReader(6, [2, 3])
    optimiser = torch.optim.Adam(reader.parameters(), 0.01)
    first = None
    for _ in range(60):
        loss = signal_loss(reader(segments), measured)
        first = first or loss.item()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < first / 5
