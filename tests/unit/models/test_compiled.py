import shutil

import pytest
import torch

from sakdn.base.errors import InputError
from sakdn.losses.ablation import ablation_weights
from sakdn.models.student import build_student
from sakdn.options.student import StudentNetwork


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_compiled_blocks_take_the_ablation_pass_and_keep_their_names():
    options = StudentNetwork(width=4, in_channels=1, segments=2, head="tconv", dropout=0.0)
    plain = build_student(options, 5, 3).train()
    compiled = build_student(StudentNetwork(**vars(options) | {"compile": True}), 5, 3).train()
    compiled.load_state_dict(plain.state_dict())
    clips = torch.rand(3, 2, 1, 32, 32)
    weights = []
    for module in (plain, compiled):
        output = module(clips)
        weights.append(ablation_weights(output.frame_taps, output.logits[:, 0]))
        output.logits.sum().backward()
    for ours, theirs in zip(*weights, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-3)


def test_backbone_with_taps_inside_its_blocks_is_not_compiled():
    with pytest.raises(InputError, match=r"student\.compile: found true with bninception"):
        build_student(StudentNetwork(backbone="bninception", compile=True), 5, 3)
