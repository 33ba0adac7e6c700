"""The actions: target joint angles over the phase of a movement.

Pairs that the camera confuses and the sensors do not: point and twist (the
forearm turns about its own axis), knock and push (one path, two speeds). Pairs
that the sensors on the right wrist and right thigh confuse and the camera does
not: wave with one and with two hands; left arm raise and left leg kick.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

Array = np.ndarray
Channel = Array | float
# segment -> flexion, abduction, rotation in degrees (see body.joint_rotation)
Pose = dict[str, tuple[Channel, Channel, Channel]]

STANDING: Pose = {
    "right_upper_arm": (0.0, 9.0, 5.0),
    "left_upper_arm": (0.0, 9.0, 5.0),
    "right_forearm": (14.0, 0.0, 15.0),
    "left_forearm": (14.0, 0.0, 15.0),
    "right_thigh": (2.0, 4.0, -6.0),
    "left_thigh": (2.0, 4.0, -6.0),
    "right_shank": (4.0, 0.0, 0.0),
    "left_shank": (4.0, 0.0, 0.0),
    "right_foot": (2.0, -4.0, 0.0),
    "left_foot": (2.0, -4.0, 0.0),
}


@dataclass(frozen=True)
class Action:
    """A class: its English name, its tempo and its pose.

    `pose(phase, size)` takes the phase in radians [T] and the size of the
    movement (1 = average) and returns the angles of the segments that move;
    `right_share(phase)` is the share of the weight on the right foot.
    """

    name: str
    frequency_hz: float
    pose: Callable[[Array, float], Pose]
    right_share: Callable[[Array], Channel] = lambda phase: 0.5


def _pulse(phase: Array, sharpness: int = 1) -> Array:
    """0 at phase 0, 1 at half a cycle; a higher sharpness makes it shorter."""
    return ((1.0 - np.cos(phase)) / 2.0) ** sharpness


def _leg(side: str, hip: Channel, knee: Channel) -> Pose:
    """A leg whose foot stays level."""
    return {
        f"{side}_thigh": (hip, 4.0, -6.0),
        f"{side}_shank": (knee, 0.0, 0.0),
        f"{side}_foot": (np.asarray(knee) - hip, -4.0, 0.0),
    }


def _waving_arm(side: str, phase: Array, size: float) -> Pose:
    return {
        f"{side}_upper_arm": (8.0, 70.0 + 4.0 * size * np.sin(phase), -85.0),
        f"{side}_forearm": (95.0 + 28.0 * size * np.sin(phase), 0.0, 0.0),
        f"{side}_hand": (14.0 * size * np.sin(phase - 0.7), 0.0, 0.0),
    }


def _wave(phase: Array, size: float) -> Pose:
    return _waving_arm("right", phase, size)


def _two_hand_wave(phase: Array, size: float) -> Pose:
    return _waving_arm("right", phase, size) | _waving_arm("left", phase, size)


def _point(phase: Array, size: float) -> Pose:
    return {
        "right_upper_arm": (82.0 + 2.0 * size * np.sin(phase), 6.0, 0.0),
        "right_forearm": (8.0, 0.0, 10.0),
    }


def _twist(phase: Array, size: float) -> Pose:
    return _point(phase, size) | {"right_forearm": (8.0, 0.0, 10.0 + 60.0 * size * np.sin(phase))}


def _knock(phase: Array, size: float) -> Pose:
    hit = size * _pulse(phase, sharpness=3)
    return {
        "right_upper_arm": (62.0 + 3.0 * hit, 8.0, 0.0),
        "right_forearm": (84.0 - 17.0 * hit, 0.0, 40.0),
        "right_hand": (-8.0 + 14.0 * hit, 0.0, 0.0),
    }


def _push(phase: Array, size: float) -> Pose:
    reach = size * _pulse(phase)
    return {
        "right_upper_arm": (54.0 + 20.0 * reach, 8.0, 0.0),
        "right_forearm": (98.0 - 48.0 * reach, 0.0, 40.0),
        "right_hand": (-30.0, 0.0, 0.0),
        "chest": (3.0 * reach, 0.0, 3.0 * reach),
    }


def _left_arm_raise(phase: Array, size: float) -> Pose:
    lift = _pulse(phase)
    return {
        "left_upper_arm": (0.0, 9.0 + 125.0 * size * lift, 0.0),
        "left_forearm": (14.0, 0.0, 0.0),
        "chest": (0.0, -2.0 * lift, 0.0),
    }


def _left_leg_kick(phase: Array, size: float) -> Pose:
    swing = -np.cos(phase)
    leg = _leg("left", 18.0 + 38.0 * size * swing, 34.0 - 30.0 * np.cos(phase + 1.2))
    return leg | {"left_foot": (-20.0, 0.0, 0.0), "chest": (-2.0 - 3.0 * swing, 0.0, 0.0)}


def _jog(phase: Array, size: float) -> Pose:
    pose: Pose = {"chest": (6.0, 0.0, 4.0 * np.sin(phase)), "pelvis": (2.0, 0.0, 0.0)}
    for side, leg_phase in (("right", phase), ("left", phase + np.pi)):
        lift = size * _pulse(leg_phase, sharpness=2)
        pose |= _leg(side, 8.0 + 42.0 * lift, 14.0 + 66.0 * lift)
        pose[f"{side}_foot"] = (6.0 - 16.0 * lift, -4.0, 0.0)
        swing = size * np.cos(leg_phase)
        pose[f"{side}_upper_arm"] = (-4.0 + 26.0 * swing, 12.0, 10.0)
        pose[f"{side}_forearm"] = (88.0 + 8.0 * swing, 0.0, 0.0)
    return pose


def _squat(phase: Array, size: float) -> Pose:
    depth = min(size, 1.1) * _pulse(phase)
    pose: Pose = {"chest": (12.0 * depth, 0.0, 0.0), "pelvis": (22.0 * depth, 0.0, 0.0)}
    for side in ("right", "left"):
        pose |= _leg(side, 2.0 + 103.0 * depth, 4.0 + 106.0 * depth)
        pose[f"{side}_foot"] = (2.0 + 25.0 * depth, -4.0, 0.0)
        pose[f"{side}_upper_arm"] = (112.0 * depth, 9.0, 0.0)
    return pose


ACTIONS = (
    Action("right hand wave", 1.7, _wave),
    Action("two hand wave", 1.7, _two_hand_wave),
    Action("right hand point", 0.6, _point),
    Action("right hand twist", 1.8, _twist),
    Action("right hand knock on door", 2.6, _knock),
    Action("right hand push", 0.7, _push),
    Action("left arm raise", 0.6, _left_arm_raise),
    Action("left leg kick", 0.7, _left_leg_kick, lambda phase: 1.0),
    Action("jogging in place", 1.4, _jog, lambda phase: expit(6.0 * np.cos(phase))),
    Action("squat", 0.6, _squat),
)
