import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.models.frame_backbones import build_backbone
from sakdn.models.streams import build_stream
from sakdn.models.weights import describe_weights, load_pretrained, load_stream, read_tensors
from sakdn.options.student import StudentNetwork
from sakdn.options.teacher import StreamOptions

ORACLE = Path(__file__).parents[4] / "shared/oracles/bninception_names.json"


def tiny() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))


def from_file(path: Path) -> StudentNetwork:
    return StudentNetwork(backbone="resnet18", weights=str(path))


def published(model: nn.Module) -> dict[str, Tensor]:
    """As an old file has them: norms as [1, C], no counters, with a classifier."""
    state = {k: v for k, v in model.state_dict().items() if "tracked" not in k}
    state |= {k: v[None] for k, v in state.items() if "1." in k and v.ndim == 1}
    return state | {"last_linear.weight": torch.zeros(4, 2), "fc.bias": torch.zeros(4)}


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_published_files_load(tmp_path: Path, suffix: str):
    source, target = tiny(), tiny()
    source[1].running_var.copy_(torch.tensor([3.0, 4.0]))
    path = tmp_path / f"weights{suffix}"
    tensors = {k: v.clone() for k, v in published(source).items()}
    save_file(tensors, path) if suffix == ".safetensors" else torch.save(tensors, path)
    load_pretrained(target, from_file(path))
    for name, tensor in target.state_dict().items():
        assert tensor.equal(source.state_dict()[name]), name


def test_imagenet_weights_reach_a_resnet_backbone(tmp_path: Path):
    source = build_backbone(StudentNetwork(backbone="resnet18"))
    names = ("conv1", "bn1", "layer1", "layer2", "layer3", "layer4")
    stem = {"0.0.": "conv1.", "0.1.": "bn1."}
    state = {}
    for name, tensor in source.blocks.state_dict().items():
        prefix = name[:4] if name[:4] in stem else name[:2]
        renamed = stem.get(prefix) or f"{names[int(prefix[0]) + 1]}."
        state[renamed + name.removeprefix(prefix)] = tensor
    torch.save(state, tmp_path / "resnet18.pth")
    loaded = build_backbone(
        StudentNetwork(backbone="resnet18", weights=str(tmp_path / "resnet18.pth"))
    )
    for name, tensor in loaded.state_dict().items():
        assert tensor.equal(source.state_dict()[name]), name


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"0.weight": torch.zeros(5, 3, 1, 1)}, r"0\.weight: found \[5, 3, 1, 1\].*\[2, 3, 1, 1\]"),
        ({"1.bias": None}, r"1\.bias is missing, expected \[2\]"),
        ({"7.weight": torch.zeros(1)}, r"7\.weight is not one of this network"),
    ],
)
def test_the_first_wrong_tensor_is_named(tmp_path: Path, change: dict, words: str):
    tensors = {k: v for k, v in (published(tiny()) | change).items() if v is not None}
    torch.save(tensors, tmp_path / "w.pth")
    model = tiny()
    before = model[0].weight.clone()
    with pytest.raises(InputError, match=words):
        load_pretrained(model, from_file(tmp_path / "w.pth"))
    assert model[0].weight.equal(before)


class Trap:
    def __reduce__(self) -> tuple:
        return (pytest.fail, ("the file ran code",))


def test_files_that_are_no_weights_are_refused(tmp_path: Path):
    (tmp_path / "noise.pth").write_bytes(b"not a model")
    (tmp_path / "noise.safetensors").write_bytes(b"not a model")
    (tmp_path / "trap.pth").write_bytes(pickle.dumps(Trap(), 2))
    torch.save({"epoch": 3}, tmp_path / "other.pth")
    names = ("noise.pth", "noise.safetensors", "trap.pth", "other.pth", "absent.pth")
    for name in names:
        with pytest.raises(InputError, match=name):
            read_tensors(tmp_path / name)
