"""Networks against the reference's arrays; every `check_*` asserts on one oracle file."""

import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from sakdn.models.bninception import BNInception
from sakdn.models.fused import FusedTeacher
from sakdn.models.spamfm import BRANCHES, SPAMFM, joint_codes, similarity, squeeze
from sakdn.models.streams import build_stream
from sakdn.models.trn import MultiScaleTRN
from sakdn.options.teacher import StreamOptions

Run = Callable[[list[Tensor]], dict[str, Tensor]]

VALUES, GRADIENTS = 1e-10, 1e-8
# Teachers were stored in float32. A statistic may differ by this multiple of the stored output's
# standard deviation, or else by 3 times what it moves under input noise of 8 float32 roundings:
# product codes of four sensors reach 1e7, and a gate unit near its threshold then flips.
TEACHER, ROUNDINGS, NOISE, NOISY_RUNS = 1e-4, 3.0, 1e-6, 4
BN_INCEPTION = 1e-9  # float64; relative to the largest stored value


def close(found: Tensor, expected: np.ndarray, tolerance: float, what: str) -> None:
    assert tuple(found.shape) == np.shape(expected), what
    worst = np.abs(found.detach().numpy() - expected).max()
    assert worst <= tolerance, f"{what}: differs by {worst:.3g}, at most {tolerance:.0e} allowed"


def rule_weights(
    model: nn.Module, role: Callable[[str], str], seed: int, dtype: torch.dtype = torch.float32
) -> None:
    """Fills the state of `model` by the weight rule, applied to the role of every tensor."""
    state = {}
    for name, tensor in model.state_dict().items():
        values = rule_tensor(role(name), tuple(tensor.shape), seed)
        state[name] = torch.from_numpy(np.asarray(values, np.float32))
    model.load_state_dict(state)
    model.to(dtype).eval()


