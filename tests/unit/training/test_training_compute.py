"""Precision, layout and compilation change how a network is trained, not what is trained."""

from functools import partialmethod

import pytest
import torch

from sakdn.base import cpu
from sakdn.base.errors import InputError
from sakdn.models.fused import FusedTeacher
from sakdn.models.streams import build_stream
from sakdn.options.teacher import StreamOptions, TeachingOptions
from sakdn.stages.effective_config import main as effective_config
from sakdn.teachers.task import SignalBatch, SignalData, SignalTask
from sakdn.training.compute import autocast, chosen_precision

LABELS = torch.tensor([0, 1, 2, 0])
PLAIN = TeachingOptions(channels_last=False, precision="fp32")
CPU = torch.device("cpu")


def losses(options):
    """The task's losses and gradients on a fixed batch."""
    torch.manual_seed(0)
    stream = {"in_channels": 3, "semantic_dim": 5, "n_classes": 3, "image_size_px": 32}
    module = FusedTeacher([build_stream(StreamOptions(width=4), **stream) for _ in range(2)])
    task = SignalTask(module, SignalData(None, {}, torch.randn(3, 5)), options, 0)
    images = [torch.rand(4, 3, 32, 32) for _ in range(2)]
    found = task.losses(SignalBatch(images, torch.ones(4, 2, dtype=torch.bool), LABELS))
    sum(found.values()).backward()
    return found, module


def gradient(module):
    return torch.cat([p.grad.flatten() for p in module.parameters()])


def check(options, tolerance):
    plain, plain_module = losses(PLAIN)
    found, module = losses(options)
    assert found.keys() == plain.keys()
    for name, loss in found.items():
        assert loss.dtype == torch.float32
        assert loss.item() == pytest.approx(plain[name].item(), rel=tolerance)
    apart = (gradient(module) - gradient(plain_module)).norm() / gradient(plain_module).norm()
    assert apart < 20 * tolerance
    assert module.state_dict().keys() == plain_module.state_dict().keys()
    return found, plain, module


def test_channels_last_lays_out_the_weights():
    _, _, module = check(PLAIN.model_copy(update={"channels_last": True}), 1e-5)
    kernel = next(p for p in module.parameters() if p.dim() == 4 and p.shape[1] > 1)
    assert kernel.is_contiguous(memory_format=torch.channels_last)


def test_bf16_computes_in_bf16_and_keeps_the_weights_in_float32():
    found, plain, module = check(PLAIN.model_copy(update={"precision": "bf16"}), 0.03)
    assert found["label"].item() != plain["label"].item()
    assert {p.dtype for p in module.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("facts", "precision"),
    [
        ("flags\t\t: avx2 avx512f avx512_bf16 amx_tile\n", "bf16"),
        ("flags\t\t: avx2 amx_bf16\n", "bf16"),
        ("Features\t: asimd bf16 sve\n", "bf16"),
        ("flags\t\t: avx2 avx512f avx512_vnni amx_tile\n", "fp32"),
    ],
)
def test_auto_is_what_the_processor_has(monkeypatch, tmp_path, facts, precision):
    (tmp_path / "cpuinfo").write_text(f"processor\t: 0\n{facts}bugs\t\t:\n")
    monkeypatch.setattr(cpu, "CPU_FACTS", tmp_path / "cpuinfo")
    assert chosen_precision("auto", CPU) == precision
    assert chosen_precision("fp32", CPU) == "fp32"
    assert chosen_precision("bf16", CPU) == "bf16"
    effective_config(["--config", "{}", "--output", str(tmp_path / "config.yaml")])
    assert f"# precision: auto is {precision}" in (tmp_path / "config.yaml").read_text()
    monkeypatch.setattr(cpu, "CPU_FACTS", tmp_path / "none")
    assert chosen_precision("auto", CPU) == "fp32"


@pytest.mark.parametrize(("native", "precision"), [(True, "bf16"), (False, "fp32")])
def test_auto_is_what_the_gpu_has_without_emulation(monkeypatch, native, precision):
    monkeypatch.setattr(
        torch.cuda,
        "is_bf16_supported",
        lambda including_emulation=True: including_emulation or native,
    )
    gpu = torch.device("cuda", 0)
    assert chosen_precision("auto", gpu) == precision
    assert chosen_precision("fp16", gpu) == "fp16"


def test_fp16_is_not_trained_on_a_cpu_but_computes_there_in_full():
    with pytest.raises(InputError, match="precision: found fp16 on a CPU"):
        chosen_precision("fp16", CPU)
    with autocast(CPU, "fp16"):
        assert torch.nn.Linear(2, 2)(torch.ones(1, 2)).dtype == torch.float32


def test_compiled_blocks_train_alike(monkeypatch):
    """As PyTorch's compiler traces them; that kernels are built of it a student's test sees to."""
    traced = partialmethod(torch.nn.Module.compile, backend="aot_eager")
    monkeypatch.setattr(torch.nn.Module, "compile", traced)
    check(PLAIN.model_copy(update={"compile": True}), 1e-4)
