"""The skeleton: proportions, and forward kinematics from joint angles.

World and segment axes: x forward, y to the figure's left, z up. Every segment
is aligned with the world when the figure stands with its arms hanging, so
limbs extend along their own -z and a joint offset is a plain vector.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

Array = np.ndarray
SIDES = ("right", "left")

# parent of every segment, parents first
PARENT: dict[str, str | None] = {"pelvis": None, "chest": "pelvis", "head": "chest"}
for _side in SIDES:
    PARENT |= {
        f"{_side}_upper_arm": "chest",
        f"{_side}_forearm": f"{_side}_upper_arm",
        f"{_side}_hand": f"{_side}_forearm",
        f"{_side}_thigh": "pelvis",
        f"{_side}_shank": f"{_side}_thigh",
        f"{_side}_foot": f"{_side}_shank",
    }
SEGMENTS = tuple(PARENT)
BENDS_BACK = ("pelvis", "chest", "head", "right_shank", "left_shank")


@dataclass(frozen=True)
class Body:
    """Proportions of one figure.

    Lengths follow Drillis and Contini (1966), as fractions of the height; the
    scales move single figures away from that average.
    """

    height_m: float = 1.75
    arm_scale: float = 1.0
    leg_scale: float = 1.0
    width_scale: float = 1.0
    girth_scale: float = 1.0

    @property
    def upper_arm_m(self) -> float:
        """Shoulder to elbow."""
        return 0.186 * self.height_m * self.arm_scale

    @property
    def forearm_m(self) -> float:
        """Elbow to wrist."""
        return 0.146 * self.height_m * self.arm_scale

    @property
    def thigh_m(self) -> float:
        """Hip to knee."""
        return 0.245 * self.height_m * self.leg_scale

    @property
    def shank_m(self) -> float:
        """Knee to ankle."""
        return 0.246 * self.height_m * self.leg_scale

    @property
    def ankle_m(self) -> float:
        """Ankle to sole."""
        return 0.039 * self.height_m

    @property
    def shoulder_m(self) -> float:
        """Half the distance between the shoulder joints."""
        return 0.115 * self.height_m * self.width_scale

    @property
    def hip_m(self) -> float:
        """Half the distance between the hip joints."""
        return 0.052 * self.height_m * self.width_scale

    @property
    def chest_m(self) -> float:
        """From the spine joint to the shoulder line."""
        return 0.22 * self.height_m

    def offsets(self) -> dict[str, Array]:
        """Each segment's joint in its parent's frame, metres (pelvis: in the world)."""
        hip_height = self.ankle_m + self.shank_m + self.thigh_m
        offsets = {
            "pelvis": (0.0, 0.0, hip_height),
            "chest": (0.0, 0.0, 0.06 * self.height_m),
            "head": (0.0, 0.0, self.chest_m + 0.035 * self.height_m),
        }
        for side, sign in zip(SIDES, (-1.0, 1.0), strict=True):
            offsets |= {
                f"{side}_upper_arm": (0.0, sign * self.shoulder_m, self.chest_m),
                f"{side}_forearm": (0.0, 0.0, -self.upper_arm_m),
                f"{side}_hand": (0.0, 0.0, -self.forearm_m),
                f"{side}_thigh": (0.0, sign * self.hip_m, 0.0),
                f"{side}_shank": (0.0, 0.0, -self.thigh_m),
                f"{side}_foot": (0.0, 0.0, -self.shank_m),
            }
        return {name: np.array(offset) for name, offset in offsets.items()}


@dataclass(frozen=True)
class Motion:
    """Where every segment is: joint [T, 3] in metres and rotation to the world."""

    joint_m: dict[str, Array]
    rotation: dict[str, Rotation]

    def point(self, segment: str, local_m: Array) -> Array:
        """World position [T, 3] of a point given in the segment's frame, metres."""
        return self.joint_m[segment] + self.rotation[segment].apply(local_m)


def joint_rotation(segment: str, angles_deg: Array) -> Rotation:
    """Rotation of a segment against its parent from flexion, abduction, rotation [T, 3].

    Degrees. Flexion is positive forward for arms, hips, feet and for leaning,
    backward for knees; abduction away from the body; rotation towards it (for
    the trunk: leaning and turning to the left).
    """
    flexion = 1.0 if segment in BENDS_BACK else -1.0
    side = -1.0 if segment.startswith("left") else 1.0
    signs = np.array([flexion, -side, side])
    return Rotation.from_euler("YXZ", angles_deg * signs, degrees=True)


def forward_kinematics(body: Body, angles_deg: Array, right_share: Array) -> Motion:
    """Places every segment, with the carrying foot on the floor.

    Args:
        body: The proportions.
        angles_deg: Joint angles [T, segments, 3], order of `SEGMENTS`.
        right_share: Share [T] of the weight that the right foot carries, 0 to 1.
    """
    joint, rotation = {}, {}
    for name, offset in body.offsets().items():
        local = joint_rotation(name, angles_deg[:, SEGMENTS.index(name)])
        parent = PARENT[name]
        if parent is None:
            joint[name], rotation[name] = np.tile(offset, (len(angles_deg), 1)), local
        else:
            joint[name] = joint[parent] + rotation[parent].apply(offset)
            rotation[name] = rotation[parent] * local
    shift = _floor_shift(body, Motion(joint, rotation), right_share)
    return Motion({name: place + shift for name, place in joint.items()}, rotation)


def _floor_shift(body: Body, motion: Motion, right_share: Array) -> Array:
    """Shift [T, 3] that keeps the carrying foot where it stands."""
    sole = np.array([0.03 * body.height_m, 0.0, -body.ankle_m])
    share = np.stack([right_share, 1.0 - right_share])[..., None]
    rest = [np.array([sole[0], sign * 1.5 * body.hip_m, 0.0]) for sign in (-1.0, 1.0)]
    moved = np.stack(
        [motion.point(f"{side}_foot", sole) - at for side, at in zip(SIDES, rest, strict=True)]
    )  # [feet, T, 3]
    return -(share * moved).sum(axis=0)
