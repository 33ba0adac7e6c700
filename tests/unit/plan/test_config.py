import copy
from pathlib import Path

import pytest
import yaml

from sakdn.base.errors import InputError
from sakdn.plan.config import load_config

REPO = Path(__file__).parents[3]
CONFIGS = sorted((REPO / "config").glob("*.yaml"))
DEMO = yaml.safe_load((REPO / "config/demo.yaml").read_text())


def changed(key, value):
    """The demo's config with one key set, or removed with `...`."""
    config = copy.deepcopy(DEMO)
    *above, last = key.split(".")
    section = config
    for part in above:
        section = section.setdefault(part, {})
    if value is ...:
        del section[last]
    else:
        section[last] = value
    return config


def message_of(config):
    with pytest.raises(InputError) as error:
        load_config(config)
    return str(error.value)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configs_pass(path):
    load_config(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seeds", [3]),
        ("student.weights", None),
        ("student.weights", "none"),
        ("student", {"backbone": "resnet18", "weights": "DEFAULT", "partial_bn": True}),
        ("teacher", {"backbone": "vgg16_bn", "weights": "IMAGENET1K_V1"}),
        ("data.subjects", [1, "two"]),
        ("sensors.wrist_gyroscope.gaf", {"field": "difference"}),
        ("methods.strong", {"loss": "sakdn", "teacher": "average", "gsdm_weight": 2}),
        ("methods.one", {"loss": "soft_target", "teacher": "wrist_gyroscope"}),
        ("methods", {}),
        ("resources.student", {"mem_mb": 9000}),
    ],
)
def test_good_values_pass(key, value):
    load_config(changed(key, value))


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("studnet", "did you mean student?"),
        ("data.rot", "did you mean data.root?"),
        ("sensors.wrist_gyroscope.colums", "did you mean sensors.wrist_gyroscope.columns?"),
        ("methods.sakdn.gsdm_wieght", "did you mean methods.sakdn.gsdm_weight?"),
        ("methods.sakdn.xyz", "gsdm_form"),
        ("resources.studnt", "did you mean resources.student?"),
        ("gaf.windows.counts", "did you mean gaf.windows.count?"),
    ],
)
def test_unknown_key_names_the_nearest(key, hint):
    message = message_of(changed(key, {}))
    assert message.startswith(f"config: {key} is not a key; ")
    assert hint in message
    assert "\n" not in message


def test_misspelt_required_key_is_not_called_missing():
    config = DEMO | {"semantisc": DEMO["semantics"]}
    del config["semantics"]
    assert message_of(config) == "config: semantisc is not a key; did you mean semantics?"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("teacher.epochs", "ten", "config: teacher.epochs: found 'ten', expected whole number"),
        ("teacher.epochs", 2.5, "config: teacher.epochs: found 2.5, expected whole number"),
        ("teacher", [1], "config: teacher: found [1], expected section. The network of one sensor"),
        ("seeds", 3, "config: seeds: found 3, expected list; write [0, 1, 2] for 3 of them, or"),
        ("seeds", 0, "config: seeds: found 0, expected list; write [0]. "),
        ("data.subjects", 3, "config: data.subjects: found 3, expected list or null; write [3]. "),
        ("student.lr", "1e-3 ", "config: student.lr: found '1e-3 ', expected number"),
        (
            "student.partial_bn",
            "yes",
            "config: student.partial_bn: found 'yes', expected true or false",
        ),
    ],
)
def test_wrong_type_names_the_key_and_both_types(key, value, words):
    assert message_of(changed(key, value)).startswith(words)


@pytest.mark.parametrize("text", ["lr: 5e-4", "lr: 5E-4", "lr: 0.0005", "lr: 5.e-4"])
def test_a_number_without_a_point_is_one(text):
    lr = yaml.safe_load(text)["lr"]
    assert load_config(changed("student.lr", lr))["student"]["lr"] == 5e-4
    assert (
        load_config(changed("methods.sakdn.gsdm_weight", lr))["methods"]["sakdn"]["gsdm_weight"]
        == 5e-4
    )


def test_a_text_that_looks_like_a_number_stays_text():
    config = changed("sensors.wrist_gyroscope.columns", ["1e3", "2e3", "3e3"])
    assert load_config(config)["sensors"]["wrist_gyroscope"]["columns"] == ["1e3", "2e3", "3e3"]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("teacher.epochs", 0, "config: teacher.epochs: 0 is less than the minimum of 1"),
        ("student.head", "lstm", "config: student.head: 'lstm' is not one of ['trn', 'tconv', "),
        ("seeds", [], "config: seeds: [] should be non-empty"),
        ("seeds", [1, 1], "config: seeds: [1, 1] has non-unique elements"),
        ("seeds", [0, -1], "config: seeds.1: -1 is less than the minimum of 0"),
        ("name", "a/b", "config: name: 'a/b' does not match"),
        ("sensors.Wrist", {"columns": [0]}, "config: sensors: 'Wrist' does not match"),
        ("sensors", {}, "config: sensors: {} should be non-empty"),
    ],
)
def test_wrong_value_names_the_key(key, value, words):
    assert message_of(changed(key, value)).startswith(words)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"weights": "DEFAULT"}, "found 'DEFAULT', but `small` has none; set `none`"),
        (
            {"backbone": "resnet18", "weights": "pretrained"},
            "expected for resnet18 IMAGENET1K_V1 or DEFAULT",
        ),
        (
            {"backbone": "s3d", "weights": "KINETICS400_V9", "head": "average"},
            "expected for s3d KINETICS400_V1 or DEFAULT",
        ),
        ({"backbone": "bninception", "weights": "DEFAULT"}, "for bninception IMAGENET1K_CAFFE"),
        (
            {"backbone": "resnet18", "weights": "imagenet"},
            "expected none, IMAGENET1K_V1 or DEFAULT",
        ),
    ],
)
def test_weights_that_a_backbone_cannot_have(section, words):
    message = message_of(changed("student", section))
    assert message.startswith("config: student.weights: ")
    assert words in message