def rule_tensor(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray | float:
    rng = np.random.default_rng([zlib.crc32(name.encode()), seed])
    if name.endswith("num_batches_tracked"):
        return 0.0
    if name.endswith("running_var"):
        return 1 + 0.2 * rng.random(shape)
    if name.endswith("running_mean"):
        return 0.1 * rng.standard_normal(shape)
    if len(shape) >= 2:
        return rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
    if name.endswith("weight"):
        return 1 + 0.1 * rng.standard_normal(shape)
    return 0.1 * rng.standard_normal(shape)


def check_fusion(path: Path) -> None:
    """SPAMFM: every intermediate and output to 1e-10, every gradient to 1e-8, in float64."""
    data = dict(np.load(path))
    sensors = sum(bool(re.fullmatch(r"x_\d+", key)) for key in data)
    names = range(1, sensors + 1)
    fusion = SPAMFM(sensors, data["x_1"].shape[1], int(data["reduction"])).double().eval()
    parameters = gate_parameters(fusion)
    with torch.no_grad():
        for key, parameter in parameters.items():
            parameter.copy_(torch.from_numpy(data[key]))
    features = [torch.from_numpy(data[f"x_{k}"]).requires_grad_() for k in names]
    mixed = fusion.mix(features, "batch")
    codes = joint_codes(mixed)
    gated = fusion(features, rule="batch")
    for k, x, m, y in zip(names, features, mixed, gated, strict=True):
        close(similarity(x), data[f"similarity_{k}"], VALUES, f"similarity_{k}")
        close(squeeze(x), data[f"squeeze_{k}"], VALUES, f"squeeze_{k}")
        close(m, data[f"mixed_{k}"], VALUES, f"mixed_{k}")
        close(y, data[f"y_{k}"], VALUES, f"y_{k}")
        for branch in BRANCHES:
            gate = fusion.gates[branch][k - 1](codes[branch])
            close(gate, data[f"gate_{branch}_{k}"], VALUES, f"gate_{branch}_{k}")
    for branch in BRANCHES:
        close(codes[branch], data[f"z_{branch}"], VALUES, f"z_{branch}")
    cotangents = [torch.from_numpy(data[f"cotangent_{k}"]) for k in names]
    torch.autograd.backward(gated, cotangents)
    for key, tensor in parameters.items():
        close(tensor.grad, data[f"grad_{key}"], GRADIENTS, f"grad_{key}")
    for k, x in zip(names, features, strict=True):
        close(x.grad, data[f"grad_x_{k}"], GRADIENTS, f"grad_x_{k}")


def gate_parameters(fusion: SPAMFM) -> dict[str, nn.Parameter]:
    """Parameters by their oracle names W1_cat_1, b1_cat_1, ..."""
    layers = {
        f"{i}_{branch}_{k}": gate[2 * i - 2]
        for branch in BRANCHES
        for k, gate in enumerate(fusion.gates[branch], 1)
        for i in (1, 2)
    }
    weights = {f"W{key}": layer.weight for key, layer in layers.items()}
    return weights | {f"b{key}": layer.bias for key, layer in layers.items()}


def teacher_role(name: str) -> str:
    """Role name of a tensor of `FusedTeacher`, as `teacher_*_names.json` lists them."""
    part, index, rest = name.split(".", 2)
    one = int(index) + 1
    if part == "fusions":
        _, branch, k, layer, kind = rest.split(".")
        return f"fusion{one}.sensor{int(k) + 1}.{branch}.linear{int(layer) // 2 + 1}.{kind}"
    fields = rest.split(".")
    if fields[0] == "blocks":
        block, convolution = int(fields[1]) + 1, int(fields[2]) + 1
        layer = ("conv", "bn")[int(fields[3])]
        return f"sensor{one}.block{block}.conv{convolution}.{layer}.{fields[4]}"
    layers = {"embed.2": "fc6.linear", "embed.3": "fc6.bn"}
    layers |= {"semantic": "fc7.linear", "classifier": "fc8.linear"}
    return f"sensor{one}.{layers['.'.join(fields[:-1])]}.{fields[-1]}"


def paper_teacher(sensors: int, semantic_dim: int, n_classes: int) -> FusedTeacher:
    """VGG16-BN streams of the paper, without the cost of PyTorch's random initialisation."""
    with torch.device("meta"):
        streams = [
            build_stream(StreamOptions(backbone="vgg16_bn"), 3, semantic_dim, n_classes, 224)
            for _ in range(sensors)
        ]
        return FusedTeacher(streams)


def check_teacher(path: Path) -> None:
    """Whole teachers. Six sensors: the corrected network differs where defect 9 is, only there."""
    data = dict(np.load(path))
    sensors = sum(key.startswith("out1_") and key.endswith("__shape") for key in data)
    seed, batch = int(data["seed"]), int(data["batch"])
    teacher = paper_teacher(sensors, data["out6_sensor1__shape"][1], data["out8_sensor1__shape"][1])
    teacher.to_empty(device="cpu")
    rule_weights(teacher, teacher_role, seed)
    images = [teacher_images(seed, k, batch) for k in range(1, sensors + 1)]
    if sensors == 6:
        check_six_sensors(teacher, images, data)
    else:
        check_differences(lambda x: run_teacher(teacher, x), images, data, set())


def check_six_sensors(teacher: FusedTeacher, images: list[Tensor], data: dict) -> None:
    """Shows that defect 9 explains every difference to the stored outputs.

    Fault one: sensors 5 and 6 run through the first blocks of 3 and 4; fusion 1 carries that to
    every output. With those blocks as our own first blocks, our wiring must give all outputs but
    those of fault two: slot 5 of out7 is the gated sensor 6, slot 6 the ungated; out8 reads these.
    """
    everything = {f"out{level}_sensor{k}" for level in range(1, 9) for k in range(1, 7)}
    check_differences(lambda x: run_teacher(teacher, x), images, data, everything)
    streams = teacher.streams
    streams[4].blocks[0], streams[5].blocks[0] = streams[2].blocks[0], streams[3].blocks[0]
    slots = {f"out{level}_sensor{k}" for level in (7, 8) for k in (5, 6)}
    check_differences(lambda x: run_teacher(teacher, x), images, data, slots)
    check_differences(lambda x: run_with_fault_two(teacher, x), images, data, set())


@torch.no_grad()
def run_with_fault_two(teacher: FusedTeacher, images: list[Tensor]) -> dict[str, Tensor]:
    """Outputs with sensors 5 and 6 mixed up after fusion 7, as the reference does."""
    found = run_teacher(teacher, images)
    fifth, sixth = teacher.streams[4], teacher.streams[5]
    gated, ungated = found["out7_sensor6"], sixth.semantic(found["out6_sensor6"])
    found |= {"out7_sensor5": gated, "out8_sensor5": fifth.classifier(gated)}
    return found | {"out7_sensor6": ungated, "out8_sensor6": sixth.classifier(ungated)}


def teacher_images(seed: int, sensor: int, batch: int) -> Tensor:
    rng = np.random.default_rng([123456789, 100 * seed + sensor])
    return torch.from_numpy(rng.random((batch, 3, 224, 224)).astype(np.float32))


def run_teacher(teacher: FusedTeacher, images: list[Tensor]) -> dict[str, Tensor]:
    """Outputs by oracle name, out1_sensor1 ... out8_sensorS."""
    with torch.no_grad():
        outputs = teacher(images, rule="batch").streams
    return {
        f"out{level}_sensor{k}": tensor
        for k, out in enumerate(outputs, 1)
        for level, tensor in enumerate([*out.taps, out.embedding, out.semantic, out.logits], 1)
    }


def check_differences(run: Run, images: list[Tensor], data: dict, expected: set[str]) -> None:
    """Asserts that the outputs that differ from the stored ones are the `expected`."""
    found = {name: statistics(tensor) for name, tensor in run(images).items()}
    stored = {name: [data[f"{name}__{s}"] for s in ("mean", "std", "slice")] for name in found}
    for name in found:
        assert found[name][3] == data[f"{name}__shape"].tolist(), name
    gaps = {n: distances(found[n], stored[n]) - TEACHER * stored[n][1] for n in found}
    different = {n for n in found if gaps[n].max() > 0}
    if different != expected:
        noise = rounding(run, images, found)
        different = {n for n in different if any(gaps[n] > noise[n])}
    assert different == expected


def rounding(run: Run, images: list[Tensor], exact: dict[str, list]) -> dict[str, np.ndarray]:
    """What float32 rounding may do to mean, deviation and slice of every output."""
    generator = torch.Generator().manual_seed(0)
    moves = {name: np.zeros(3) for name in exact}
    for _ in range(NOISY_RUNS):
        noisy = run([x * (1 + NOISE * torch.randn(x.shape, generator=generator)) for x in images])
        for name, move in moves.items():
            move[:] = np.maximum(move, distances(statistics(noisy[name]), exact[name]))
    return {name: ROUNDINGS * move for name, move in moves.items()}


def statistics(tensor: Tensor) -> list:
    """Mean, deviation, slice and shape of an output."""
    values = tensor.double().numpy()
    piece = values[:, :6, :4, :4] if values.ndim == 4 else values[:, :32]
    return [values.mean(), values.std(), piece, list(values.shape)]


def distances(one: list, other: list) -> np.ndarray:
    """Largest absolute difference of mean, deviation and slice [3]."""
    return np.array([np.abs(a - b).max() for a, b in zip(one[:3], other[:3], strict=True)])


def check_teacher_names(path: Path) -> None:
    """Same tensors and shapes; the reference's eighth fusion is never used and is not built."""
    stored = dict(json.loads(Path(path).read_text()))
    sensors = len({name.split(".")[0] for name in stored if name.startswith("sensor")})
    semantic_dim = stored["sensor1.fc6.linear.weight"][0]
    teacher = paper_teacher(sensors, semantic_dim, stored["sensor1.fc8.linear.weight"][0])
    built = {teacher_role(n): list(t.shape) for n, t in teacher.state_dict().items()}
    assert built == {n: s for n, s in stored.items() if not n.startswith("fusion8.")}


def check_bninception_names(path: Path) -> None:
    """The state names and shapes of the published weights, in their order."""
    state = BNInception().state_dict()
    built = [[name, list(tensor.shape)] for name, tensor in state.items()]
    assert built == json.loads(Path(path).read_text())


def check_bninception(path: Path) -> None:
    """BN-Inception in float64: 1024-d output and eleven taps."""
    data = dict(np.load(path))
    seed = int(data["seed"])
    network = BNInception()
    rule_weights(network, str, seed, torch.float64)
    rng = np.random.default_rng([987654321, seed])
    frames = (50 * rng.standard_normal((1, 3, 224, 224))).astype(np.float32)
    with torch.no_grad():
        features, taps = network(torch.from_numpy(frames).double())
    close_relative(features.numpy(), data["final_output"], "final_output")
    stored = {stored_tap(key): key for key in data if key.endswith("__shape")}
    assert set(stored) == {*taps, "global_pool"}
    for name, tap in (taps | {"global_pool": features[:, :, None, None]}).items():
        key = stored[name].removesuffix("__shape")
        values = tap.numpy()
        assert list(values.shape) == data[f"{key}__shape"].tolist(), name
        close_relative(values.mean(), data[f"{key}__mean"], f"{key}__mean")
        close_relative(values.std(), data[f"{key}__std"], f"{key}__std")
        close_relative(values[0, :6, :5, :5], data[f"{key}__slice"], f"{key}__slice")
        channels = values.mean((0, 2, 3))
        close_relative(channels, data[f"{key}__channel_mean"], f"{key}__channel_mean")


def stored_tap(key: str) -> str:
    """Our name of a stored tap: `inception_3a_relu_pool_proj__shape` is 3a."""
    return re.sub(r"^inception_(\w\w)_.*|^(conv2)_.*|__shape$", r"\1\2", key)


def close_relative(found: np.ndarray, expected: np.ndarray, what: str) -> None:
    worst = np.abs(found - expected).max() / np.abs(expected).max()
    assert worst <= BN_INCEPTION, f"{what}: relative difference {worst:.3g}"


def check_trn(path: Path) -> None:
    """Multi-scale TRN with the stored tuples, and the lexicographic list that they come from."""
    data = {key.replace("scale ", "scale"): value for key, value in np.load(path).items()}
    features = torch.from_numpy(data["x"]).requires_grad_()
    segments, classes = features.shape[1], data["y"].shape[1]
    hidden = data[f"W1_scale{segments}"].shape[0]
    trn = MultiScaleTRN(segments, features.shape[2], classes, hidden).double()
    state = {}
    for index, n in enumerate(trn.scales):
        for layer, number in ((1, 1), (3, 2)):
            for kind, letter in (("weight", "W"), ("bias", "b")):
                values = torch.from_numpy(data[f"{letter}{number}_scale{n}"])
                state[f"heads.{index}.{layer}.{kind}"] = values
        ours = getattr(trn, f"tuples_{n}")[data[f"picked_ranks_scale{n}"]]
        np.testing.assert_array_equal(ours.numpy(), data[f"tuples_scale{n}"])
    trn.load_state_dict(state)
    logits = trn(features, tuples=[torch.from_numpy(data[f"tuples_scale{n}"]) for n in trn.scales])
    close(logits, data["y"], VALUES, "y")
    logits.backward(torch.from_numpy(data["cotangent"]))
    close(features.grad, data["grad_x"], GRADIENTS, "grad_x")
