import hashlib
import json
import os
import pickle
import re
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import Tensor, nn

from sakdn.base.errors import InputError
from sakdn.models.frame_backbones import build_backbone
from sakdn.models.streams import build_stream
from sakdn.models.weights import describe_weights, load_pretrained, load_stream, read_tensors
from sakdn.options.student import StudentNetwork
from sakdn.options.teacher import StreamOptions

SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))
NAMES = SHARED / "oracles/bninception_names.json"


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


@pytest.mark.skipif(not NAMES.exists(), reason=f"{NAMES} is absent")
def test_the_published_bninception_loads_by_its_names(tmp_path: Path):
    tensors = {name: torch.rand(shape) for name, shape in json.loads(NAMES.read_text())}
    norms = {k: v[None] for k, v in tensors.items() if "_bn." in k and v.ndim == 1}
    classifier = {"last_linear.weight": torch.zeros(3, 1024), "last_linear.bias": torch.zeros(3)}
    torch.save(tensors | norms | classifier, tmp_path / "bninception.pth")
    network = StudentNetwork(backbone="bninception", weights=str(tmp_path / "bninception.pth"))
    state = build_backbone(network).state_dict()
    assert len(state) == len([name for name in tensors if not name.startswith("last_linear")])
    for name in ("conv1_7x7_s2.weight", "inception_5b_pool_proj_bn.running_var"):
        assert state[name].equal(tensors[name]), name


def test_part_of_a_network_whose_names_are_joined(tmp_path: Path):
    source = nn.Sequential(OrderedDict(stages=nn.Sequential(tiny(), nn.Conv2d(2, 2, 1))))
    torch.save(source.state_dict(), tmp_path / "w.pth")
    part = nn.Sequential(OrderedDict(stages_0=tiny()))
    with pytest.raises(InputError, match=r"stages\.1\.weight is not one of this network"):
        load_pretrained(part, from_file(tmp_path / "w.pth"))
    load_pretrained(part, from_file(tmp_path / "w.pth"), whole=False)
    assert part.stages_0[0].weight.equal(source.stages[0][0].weight)


@pytest.mark.parametrize(("backbone", "channels"), [("vgg16_bn", 6), ("resnet18", 3)])
def test_a_teacher_starts_from_torchvisions_weights(tmp_path: Path, backbone: str, channels: int):
    with torch.device("meta"):
        names = torchvision.models.get_model(backbone).state_dict()
    names = {name: each for name, each in names.items() if not name.startswith(("fc", "class"))}
    tensors = {name: torch.rand(each.shape).to(each.dtype) for name, each in names.items()}
    save_file(tensors, tmp_path / "w.safetensors")
    options = StreamOptions(backbone=backbone, weights=str(tmp_path / "w.safetensors"))
    blocks = build_stream(options, channels, 7, 5, 32).blocks
    load_stream(blocks, options)
    first, *others = zip(blocks.state_dict().values(), tensors.values(), strict=True)
    assert all(ours.equal(theirs) for ours, theirs in others)
    scaled = torch.cat([first[1] * (3 / channels)] * (channels // 3), 1)
    torch.testing.assert_close(first[0], scaled)
    last = list(tensors)[-2]
    save_file(tensors | {last: torch.rand(3)}, tmp_path / "w.safetensors")
    with pytest.raises(InputError, match=rf"{re.escape(last)}: found \[3\], expected \[512\]"):
        load_stream(blocks, options)


def test_a_network_says_what_it_started_from(tmp_path: Path):
    save_file({"a": torch.ones(1)}, tmp_path / "w.safetensors", {"source": "https://x/y.pth"})
    about = describe_weights(from_file(tmp_path / "w.safetensors"))
    digest = hashlib.sha256((tmp_path / "w.safetensors").read_bytes()).hexdigest()
    assert (about.sha256, about.source) == (digest, "https://x/y.pth")
    assert about.name == about.file == str(tmp_path / "w.safetensors")
    assert describe_weights(StudentNetwork(weights="none")) is None


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