@pytest.mark.parametrize("weights", [None, "none"])
def test_frozen_norms_need_weights(weights):
    section = {"backbone": "bninception", "weights": weights, "partial_bn": True}
    assert "found true without student.weights" in message_of(changed("student", section))


@pytest.mark.parametrize(
    "key", ["name", "data", "data.root", "split.protocol", "methods.sakdn.loss"]
)
def test_missing_key_is_named(key):
    message = message_of(changed(key, ...))
    assert message == f"config: {key} is missing; add it (see config/README.md)"


def test_method_with_a_teacher_that_is_no_sensor():
    message = message_of(changed("methods.sakdn.teacher", "wrist_gyro"))
    assert "methods.sakdn.teacher: found 'wrist_gyro', expected one of fusion, average" in message
    assert "wrist_gyroscope" in message


@pytest.mark.parametrize(("name", "loss"), [("none", "sakdn"), ("alone", "none")])
def test_none_is_the_baseline_and_no_other(name, loss):
    message = message_of(changed(f"methods.{name}", {"loss": loss}))
    assert f"methods.{name}: `none` is the name of the video-only baseline" in message


def test_only_a_method_that_is_trained_can_be_explained():
    words = "config: explain.method: found 'irg', expected one of none, sakdn, soft_target"
    assert message_of(changed("explain.method", "irg")) == words
    load_config(changed("explain.method", "none"))


def test_losses_on_maps_need_the_maps():
    config = changed("knowledge.keep_maps", False)
    load_config(config)
    config["methods"]["regressor"] = {"loss": "fitnet"}
    assert message_of(config).startswith("config: knowledge.keep_maps: found false, but methods.")


def test_relations_between_too_many_segments_are_refused_before_any_training():
    config = changed("student.segments", 24)
    config["student"]["head"] = "tconv"
    load_config(config)
    config["student"]["head"] = "trn"
    words = "config: student.segments: found 24, head `trn` takes at most 20; take fewer, or set"
    assert message_of(config).startswith(words)


@pytest.mark.parametrize(
    "student", [{}, {"weights": None}, {"weights": ""}, {"backbone": "bninception"}]
)
def test_batch_norms_frozen_on_random_weights_are_refused(student):
    config = changed("student", DEMO["student"] | student)
    load_config(config)
    config["student"]["partial_bn"] = True  # As an overlay sets it.
    words = "config: student.partial_bn: found true without student.weights, expected false: on"
    assert message_of(config).startswith(words)
    config["student"] |= {"backbone": "bninception", "weights": "imagenet.pth"}
    load_config(config)


READY = {"images": "GAF/*/{clip}.jpg"}


def with_images(**changes):
    """The demo with one sensor of ready images and nothing that needs its signal."""
    config = changed("sensors.wrist_gyroscope", READY)
    config["methods"] = {"none": {"loss": "none"}, "sakdn": {"loss": "sakdn"}}
    config["gaf"] = {key: value for key, value in config["gaf"].items() if key != "windows"}
    for key, value in changes.items():
        above, last = key.split("__")
        config[above] = config[above] | {last: value}
    return config


def test_ready_images_pass():
    load_config(with_images())
    load_config(with_images(gaf__windows={"count": 1}))
    other = {"loss": "sakdn", "teacher": "wrist_accelerometer", "signal_weight": 1}
    load_config(with_images(methods__other=other))
    sized = READY | {"gaf": {"image_size_px": 32}}
    load_config(with_images(sensors__wrist_gyroscope=sized))
    whole = load_config(with_images())
    assert whole["sensors"]["wrist_gyroscope"] == READY | {"gaf": {}}
    assert load_config(whole) == whole


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"gaf__windows": {"count": 4}}, ["gaf.windows.count: found 4, expected 1", "set it to 1"]),
        (
            {"methods__strong": {"loss": "sakdn", "signal_weight": 1}},
            ["methods.strong.signal_weight: found 1", "wrist_gyroscope", "set it to 0"],
        ),
        (
            {"methods__own": {"loss": "sakdn", "teacher": "wrist_gyroscope", "signal_weight": 1}},
            ["methods.own.signal_weight: found 1", "wrist_gyroscope"],
        ),
        *[
            ({"sensors__wrist_gyroscope": READY | {key: value}}, [f"wrist_gyroscope.{key}: found"])
            for key, value in (
                ("path", "{clip}.mat"),
                ("rate_hz", 50),
                ("columns", [0]),
                ("time_column", 0),
                ("variable", "d"),
            )
        ],
        (
            {"sensors__wrist_gyroscope": READY | {"gaf": {"field": "both"}}},
            ["wrist_gyroscope.gaf.field: says how a signal becomes an image", "remove it"],
        ),
        (
            {"sensors__wrist_gyroscope": {"images": True}},
            ["wrist_gyroscope.images: found True with data.source demo, expected a path pattern"],
        ),
        (
            {"data__source": "table", "data__table": "clips.csv"},
            ["wrist_gyroscope.images: found 'GAF", "expected true, for the table has a column"],
        ),
    ],
)
def test_what_ready_images_cannot_do(changes, words):
    message = message_of(with_images(**changes))
    for word in ["config: ", *words]:
        assert word in message
