"""What an accelerometer and a gyroscope worn on a moving segment read."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from sakdn.data.demo.body import Body, Motion

Array = np.ndarray
RATE_HZ = 50
GRAVITY_M_S2 = 9.80665
SENSORS = ("wrist", "thigh")
ACCELERATION_NOISE_G, ACCELERATION_BIAS_G = 0.015, 0.02
GYROSCOPE_NOISE_DEG_S, GYROSCOPE_BIAS_DEG_S = 1.0, 1.5


@dataclass(frozen=True)
class Site:
    """Where a sensor sits: the segment, and the point in the segment's frame, metres."""

    segment: str
    local_m: Array


def site(sensor: str, body: Body) -> Site:
    """The place of a sensor of `SENSORS` on a body: both are on the right side."""
    if sensor == "wrist":
        local_m = np.array([0.0, -0.018 * body.height_m, -0.92 * body.forearm_m])
        return Site("right_forearm", local_m)
    outside_m = 0.05 * body.height_m * body.girth_scale
    return Site("right_thigh", np.array([0.0, -outside_m, -0.5 * body.thigh_m]))


def sample_times_s(duration_s: float) -> Array:
    """Times [2 L + 1] at which `ideal_signals` needs the motion: half steps around L samples."""
    count = round(duration_s * RATE_HZ)
    return np.arange(2 * count + 1) / (2 * RATE_HZ)


def ideal_signals(motion: Motion, place: Site, mounting: Rotation) -> Array:
    """Noise-free readings [L, 6] of a sensor, in its own frame.

    The acceleration is the second difference of the sensor point's world
    position plus gravity, in g; the angular velocity is the rotation over one
    sampling interval, in degrees per second, so that its sum is the rotation.

    Args:
        motion: The motion at `sample_times_s`.
        place: The segment and the point that carry the sensor.
        mounting: Rotation from the sensor's frame to the segment's.
    """
    step_s = 1.0 / (2 * RATE_HZ)
    point_m = motion.point(place.segment, place.local_m)
    frame = motion.rotation[place.segment] * mounting
    moved = (point_m[2::2] - 2.0 * point_m[1:-1:2] + point_m[:-2:2]) / step_s**2
    moved[:, 2] += GRAVITY_M_S2
    acceleration_g = frame[1:-1:2].apply(moved / GRAVITY_M_S2, inverse=True)
    turn = frame[:-2:2].inv() * frame[2::2]
    gyroscope_deg_s = turn.as_rotvec(degrees=True) * RATE_HZ
    return np.concatenate([acceleration_g, gyroscope_deg_s], axis=1)


def add_errors(signals: Array, rng: np.random.Generator) -> Array:
    """Adds a constant bias and white noise of a cheap device to readings [L, 6]."""
    bias = np.repeat([ACCELERATION_BIAS_G, GYROSCOPE_BIAS_DEG_S], 3)
    noise = np.repeat([ACCELERATION_NOISE_G, GYROSCOPE_NOISE_DEG_S], 3)
    return signals + bias * rng.normal(size=6) + noise * rng.normal(size=signals.shape)
