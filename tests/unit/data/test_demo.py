"""The demo data set: physics of the sensors, files, determinism, look-alike pairs."""

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import decord
import numpy as np
import pytest
from scipy.io import loadmat
from scipy.spatial.transform import Rotation

from sakdn.base.errors import InputError
from sakdn.data.demo.actions import ACTIONS
from sakdn.data.demo.body import SEGMENTS, Body, forward_kinematics
from sakdn.data.demo.camera import Camera, draw_camera
from sakdn.data.demo.clip import film, make_performance, sense
from sakdn.data.demo.figure import draw_clothes, dress, pose_parts
from sakdn.data.demo.render import draw
from sakdn.data.demo.scene import Light
from sakdn.data.demo.sensors import RATE_HZ, ideal_signals, sample_times_s, site
from sakdn.options.demo import DemoOptions
from sakdn.stages.demo_data import generate, main

TINY = DemoOptions(subjects=1, trials=1, actions=2, width_px=64, height_px=48, fps=10)
SHARED = Path(os.environ.get("SAKDN_SHARED", Path(__file__).parents[4] / "shared"))
NAMES = [action.name for action in ACTIONS]
CAMERA_CONFUSES = [
    ("right hand point", "right hand twist"),
    ("right hand knock on door", "right hand push"),
]
SENSORS_CONFUSE = [
    ("right hand wave", "two hand wave"),
    ("left arm raise", "left leg kick"),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    root = tmp_path_factory.mktemp("demo")
    generate(TINY, root / "manifest.json", processes=1)
    return root


@pytest.fixture(scope="module")
def seen():
    """Mean silhouette and sensor features of every action, all else equal."""
    performance, scene_rng, _ = make_performance(DemoOptions(fps=10), 1, 1, 1)
    clothes = draw_clothes(scene_rng)
    result = {}
    for action in ACTIONS:
        same = replace(performance, action=action, frequency_hz=action.frequency_hz)
        signals = sense(same, np.random.default_rng(0)).values()
        result[action.name] = mean_silhouette(same, clothes), sensor_features(signals)
    return result


def sensor_features(signals):
    """Log of how far and how fast every axis of every sensor moves, above the noise."""
    floor = np.repeat([0.05, 5.0], 3)
    middle = [values[30:-30] for values in signals]
    moves = [values.std(axis=0) + floor for values in middle]
    rates = [np.diff(values, axis=0).std(axis=0) + floor for values in middle]
    return np.log(np.concatenate(moves + rates))


def mean_silhouette(performance, clothes):
    camera = Camera(25.0, 8.0, 3.5, 0.0, 80, 60)
    white = Light(np.array([0.0, 0.0, -1.0]), ambient=1.0, diffuse=0.0, tint=np.ones(3))
    parts = [replace(part, colour=np.ones(3)) for part in dress(performance.subject, clothes)]
    motion = performance.motion(np.arange(0.5, performance.duration_s - 0.5, 0.1))
    capsules = pose_parts(parts, performance.subject.body, motion)
    images = np.zeros((len(capsules.ends_m), 60, 80, 3), dtype=np.float32)
    draw(images, np.full(images.shape[:3], np.inf, dtype=np.float32), capsules, camera, white)
    return images[..., 0].mean(axis=0)


def silhouette_distance(seen, pair):
    first, second = (seen[name][0] for name in pair)
    return np.abs(first - second).sum() / (first + second).sum()


def sensor_distance(seen, pair):
    first, second = (seen[name][1] for name in pair)
    return np.sqrt(np.mean((first - second) ** 2))


def still(steps):
    return forward_kinematics(Body(), np.zeros((steps, len(SEGMENTS), 3)), np.full(steps, 0.5))


def moving(duration_s, segment, angles_deg):
    angles = np.zeros((len(sample_times_s(duration_s)), len(SEGMENTS), 3))
    angles[:, SEGMENTS.index(segment)] = angles_deg
    return forward_kinematics(Body(), angles, np.full(len(angles), 0.5))


@pytest.mark.parametrize("sensor", ["wrist", "thigh"])
def test_still_sensor_reads_one_g_upwards(sensor):
    mounting = Rotation.from_rotvec([20.0, -10.0, 30.0], degrees=True)
    signals = ideal_signals(still(101), site(sensor, Body()), mounting)
    assert signals.shape == (50, 6)
    up = mounting.apply(signals[:, :3])
    np.testing.assert_allclose(up, np.tile([0.0, 0.0, 1.0], (50, 1)), atol=1e-9)
    np.testing.assert_allclose(signals[:, 3:], 0.0, atol=1e-9)


def test_gyroscope_integrates_to_the_rotation_of_the_segment():
    performance, _, _ = make_performance(DemoOptions(), NAMES.index("right hand twist") + 1, 2, 1)
    times = sample_times_s(performance.duration_s)
    motion, subject = performance.motion(times), performance.subject
    mounting = subject.mounting["wrist"]
    signals = ideal_signals(motion, site("wrist", subject.body), mounting)
    frame = motion.rotation["right_forearm"] * mounting
    turned = frame[0]
    for rate in signals[:, 3:]:
        turned = turned * Rotation.from_rotvec(rate / RATE_HZ, degrees=True)
    assert (turned.inv() * frame[-1]).magnitude() < 1e-6
    assert np.abs(signals[:, 3:]).max() > 200.0


def test_swinging_arm_reads_the_centripetal_acceleration():
    times = sample_times_s(1.0)
    rate_rad_s = 2.0
    swing = np.stack([np.rad2deg(rate_rad_s * times), 0 * times, 0 * times], axis=1)
    body, place = Body(), site("wrist", Body())
    motion = moving(1.0, "right_upper_arm", swing)
    signals = ideal_signals(motion, place, Rotation.identity())
    centre = motion.joint_m["right_upper_arm"][1:-1:2]
    outwards = motion.point("right_forearm", place.local_m)[1:-1:2] - centre
    outwards[:, 1] = 0.0
    expected = -(rate_rad_s**2) * outwards / 9.80665 + [0.0, 0.0, 1.0]
    read = motion.rotation["right_forearm"][1:-1:2].apply(signals[:, :3])
    np.testing.assert_allclose(read, expected, atol=1e-3)
    assert np.abs(outwards).max() > 0.9 * (body.upper_arm_m + 0.92 * body.forearm_m)


@pytest.mark.parametrize("number", range(1, len(ACTIONS) + 1), ids=NAMES)
def test_figure_stands_on_the_floor(number):
    performance, _, _ = make_performance(DemoOptions(), number, 1, 1)
    motion = performance.motion(np.arange(0.0, performance.duration_s, 0.05))
    sole = [0.05, 0.0, -performance.subject.body.ankle_m]
    heights = [motion.point(f"{side}_foot", sole)[:, 2] for side in ("right", "left")]
    assert np.abs(np.min(heights, axis=0)).max() < 0.03
    sinks = np.ptp(motion.joint_m["pelvis"][:, 2]) > 0.2
    assert sinks == (NAMES[number - 1] == "squat")


def test_videos_decode_to_the_promised_frames_in_any_order(written):
    performance, _, _ = make_performance(TINY, 1, 1, 1)
    path = str(written / "RGB/a1_s1_t1_color.avi")
    reader = decord.VideoReader(path)
    assert len(reader) == round(performance.duration_s * TINY.fps)
    frames = reader.get_batch(range(len(reader))).asnumpy()
    assert frames.shape[1:] == (48, 64, 3)
    assert np.abs(np.diff(frames.astype(int), axis=0)).max() > 50
    order = np.random.default_rng(0).permutation(len(reader))
    np.testing.assert_array_equal(
        decord.VideoReader(path).get_batch(order).asnumpy(), frames[order]
    )


def test_frames_are_the_same_however_many_are_drawn_at_a_time(monkeypatch):
    performance, scene_rng, _ = make_performance(TINY, 1, 1, 1)
    camera, state = draw_camera(64, 48, scene_rng), scene_rng.bit_generator.state
    together = np.stack(list(film(performance, camera, TINY.fps, scene_rng)))
    scene_rng.bit_generator.state = state
    monkeypatch.setattr("sakdn.data.demo.clip.PIXELS_AT_A_TIME", 3 * 64 * 48)
    apart = np.stack(list(film(performance, camera, TINY.fps, scene_rng)))
    assert len(together) == round(performance.duration_s * TINY.fps) > 3
    np.testing.assert_array_equal(apart, together)


@pytest.mark.parametrize("folder", ["Inertial", "InertialThigh"])
def test_signals_are_as_long_as_the_video(written, folder):
    performance, _, _ = make_performance(TINY, 1, 1, 1)
    signals = loadmat(written / folder / "a1_s1_t1_inertial.mat")["d_iner"]
    assert signals.dtype == np.float64
    assert signals.shape == (round(performance.duration_s * RATE_HZ), 6)
    assert 0.9 < np.linalg.norm(signals[:3, :3], axis=1).mean() < 1.1


def test_manifest_lists_every_file(written):
    manifest = json.loads((written / "manifest.json").read_text())
    paths = {entry["path"] for entry in manifest["files"]}
    present = {path.relative_to(written).as_posix() for path in written.glob("*/*")}
    assert paths == present | {"classes.txt"}
    assert len(present) == 6
    for entry in manifest["files"]:
        content = (written / entry["path"]).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert (written / "classes.txt").read_text().splitlines() == NAMES[:2] == manifest["classes"]


def test_same_bytes_for_any_number_of_processes(written, tmp_path):
    generate(TINY, tmp_path / "manifest.json", processes=2)
    assert (tmp_path / "manifest.json").read_text() == (written / "manifest.json").read_text()


def test_signals_do_not_depend_on_picture_size_or_number_of_clips():
    first = make_performance(TINY, 2, 1, 1)
    second = make_performance(TINY.model_copy(update={"subjects": 3, "width_px": 160}), 2, 1, 1)
    for left, right in zip(
        sense(first[0], first[2]).values(), sense(second[0], second[2]).values()
    ):
        np.testing.assert_array_equal(left, right)


def test_seed_changes_the_motion():
    first, _, _ = make_performance(TINY, 1, 1, 1)
    second, _, _ = make_performance(TINY.model_copy(update={"seed": 8}), 1, 1, 1)
    assert first.subject.body != second.subject.body
    assert first.frequency_hz != second.frequency_hz


def test_second_run_removes_clips_of_the_first(tmp_path):
    one = TINY.model_copy(update={"actions": 1})
    generate(one.model_copy(update={"trials": 2}), tmp_path / "manifest.json", processes=1)
    (tmp_path / "manifest.json").unlink()
    generate(one, tmp_path / "manifest.json", processes=1)
    assert [path.name for path in (tmp_path / "RGB").iterdir()] == ["a1_s1_t1_color.avi"]


def test_recordings_of_others_are_left_alone(tmp_path):
    other = tmp_path / "RGB" / "a1_s1_t1_color.avi"
    other.parent.mkdir()
    other.write_bytes(b"a real recording")
    with pytest.raises(InputError, match="choose another folder"):
        generate(TINY, tmp_path / "manifest.json", processes=1)
    assert other.read_bytes() == b"a real recording"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"subject": 3}, r"subject is not a key; did you mean data\.demo\.subjects"),
        ({"subjects": 0}, "less than the minimum of 1"),
        ({"trials": 2.5}, "expected whole number"),
        ({"seed": True}, "expected whole number"),
        ({"actions": len(ACTIONS) + 1}, f"maximum of {len(ACTIONS)}"),
        ({"width_px": 101}, "even"),
    ],
)
def test_wrong_options_are_named(options, words, tmp_path):
    arguments = ["--options", json.dumps(options), "--output", str(tmp_path / "manifest.json")]
    with pytest.raises(InputError, match=words):
        main(arguments)
    assert not list(tmp_path.iterdir())


def test_class_names_are_in_the_vocabulary():
    words_file = SHARED / "glove" / "glove.6B.100d.subset.txt"
    if not words_file.exists():
        pytest.skip("shared GloVe words are absent")
    vocabulary = {line.split(" ", 1)[0] for line in words_file.read_text("utf-8").splitlines()}
    assert {word for name in NAMES for word in name.split()} <= vocabulary
    assert len(set(NAMES)) == len(NAMES) >= 8


@pytest.mark.parametrize("pair", CAMERA_CONFUSES)
def test_camera_confuses_what_the_sensors_tell_apart(seen, pair):
    for other in SENSORS_CONFUSE:
        assert silhouette_distance(seen, pair) < 0.6 * silhouette_distance(seen, other)
        assert sensor_distance(seen, pair) > 2.0 * sensor_distance(seen, other)


def test_movements_are_visible_in_the_silhouette(seen):
    for pair in SENSORS_CONFUSE:
        assert silhouette_distance(seen, pair) > 0.05
