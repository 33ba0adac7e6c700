import pytest
import torch

from sakdn.models.spamfm import SPAMFM


def features(shape: tuple[int, ...], sensors: int = 2) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return [torch.rand(shape, generator=generator, dtype=torch.float64) for _ in range(sensors)]


@pytest.mark.parametrize("shape", [(5, 4, 3, 2), (5, 4)])
@pytest.mark.parametrize("sensors", [1, 3])
def test_self_rule_is_the_batch_rule_on_a_batch_of_one(shape: tuple[int, ...], sensors: int):
    fusion = SPAMFM(sensors, 4, 2).double().eval()
    xs = features(shape, sensors)
    gated = fusion(xs)
    for row in range(5):
        alone = fusion([x[row : row + 1] for x in xs], rule="batch")
        for whole, one in zip(gated, alone, strict=True):
            torch.testing.assert_close(whole[row : row + 1], one)


@pytest.mark.parametrize("shape", [(5, 4, 3, 2), (5, 4)])
def test_bank_rule_is_the_batch_rule_with_the_bank_as_batch_mates(shape: tuple[int, ...]):
    fusion = SPAMFM(2, 4, 2, rule="bank").double().eval()
    xs = features(shape)
    fusion.set_bank([x[1:] for x in xs])
    bank = fusion([x[:1] for x in xs])
    batch = fusion(xs, rule="batch")
    for one, whole in zip(bank, batch, strict=True):
        torch.testing.assert_close(one, whole[:1])


def test_train_mode_mixes_the_batch_whatever_the_inference_rule():
    fusion = SPAMFM(2, 4, 2, rule="self").double()
    xs = features((5, 4))
    torch.testing.assert_close(fusion.train()(xs)[0], fusion.eval()(xs, rule="batch")[0])
    assert not torch.allclose(fusion.eval()(xs)[0], fusion(xs, rule="batch")[0])


def test_an_absent_feature_stays_zero_and_does_not_touch_the_other_samples():
    fusion = SPAMFM(2, 4, 2).double().train()
    first, second = features((5, 4))
    second[0] = 0
    assert not fusion([first, second])[1][0].any()
    mixed, without = (fusion.mix([first, x], "batch")[1] for x in (second, second[1:]))
    torch.testing.assert_close(mixed[1:], without)


def test_the_bank_is_not_in_the_state_dict_and_its_absence_is_an_error():
    fusion = SPAMFM(2, 4, 2, rule="bank").double().eval()
    with pytest.raises(RuntimeError, match="set_bank"):
        fusion(features((2, 4)))
    names = set(fusion.state_dict())
    fusion.set_bank(features((3, 4)))
    assert set(fusion.state_dict()) == names


def test_a_narrow_feature_keeps_a_hidden_unit():
    fusion = SPAMFM(6, 4, 12)
    hidden = {branch: gates[0][0].out_features for branch, gates in fusion.gates.items()}
    assert hidden == {"cat": 2, "add": 1, "mul": 1}
