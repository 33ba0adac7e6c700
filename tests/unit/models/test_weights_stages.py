"""Weights got from a server on loopback, and the look at them before anything long begins."""

import hashlib
import io
import json

import pytest
import timm
import torch
import torchvision
from archive_server import serving
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tiny_run import make_run

from sakdn.base.errors import InputError
from sakdn.data.datasets import fetch as fetching
from sakdn.models import published
from sakdn.models.published import LITE0
from sakdn.stages import download_weights, student, teacher, weights


def content_of(tensors):
    file = io.BytesIO()
    torch.save(tensors, file)
    return file.getvalue()


TENSORS = {"conv1.weight": torch.arange(2000.0).reshape(4, 500), "bn1.bias": torch.zeros(4)}


@pytest.fixture
def server(monkeypatch):
    """Serves the file of weights, at the address that torchvision and timm are made to give."""
    monkeypatch.setattr(fetching, "WAIT_S", 0.0)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    content = content_of(TENSORS)
    name = f"resnet18-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    with serving(content, name) as server:
        for origin in ("_of_torchvision", "_of_timm"):
            monkeypatch.setattr(published, origin, lambda *_: server.url)
        yield server


@pytest.fixture
def download(tmp_path):
    def run(backbone="resnet18", weights="DEFAULT"):
        output = tmp_path / "w" / f"{weights}.safetensors"
        names = {"backbone": backbone, "weights": weights, "output": output}
        names["record"] = tmp_path / "downloads.json"
        download_weights.main([f"--{key}={value}" for key, value in names.items()])
        return output

    return run


def test_a_download_that_is_cut_off_goes_on_and_leaves_one_file(server, download, tmp_path):
    server.cuts = [4000]
    output = download()
    assert server.asked == [None, "bytes=4000-"]
    found = load_file(output)
    assert all(found[name].equal(tensor) for name, tensor in TENSORS.items())
    assert [path.name for path in output.parent.iterdir()] == ["DEFAULT.safetensors"]
    with safe_open(output, "pt") as file:
        assert file.metadata() == {"source": server.url}
    digest = hashlib.sha256(server.content).hexdigest()
    assert json.loads((tmp_path / "downloads.json").read_text())[server.url]["sha256"] == digest


def test_another_file_than_the_published_one_is_refused(server, download, tmp_path):
    server.content = content_of(TENSORS | {"bn1.bias": torch.ones(4)})
    with pytest.raises(
        InputError, match=r"expected one that begins with \w{8}, as published.*or get"
    ):
        download()
    assert list((tmp_path / "w").iterdir()) == []


def test_what_is_no_weights_is_refused(server, download, tmp_path):
    server.content, server.name = b"<html>Log in first</html>", "weights.pth"
    with pytest.raises(InputError, match=r"not readable as weights.*give their file as `weights`"):
        download()
    assert list((tmp_path / "w").iterdir()) == []
    server.content = content_of(TENSORS)
    assert download().exists()


def test_a_file_of_timm_is_read_as_timm_reads_it(server, download, monkeypatch):
    monkeypatch.setattr(download_weights, "in_package", lambda _: None)
    server.name = "weights.pth"
    with pytest.raises(InputError, match=rf"not the weights of {LITE0}: .*Missing key"):
        download(LITE0, "pretrained")
    torch.manual_seed(0)
    state = timm.create_model("tf_efficientnet_lite0").state_dict()
    server.content, server.name = content_of({"state_dict": state}), "others.pth"
    found = load_file(download(LITE0, "pretrained"))
    assert found.keys() == state.keys()
    assert found["conv_head.weight"].equal(state["conv_head.weight"])


def look(tmp_path, **networks):
    output = tmp_path / "weights.json"
    weights.main([f"--options={json.dumps(networks)}", f"--output={output}"])
    return json.loads(output.read_text())


@pytest.fixture(scope="module")
def resnet18(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "resnet18.safetensors"
    save_file(torchvision.models.resnet18().state_dict(), path, {"source": "somewhere"})
    return path


def test_weights_that_fit_are_noted_down(tmp_path, resnet18):
    network = {"backbone": "resnet18", "weights": str(resnet18)}
    found = look(tmp_path, student=network, teacher=network)
    digest = hashlib.sha256(resnet18.read_bytes()).hexdigest()
    about = {"name": str(resnet18), "file": str(resnet18), "sha256": digest, "source": "somewhere"}
    networks = {"student": network, "teacher": network}
    assert found == {"student": about, "teacher": about, "networks": networks}
    assert look(tmp_path) == {"networks": {}}


@pytest.mark.parametrize("role", ["student", "teacher"])
def test_the_first_tensor_that_does_not_fit_is_named(tmp_path, resnet18, role):
    wrong = load_file(resnet18) | {"layer2.0.conv1.weight": torch.zeros(7, 64, 3, 3)}
    save_file(wrong, tmp_path / "wrong.safetensors")
    network = {"backbone": "resnet18", "weights": str(tmp_path / "wrong.safetensors")}
    words = rf"{role}\.weights: .*wrong.*: tensor layer2\.0\.conv1\.weight: found \[7, 64, 3, 3\],"
    with pytest.raises(InputError, match=rf"{words} expected \[128, 64, 3, 3\]"):
        look(tmp_path, **{role: network})
    (tmp_path / "wrong.safetensors").write_bytes(resnet18.read_bytes()[: 10**6])
    with pytest.raises(InputError, match=rf"{role}\.weights: .*not readable.*get it again"):
        look(tmp_path, **{role: network})
    with pytest.raises(InputError, match="no such file"):
        look(tmp_path, **{role: network | {"weights": "IMAGENET1K_V1"}})


def test_a_network_that_cannot_be_built_is_refused_without_weights_too(tmp_path):
    network = {"backbone": "timm/vit_tiny_patch16_224", "weights": "none", "size_px": 64}
    with pytest.raises(InputError, match=r"^student\.backbone: found timm/vit_tiny.*one size"):
        look(tmp_path, student=network)


@pytest.mark.parametrize("stage", [student, teacher])
def test_a_training_starts_from_the_file_and_its_result_says_so(
    tmp_path, resnet18, monkeypatch, stage
):
    run, taken = make_run(tmp_path), []
    monkeypatch.setattr(stage, "train", lambda task, plan, *_: taken.append((task.module, plan)))
    options = {"backbone": "resnet18", "weights": str(resnet18)}
    words = [f"--clips={run.clips}", f"--semantics={run.semantics}", "--state=s", "--output=m.json"]
    if stage is student:
        options |= {"size_px": 16, "segments": 2}
        words += ["--name=none", '--method={"loss": "none"}', "--frames", *map(str, run.frames)]
    else:
        words += ["--gaf", str(run.gaf[0])]
    stage.main([*words, f"--options={json.dumps(options)}"])
    ((module, plan),) = taken
    net = module["student"].backbone if stage is student else module.teachers[0]
    assert net.blocks[0][0].weight.equal(load_file(resnet18)["conv1.weight"])
    assert plan.weights.sha256 == hashlib.sha256(resnet18.read_bytes()).hexdigest()
    assert plan.weights.file == str(resnet18)
