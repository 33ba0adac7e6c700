"""Who performs and how: a subject's build and style, and one performance of an action."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from sakdn.data.demo.actions import ACTIONS, STANDING, Action, Pose
from sakdn.data.demo.body import SEGMENTS, Body, Motion, forward_kinematics
from sakdn.data.demo.sensors import SENSORS

Array = np.ndarray
RAMP_S = 0.6
WANDER_HZ = (0.15, 1.1)
# How far habits (a subject's and a clip's) and slow wandering move a joint, degrees.
HABIT_DEG = {"arm": 5.0, "trunk": 2.0, "leg": 0.8}
WANDER_DEG = {"arm": 1.2, "trunk": 0.6, "leg": 0.3}


@dataclass(frozen=True)
class Subject:
    """One person: proportions, tempo and size of movements, habits, sensor mounting."""

    body: Body
    tempo: float
    size: float
    habit_deg: Array
    mounting: dict[str, Rotation]
    skin: Array
    hair: Array


@dataclass(frozen=True)
class Performance:
    """One repetition of an action by a subject: a pure function of time."""

    subject: Subject
    action: Action
    duration_s: float
    start_s: float
    stop_s: float
    frequency_hz: float
    size: float
    phase: float
    drift_phase: float
    habit_deg: Array
    wander: tuple[Array, Array, Array]

    def angles_deg(self, time_s: Array) -> Array:
        """Joint angles [T, segments, 3] in degrees at the given times [T]."""
        idle = _as_array(STANDING, len(time_s))
        pose = STANDING | self.action.pose(self._phase(time_s), self.size)
        target = _as_array(pose, len(time_s))
        angles = idle + self._active(time_s)[:, None, None] * (target - idle)
        return angles + self.habit_deg + self._wander_deg(time_s)

    def motion(self, time_s: Array) -> Motion:
        """Where every segment is at the given times [T]."""
        share = self.action.right_share(self._phase(time_s))
        # The weight shifts before the other foot leaves the floor.
        shifted = 1.0 - (1.0 - self._active(time_s)) ** 3
        share = 0.5 + shifted * (share - 0.5)
        return forward_kinematics(self.subject.body, self.angles_deg(time_s), share)

    def _phase(self, time_s: Array) -> Array:
        """Phase [T] in radians, at a slightly uneven tempo."""
        even = 2.0 * np.pi * self.frequency_hz * (time_s - self.start_s) + self.phase
        return even + 0.25 * np.sin(2.0 * np.pi * 0.5 * time_s + self.drift_phase)

    def _active(self, time_s: Array) -> Array:
        """0 where the figure stands, 1 where it performs [T]."""
        rise = _smootherstep((time_s - self.start_s) / RAMP_S)
        return rise * _smootherstep((self.stop_s - time_s) / RAMP_S)

    def _wander_deg(self, time_s: Array) -> Array:
        amplitude_deg, frequency_hz, phase = self.wander
        angle = 2.0 * np.pi * frequency_hz * time_s[:, None, None, None] + phase
        return (amplitude_deg * np.sin(angle)).sum(axis=1)  # [T, waves, S, 3] -> [T, S, 3]


def draw_subject(rng: np.random.Generator) -> Subject:
    """Draws a person."""
    body = Body(
        height_m=float(rng.uniform(1.52, 1.93)),
        arm_scale=float(rng.uniform(0.94, 1.06)),
        leg_scale=float(rng.uniform(0.95, 1.05)),
        width_scale=float(rng.uniform(0.9, 1.12)),
        girth_scale=float(rng.uniform(0.85, 1.3)),
    )
    skin = np.array([0.93, 0.76, 0.64]) * rng.uniform(0.45, 1.0) ** np.array([0.7, 1.0, 1.2])
    hair = np.array([[0.1, 0.08, 0.07], [0.3, 0.18, 0.1], [0.7, 0.55, 0.3], [0.55, 0.55, 0.55]])
    # A band turns about the limb more easily than it tilts.
    mounting = {
        sensor: Rotation.from_rotvec(rng.normal(0.0, [6.0, 6.0, 18.0]), degrees=True)
        for sensor in SENSORS
    }
    return Subject(
        body=body,
        tempo=float(rng.uniform(0.82, 1.2)),
        size=float(rng.uniform(0.8, 1.15)),
        habit_deg=rng.normal(0.0, 1.0, (len(SEGMENTS), 3)) * _spread(HABIT_DEG),
        mounting=mounting,
        skin=skin,
        hair=rng.choice(hair),
    )


def draw_performance(
    subject: Subject, action: int, fps: int, rng: np.random.Generator
) -> Performance:
    """Draws one performance of `ACTIONS[action]`; its duration is a whole number of frames."""
    duration_s = round(rng.uniform(2.3, 3.2) * fps) / fps
    waves = (3, len(SEGMENTS), 3)
    wander = (
        rng.normal(0.0, 1.0, waves) * _spread(WANDER_DEG),
        rng.uniform(*WANDER_HZ, waves),
        rng.uniform(0.0, 2.0 * np.pi, waves),
    )
    habit = 0.5 * rng.normal(0.0, 1.0, (len(SEGMENTS), 3)) * _spread(HABIT_DEG)
    return Performance(
        subject=subject,
        action=ACTIONS[action],
        duration_s=duration_s,
        start_s=float(rng.uniform(0.0, 0.25)),
        stop_s=duration_s - float(rng.uniform(0.0, 0.2)),
        frequency_hz=ACTIONS[action].frequency_hz * subject.tempo * float(rng.uniform(0.92, 1.08)),
        size=subject.size * float(rng.uniform(0.9, 1.1)),
        phase=float(rng.normal(0.0, 0.3)),
        drift_phase=float(rng.uniform(0.0, 2.0 * np.pi)),
        habit_deg=subject.habit_deg + habit,
        wander=wander,
    )


def _smootherstep(x: Array) -> Array:
    """0 below 0, 1 above 1, with continuous acceleration between."""
    x = np.clip(x, 0.0, 1.0)
    return x**3 * (10.0 - 15.0 * x + 6.0 * x**2)


def _as_array(pose: Pose, steps: int) -> Array:
    angles = np.zeros((steps, len(SEGMENTS), 3))
    for segment, channels in pose.items():
        for axis, channel in enumerate(channels):
            angles[:, SEGMENTS.index(segment), axis] = channel
    return angles


def _spread(degrees: dict[str, float]) -> Array:
    """Standard deviation of every joint channel [segments, 3]."""
    spread = np.empty((len(SEGMENTS), 3))
    for index, segment in enumerate(SEGMENTS):
        if segment.endswith(("thigh", "shank", "foot")):
            spread[index] = degrees["leg"]
        else:
            trunk = segment in ("pelvis", "chest", "head")
            spread[index] = degrees["trunk" if trunk else "arm"]
    return spread
