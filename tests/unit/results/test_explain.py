import io
import json

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from scipy.io import savemat
from tiny_run import CPU, NAMES, SENSORS, make_run, save_fusion
from tiny_student import write_student
from torch import nn

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.losses.ablation import class_score
from sakdn.options.explain import ExplainOptions
from sakdn.results.explain.choose import choose_clips
from sakdn.results.explain.clip import Looks, SeenSignal, SeenVideo, see_signals, see_video
from sakdn.results.explain.maps import ablation_map, chosen_layer, enlarged, grad_cam
from sakdn.results.explain.picture import READY, Explained, draw
from sakdn.stages.explain import main
from sakdn.students.frames.stored import FrameStore
from sakdn.students.load import load_student, video_batches
from sakdn.students.scores import video_logits
from sakdn.teachers.gaf.stored import GafImages
from sakdn.teachers.load import load_teacher
from sakdn.teachers.task import SignalBatches, signal_logits


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run whose first test clip lacks the gyroscope."""
    root = tmp_path_factory.mktemp("run")
    made = make_run(root, missing={"gyroscope": [18]})
    for sensor in SENSORS:
        made.table[sensor] = [cell and "signal.mat" for cell in made.table[sensor]]
        index = json.loads((root / f"{sensor}.json").read_text())
        index["options"] = {"field": "summation"}
        (root / f"{sensor}.json").write_text(json.dumps(index))
    made.write_table()
    savemat(root / "signal.mat", {"d": np.sin(np.arange(60))[:, None] * [[1, 2, 3]]})
    save_fusion(root / "fusion/model.json")
    write_student(root / "student")
    rows = made.rows("test")
    said = {"clip": made.table["clip"].iloc[rows], "action": made.table["action"].iloc[rows]}
    said["predicted"] = [0, 1, 2, 1, 1, 0]  # labels are 0 1 2 0 1 2
    shares = [[0.8, 0.1, 0.1], [0.3, 0.4, 0.3], [0.2, 0.3, 0.5]] + [[0.1, 0.6, 0.3]] * 2
    shares.append([0.9, 0.1, 0.0])
    table = pd.DataFrame(said).join(pd.DataFrame(shares, columns=["p_0", "p_1", "p_2"], index=rows))
    table.to_csv(root / "predictions.csv", index=False)
    return made


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.features = nn.Sequential(nn.Conv2d(3, 6, 3), nn.Tanh(), nn.Conv2d(6, 5, 3))
        self.rest = nn.Sequential(nn.ReLU(), nn.Conv2d(5, 4, 3), nn.Tanh(), nn.Flatten())
        self.classes = nn.Linear(4 * 6 * 6, 3)

    def forward(self, images):
        return self.classes(self.rest(self.features(images)))


def test_grad_cam_agrees_with_captum():
    from captum.attr import LayerGradCam

    network, images = Small(), torch.randn(4, 3, 12, 12)
    labels = torch.tensor([0, 2, 1, 0])
    theirs = LayerGradCam(network, network.features).attribute(
        images, target=labels, relu_attributions=True
    )
    maps = network.features(images)
    ours = grad_cam(maps, class_score(network.classes(network.rest(maps)), labels))
    assert (ours > 0).float().mean() > 0.2
    torch.testing.assert_close(ours, theirs[:, 0].detach())


@pytest.mark.parametrize("kind", [grad_cam, ablation_map])
def test_saliency_lies_where_the_evidence_is(kind):
    maps = torch.zeros(2, 3, 4, 6, requires_grad=True)
    with torch.no_grad():
        maps[0, 1, 0, 5] = 2.0  # of frame 0, upper right
        maps[1, 2, 3, 0] = 1.0  # of frame 1, lower left, speaks against the answer
    score = (maps[:, 1].sum() - maps[:, 2].sum())[None]
    found = kind(maps, score)
    assert found.argmax() == 5
    assert found[1].abs().max() == 0


def test_one_scale_for_all_frames():
    maps = torch.zeros(2, 2, 2)
    maps[0, 0, 0], maps[1, 1, 1] = 4.0, 1.0
    large = enlarged(maps, 8)
    assert large[0].max() == 1
    assert large[1].max() == 0.25
    assert large[0, 0, 0] == 1
    assert enlarged(torch.zeros(1, 2, 2), 4).abs().sum() == 0


def test_the_layer_is_the_deepest_that_is_not_too_coarse():
    taps = [torch.zeros(1, 1, side, side) for side in (32, 16, 8, 4, 4)]
    assert chosen_layer(taps, None) == 2
    assert chosen_layer(taps[3:], None) == 0
    assert chosen_layer(taps, 5) == 4
    with pytest.raises(InputError, match=r"explain.layer: found 6, expected 1 to 5"):
        chosen_layer(taps, 6)


def test_networks_answer_as_in_the_evaluation(run):
    module, about = load_student(run.root / "student/model.json")
    rows = run.rows("test")
    expected = video_logits(
        module, video_batches(about, run.frames, run.table, CPU), rows, 16, "fp32"
    ).softmax(1)
    sensors = [GafImages(path, run.table["clip"]) for path in run.gaf]
    source = SignalBatches(sensors, run.table["action"].to_numpy(), CPU)
    teachers, _ = load_teacher(run.root / "fusion/model.json")
    joint = signal_logits(teachers, source, rows, 16).softmax(1)
    for place, row in enumerate(rows):
        seen = see_video(module, about, FrameStore(run.frames), run.table["clip"][row], None)
        np.testing.assert_allclose(seen.probabilities, expected[place], rtol=1e-4)
        images, shares = see_signals(teachers, source, row, None)
        np.testing.assert_allclose(shares, joint[place], rtol=1e-4)
        ordered = np.sort(joint[place].log().numpy())
        lead = np.mean([image.lead for image in images.values()])
        assert lead == pytest.approx(float(ordered[-1] - ordered[-2]), abs=1e-3)
        assert list(images) == (["accelerometer"] if row == 18 else list(SENSORS))


def drawn(frame, places, heat=None):
    """Renders a clip of black frames of which one is bright in its upper left corner."""
    frames = np.zeros((4, 16, 16, 1), np.uint8)
    frames[frame, :8, :8] = 255
    maps = np.zeros((4, 16, 16), np.float32) if heat is None else heat
    looks = Looks(maps, maps, 3)
    no_map = np.zeros((1, 8, 8), np.float32)
    gaf = np.zeros((8, 8, 3), np.uint8)
    signal = SeenSignal("wrist", np.zeros((9, 3)), gaf, Looks(no_map, no_map, 3), 1.0, list("xyz"))
    video = SeenVideo(frames, np.array(places), looks, np.array([0.2, 0.5, 0.3]))
    figure = draw(Explained("x", NAMES, 1, 2.0, video, [signal], np.ones(3) / 3, ["field"]))
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=50)
    return figure, np.asarray(Image.open(buffer).convert("RGB"), int)


def test_frames_are_upright_and_in_order():
    figure, pixels = drawn(2, [0.1, 0.3, 0.6, 0.9])
    height = len(pixels)
    box = figure.axes[0].get_position()  # the row of frames as they are
    row = pixels[round(height * (1 - box.y1)) : round(height * (1 - box.y0))].sum(2)
    left, width = round(pixels.shape[1] * box.x0), box.width * pixels.shape[1] / 4
    slots = [row[:, round(left + k * width) : round(left + (k + 1) * width)] for k in range(4)]
    bright = [(slot[5:-5, 8:-8] > 600).mean() for slot in slots]
    assert np.argmax(bright) == 2
    rows, columns = np.nonzero(slots[2][4:-4, 8:-8] > 600)
    assert rows.mean() < 0.4 * len(row)
    assert columns.mean() < 0.4 * width


def test_a_map_without_evidence_is_called_so():
    figure, _ = drawn(0, [0.1, 0.3, 0.6, 0.9])
    words = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert words.count("none") == 4 + 4 + 2
    heat = np.zeros((4, 16, 16), np.float32)
    heat[1, 3, 3], heat[3, 3, 3] = 0.75, 0.25
    figure, _ = drawn(0, [0.1, 0.3, 0.6, 0.9], heat)
    words = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert [word for word in words if word.endswith("%")][:4] == ["0%", "75%", "0%", "25%"]
    assert {"0.20 s", "1.80 s"} <= set(words)


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({}, [18, 22, 20, 23, 21]),
        ({"correct": 1, "wrong": 1}, [18, 23]),
        ({"per_class": 1}, [18, 19, 20]),
    ],
)
def test_choice_of_clips(run, options, rows):
    found = choose_clips(run.table, run.root / "predictions.csv", ExplainOptions(**options))
    assert found == rows


def test_named_clips_and_bad_choices(run):
    clip = run.table["clip"][3]
    named = choose_clips(run.table, run.root / "none.csv", ExplainOptions(clips=[clip]))
    assert named == [3]
    with pytest.raises(InputError, match=r"explain.clips: no clip 'x'"):
        choose_clips(run.table, run.root / "none.csv", ExplainOptions(clips=["x"]))
    with pytest.raises(InputError, match="not predictions"):
        choose_clips(run.table, run.root / "none.csv", ExplainOptions())
    with pytest.raises(InputError, match=r"explain.wrong: -1 is less"):
        parse_options(ExplainOptions, {"wrong": -1}, "explain")


def test_stage_writes_a_picture_a_clip(run, tmp_path):
    sensor = {"columns": [0, 1, 2], "path": "x", "rate_hz": 50}
    paths = {
        "clips": [run.clips],
        "frames": run.frames,
        "gaf": run.gaf,
        "student": [run.root / "student/model.json"],
        "teachers": [run.root / "fusion/model.json"],
        "predictions": [run.root / "predictions.csv"],
        "root": [run.root],
        "sensors": [json.dumps(dict.fromkeys(SENSORS, sensor))],
        "options": [json.dumps({"correct": 1, "wrong": 1})],
        "pictures": [tmp_path / "pictures"],
        "output": [tmp_path / "index.json"],
    }
    main([str(word) for name, words in paths.items() for word in (f"--{name}", *words)])
    index = json.loads((tmp_path / "index.json").read_text())
    assert [record["clip"] for record in index["clips"]] == run.table["clip"][[18, 23]].tolist()
    for record in index["clips"]:
        with Image.open(tmp_path / "pictures" / record["picture"]) as picture:
            assert picture.width == 1430
        assert record["student"] in NAMES
        assert 0 < record["student_probability"] <= 1
        assert 1 <= record["strongest_frame"] <= 4
    assert list(index["clips"][0]["teacher_layers"]) == ["accelerometer"]
    assert index["clips"][0]["decided"] == "accelerometer"
    assert "accelerometer +" in index["clips"][0]["leads"]


def test_a_sensor_of_ready_images_is_drawn_without_a_signal():
    maps = np.zeros((1, 8, 8), np.float32)
    looks, gaf = Looks(maps, maps, 3), np.zeros((8, 8, 6), np.uint8)
    ready = SeenSignal("belt", None, gaf[..., :3], looks, -0.4, [])
    frames = np.zeros((4, 16, 16, 1), np.uint8)
    heat = np.zeros((4, 16, 16), np.float32)
    video = SeenVideo(frames, np.arange(4) / 4, Looks(heat, heat, 3), np.ones(3) / 3)
    both = [SeenSignal("wrist", np.zeros((9, 3)), gaf, looks, 1.0, list("xyz")), ready]
    for signals, fields in ((both, ["summation field", "difference field"]), ([ready], [READY])):
        figure = draw(Explained("x", NAMES, 1, 2.0, video, signals, None, fields))
        titles = [axes.get_title() for axes in figure.axes]
        assert titles.count(READY) == 1
        assert titles.count("summation field") == len(signals) - 1
        lines = [line for axes in figure.axes for line in axes.get_lines()]
        assert sum(len(line.get_xdata()) == 9 for line in lines) == 3 * (len(signals) - 1)
