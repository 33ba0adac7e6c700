"""One clip of the demo data set: a performance, filmed and sensed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from sakdn.data.demo.camera import Camera, draw_camera
from sakdn.data.demo.figure import draw_clothes, dress, pose_parts
from sakdn.data.demo.performer import Performance, Subject, draw_performance, draw_subject
from sakdn.data.demo.render import draw
from sakdn.data.demo.scene import background, draw_light, draw_occluder, draw_room
from sakdn.data.demo.sensors import SENSORS, add_errors, ideal_signals, sample_times_s, site
from sakdn.data.demo.write import write_signals, write_video
from sakdn.options.demo import DemoOptions

Array = np.ndarray
SENSOR_FOLDERS = {"wrist": "Inertial", "thigh": "InertialThigh"}
VIDEO_FOLDER = "RGB"
PIXELS_AT_A_TIME = 2**20  # 16 MB of colour and depth.


def clip_files(action: int, subject: int, trial: int) -> dict[str, str]:
    """Paths of a clip's video and sensors in UTD-MHAD's layout; all numbers count from 1."""
    clip = f"a{action}_s{subject}_t{trial}"
    sensors = {name: f"{folder}/{clip}_inertial.mat" for name, folder in SENSOR_FOLDERS.items()}
    return {"video": f"{VIDEO_FOLDER}/{clip}_color.avi"} | sensors


def make_performance(
    options: DemoOptions, action: int, subject: int, trial: int
) -> tuple[Performance, np.random.Generator, np.random.Generator]:
    """A clip's performance and its random streams for the scene and for the sensors.

    Streams depend on seed, subject, action and trial only, not on picture size,
    number of clips or processes.
    """
    person = draw_subject(np.random.default_rng([options.seed, subject]))
    seeds = np.random.SeedSequence([options.seed, subject, action, trial]).spawn(3)
    motion_rng, scene_rng, sensor_rng = (np.random.default_rng(seed) for seed in seeds)
    performance = draw_performance(person, action - 1, options.fps, motion_rng)
    return performance, scene_rng, sensor_rng


def write_clip(root: Path, options: DemoOptions, action: int, subject: int, trial: int) -> None:
    """Writes a clip's video and signals below `root`."""
    performance, scene_rng, sensor_rng = make_performance(options, action, subject, trial)
    files = clip_files(action, subject, trial)
    camera = draw_camera(options.width_px, options.height_px, scene_rng)
    frames = film(performance, camera, options.fps, scene_rng)
    write_video(root / files["video"], frames, options.fps)
    for sensor, signals in sense(performance, sensor_rng).items():
        write_signals(root / files[sensor], signals)


def sense(performance: Performance, rng: np.random.Generator) -> dict[str, Array]:
    """Readings [L, 6] of every sensor (g, deg/s) at 50 Hz."""
    subject = performance.subject
    motion = performance.motion(sample_times_s(performance.duration_s))
    return {
        name: add_errors(
            ideal_signals(motion, site(name, subject.body), subject.mounting[name]), rng
        )
        for name in SENSORS
    }


def film(
    performance: Performance, camera: Camera, fps: int, rng: np.random.Generator
) -> Iterator[Array]:
    """Yields the frames of a clip, uint8 RGB [H, W, 3], in a scene drawn from `rng`."""
    light, room, clothes = draw_light(rng), draw_room(rng), draw_clothes(rng)
    image = background(room, camera, light)[None]
    depth_m = np.full(image.shape[:3], np.inf, dtype=np.float32)
    occluder = draw_occluder(camera, rng)
    if occluder is not None:
        draw(image, depth_m, occluder, camera, light)
    subject: Subject = performance.subject
    motion = performance.motion(np.arange(round(performance.duration_s * fps)) / fps)
    capsules = pose_parts(dress(subject, clothes), subject.body, motion)
    at_a_time = max(1, PIXELS_AT_A_TIME // depth_m.size)
    for first in range(0, len(capsules.ends_m), at_a_time):
        some = replace(capsules, ends_m=capsules.ends_m[first : first + at_a_time])
        frames, frames_depth_m = (
            np.repeat(each, len(some.ends_m), axis=0) for each in (image, depth_m)
        )
        draw(frames, frames_depth_m, some, camera, light)
        yield from np.clip(frames * 255.0 + 0.5, 0.0, 255.0).astype(np.uint8)
