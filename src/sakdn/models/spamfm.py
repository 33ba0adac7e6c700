"""SPAMFM, the similarity-preserving adaptive multi-modal fusion module (SAKDN)."""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Rule = Literal["batch", "self", "bank"]
BRANCHES = ("cat", "add", "mul")


class SPAMFM(nn.Module):
    """Gates every sensor's feature with codes made of all sensors' features.

    For sensor k with feature x_k: q_k is the spatial mean, m_k = A_k q_k with A_k the
    row-normalised similarity of the samples. The concatenation, sum and product over sensors of
    the m_k each pass an own two-layer gate; y_k = (g_cat + g_add + g_mul) x_k.

    What A_k runs over is the rule:

    * `batch`: the samples of the batch, as published; a sample's result depends on its batch
      mates. In train mode this is always the rule.
    * `self`: the sample alone, so A = 1 and m_k = q_k.
    * `bank`: the sample and a stored bank of training samples (`set_bank`), rows
      [self, bank] normalised together. The scale of m_k is that of training when the bank is
      about as large as a training batch.

    In eval mode the module follows its `rule` attribute, never `batch` unless a call asks for it.
    A sample whose feature of a sensor is all zeros (an absent sensor) has zero similarity with
    every sample, contributes zeros to the codes and stays zero.

    Args:
        sensors: number of sensors S.
        width: channels c, equal for all sensors.
        reduction: r; hidden widths are floor(S c / r) for cat and floor(c / r) for add and mul,
            at least 1. The paper's r is 2 S.
        rule: inference rule, `self` or `bank`.
    """

    def __init__(self, sensors: int, width: int, reduction: int, rule: Rule = "self") -> None:
        super().__init__()
        self.rule = rule
        inputs = {"cat": sensors * width, "add": width, "mul": width}
        self.gates = nn.ModuleDict()
        for branch in BRANCHES:
            self.gates[branch] = nn.ModuleList(
                _gate(inputs[branch], width, reduction) for _ in range(sensors)
            )
        for k in range(sensors):
            self.register_buffer(f"bank_feature_{k}", None, persistent=False)
            self.register_buffer(f"bank_squeeze_{k}", None, persistent=False)

    def forward(self, features: Sequence[Tensor], rule: Rule | None = None) -> list[Tensor]:
        """Returns the gated features.

        Args:
            features: x_k of every sensor, [N, c, H, W] or [N, c].
            rule: overrides the module's own rule in this call.
        """
        mixed = self.mix(features, rule or ("batch" if self.training else self.rule))
        codes = joint_codes(mixed)
        return [x * _like(self.gate(codes, k), x) for k, x in enumerate(features)]

    def gate(self, codes: dict[str, Tensor], sensor: int) -> Tensor:
        """Sum of the three gates of `sensor` [N, c], in (0, 3)."""
        gates = (self.gates[branch].get_submodule(str(sensor)) for branch in BRANCHES)
        return reduce(add, (gate(codes[branch]) for gate, branch in zip(gates, BRANCHES)))

    def mix(self, features: Sequence[Tensor], rule: Rule) -> list[Tensor]:
        """m_k of every sensor [N, c]: each sample's squeeze mixed with those of similar ones."""
        if rule == "batch":
            return [similarity(x) @ squeeze(x) for x in features]
        if rule == "self":
            return [squeeze(x) for x in features]
        return [self._mix_with_bank(k, x) for k, x in enumerate(features)]

    def set_bank(self, features: Sequence[Tensor]) -> None:
        """Stores the bank: features x_k of B training samples, [B, c, H, W] or [B, c]."""
        for k, x in enumerate(features):
            setattr(self, f"bank_feature_{k}", x.detach().flatten(1))
            setattr(self, f"bank_squeeze_{k}", squeeze(x.detach()))

    def _mix_with_bank(self, sensor: int, x: Tensor) -> Tensor:
        bank, squeezed = (getattr(self, f"bank_{part}_{sensor}") for part in ("feature", "squeeze"))
        if bank is None:
            raise RuntimeError("SPAMFM: rule 'bank' without a bank; call set_bank first")
        flat = x.flatten(1)  # [N, cHW]
        own = (flat * flat).sum(1, keepdim=True)  # [N, 1]
        rows = F.normalize(torch.cat([own, flat @ bank.T.to(x.dtype)], 1), dim=1)  # [N, 1 + B]
        return rows[:, :1] * squeeze(x) + rows[:, 1:] @ squeezed.to(x.dtype)


def similarity(feature: Tensor) -> Tensor:
    """A [N, N]: inner products of the samples of [N, ...], every row divided by its L2 norm."""
    flat = feature.flatten(1)
    return F.normalize(flat @ flat.T, dim=1)


def squeeze(feature: Tensor) -> Tensor:
    """Spatial mean [N, c] of maps [N, c, H, W]; vectors [N, c] are returned as they are."""
    return feature.flatten(2).mean(2) if feature.ndim > 2 else feature


def joint_codes(mixed: Sequence[Tensor]) -> dict[str, Tensor]:
    """Concatenation [N, S c], sum [N, c] and product [N, c] of the m_k over sensors."""
    stacked = torch.stack(list(mixed))  # [S, N, c]
    return {"cat": torch.cat(list(mixed), 1), "add": stacked.sum(0), "mul": stacked.prod(0)}


def _gate(inputs: int, width: int, reduction: int) -> nn.Sequential:
    hidden = max(1, inputs // reduction)
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, width), nn.Sigmoid()
    )


def _like(gate: Tensor, feature: Tensor) -> Tensor:
    return gate.reshape(*gate.shape, *[1] * (feature.ndim - 2))
