"""Students trained by the stage with some methods."""

import json

import pytest
import torch
from safetensors.torch import load_file
from tiny_run import (
    make_run,
    save_fusion,
)

from sakdn.base.errors import InputError
from sakdn.stages import knowledge, student
from sakdn.students.load import load_student
from sakdn.students.single_losses import LEARNT


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """A run with its knowledge: what the student stage reads."""
    run = make_run(tmp_path_factory.mktemp("run"))
    model = save_fusion(run.root / "fusion/model.json")
    options = '{"map_sizes_px": [4, 4, 2, 2, 2]}'
    arguments = ["--clips", run.clips, "--semantics", run.semantics, "--models", model]
    arguments += ["--gaf", *run.gaf, "--options", options, "--output", run.root / "know/index.json"]
    knowledge.main(list(map(str, arguments)))
    return run


def train(run, folder, method, told=True, **network):
    schedule = {"epochs": 2, "batch_size": 4, "size_px": 16, "segments": 2, "width": 4}
    options = json.dumps(schedule | network)
    arguments = ["--clips", run.clips, "--semantics", run.semantics, "--frames", *run.frames]
    arguments += ["--knowledge", run.root / "know/index.json"] if told else []
    arguments += ["--name", "x", "--method", method, "--options", options]
    arguments += ["--state", folder / "state", "--output", folder / "model.json"]
    student.main(list(map(str, arguments)))
    return folder / "model.json"


@pytest.mark.parametrize("loss", LEARNT)
def test_learnt_parts_are_not_deployed(known, tmp_path, loss):
    path = train(known, tmp_path / loss, f'{{"loss": "{loss}"}}')
    alone = train(known, tmp_path / "none", '{"loss": "none"}', told=False)
    network, about = load_student(path)
    scale = about.scales[loss]
    assert (scale.share, scale.steps) == (about.distillation.weight, 2 * 3)
    assert scale.factor > 0
    taught_weights, weights = (load_file(p.with_suffix(".safetensors")) for p in (path, alone))
    assert taught_weights.keys() == weights.keys() == network.state_dict().keys()
    assert not torch.equal(taught_weights["embed.weight"], weights["embed.weight"])


def test_the_released_form_trains(known, tmp_path):
    path = train(known, tmp_path, '{"loss": "sakdn", "gsdm_form": "released"}')
    header, *rows = path.with_name("curves.csv").read_text().splitlines()
    assert header.startswith("epoch,seconds,train_gsdm,train_label,train_relation,train_semantic")
    assert len(rows) == 2


def test_batch_norms_frozen_on_random_weights_are_refused(known, tmp_path):
    with pytest.raises(
        InputError, match=r"student\.partial_bn: found true without student\.weights"
    ):
        train(known, tmp_path, '{"loss": "none"}', told=False, partial_bn=True)


def test_a_method_without_its_knowledge_is_refused(known, tmp_path):
    with pytest.raises(InputError, match="--knowledge: found none, but method sp needs it"):
        train(known, tmp_path, '{"loss": "sp"}', told=False)
