"""The figure's flesh: tapered capsules on the skeleton, with clothes."""

from dataclasses import dataclass

import numpy as np

from sakdn.data.demo.body import SIDES, Body, Motion
from sakdn.data.demo.performer import Subject

Array = np.ndarray


@dataclass(frozen=True)
class Clothes:
    """Colours (RGB, 0 to 1) of one outfit; sleeves and legs may be short."""

    shirt: Array
    trousers: Array
    shoes: Array
    long_sleeves: bool
    long_legs: bool


@dataclass(frozen=True)
class Capsules:
    """Tapered capsules: `ends_m` [T, N, 2, 3] at T times, `radius_m` [N, 2], `colour` [N, 3]."""

    ends_m: Array
    radius_m: Array
    colour: Array


@dataclass(frozen=True)
class Part:
    """One capsule in a segment's frame; lengths in fractions of the body height."""

    segment: str
    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: tuple[float, float]
    colour: Array


def draw_clothes(rng: np.random.Generator) -> Clothes:
    """Draws an outfit."""
    return Clothes(
        shirt=rng.uniform(0.12, 0.95, 3),
        trousers=rng.uniform(0.08, 0.6, 3),
        shoes=rng.choice([0.08, 0.25, 0.85]) * rng.uniform(0.8, 1.0, 3),
        long_sleeves=bool(rng.random() < 0.5),
        long_legs=bool(rng.random() < 0.7),
    )


def dress(subject: Subject, clothes: Clothes) -> list[Part]:
    """The parts of a dressed subject."""
    parts = _trunk(subject.body, clothes) + _head(subject)
    for side, sign in zip(SIDES, (-1.0, 1.0), strict=True):
        parts += _arm(subject, clothes, side, sign) + _leg(subject, clothes, side)
    return parts


def pose_parts(parts: list[Part], body: Body, motion: Motion) -> Capsules:
    """The capsules in the world, at each time of the motion."""
    height = body.height_m
    ends = np.stack(
        [
            [motion.point(part.segment, height * np.array(at)) for at in (part.start, part.end)]
            for part in parts
        ]
    ).transpose(2, 0, 1, 3)  # from [N, 2, T, 3]
    radius = np.array([part.radius for part in parts]) * height
    colour = np.array([part.colour for part in parts])
    return Capsules(ends, radius, colour)


def _trunk(body: Body, clothes: Clothes) -> list[Part]:
    girth, wide = body.girth_scale, body.width_scale
    shoulder, hip, top = 0.085 * wide, 0.042 * wide, body.chest_m / body.height_m
    waist, shirt = 0.054 * girth, clothes.shirt
    line, seat = (0.038, 0.038), (0.058 * girth, 0.058 * girth)
    parts = [
        Part("chest", (0, -shoulder, top - 0.01), (0, shoulder, top - 0.01), line, shirt),
        Part("pelvis", (0, -hip, 0.005), (0, hip, 0.005), seat, clothes.trousers),
        Part("chest", (0.004, 0, top - 0.055), (0.002, 0, 0), (0.068, 1.15 * waist), shirt),
    ]
    for sign in (-1.0, 1.0):
        upper, lower = (0, sign * 0.046 * wide, top - 0.045), (0, sign * 0.022 * wide, -0.015)
        parts.append(Part("chest", upper, lower, (0.058, waist), shirt))
    return parts


def _head(subject: Subject) -> list[Part]:
    skin, hair = subject.skin, subject.hair
    return [
        Part("head", (-0.004, 0, -0.04), (0.004, 0, 0.03), (0.03, 0.028), skin),
        Part("head", (0.016, 0, 0.045), (0.004, 0, 0.088), (0.036, 0.046), skin),
        Part("head", (-0.014, 0, 0.075), (-0.006, 0, 0.1), (0.047, 0.05), hair),
        Part("head", (0.05, 0, 0.068), (0.056, 0, 0.058), (0.007, 0.009), skin * 0.92),
        Part("head", (0.044, -0.019, 0.077), (0.044, -0.015, 0.077), (0.006, 0.006), skin * 0.2),
        Part("head", (0.044, 0.019, 0.077), (0.044, 0.015, 0.077), (0.006, 0.006), skin * 0.2),
    ]


def _arm(subject: Subject, clothes: Clothes, side: str, sign: float) -> list[Part]:
    body, skin = subject.body, subject.skin
    upper, fore = body.upper_arm_m / body.height_m, body.forearm_m / body.height_m
    thick = 0.5 + 0.5 * body.girth_scale
    sleeve = clothes.shirt if clothes.long_sleeves else skin
    arm, hand, thumb = f"{side}_upper_arm", f"{side}_hand", (0.02, -0.002 * sign, -0.03)
    parts = [
        Part(arm, (0, 0, 0), (0, 0, -upper), (0.031 * thick, 0.023 * thick), sleeve),
        Part(f"{side}_forearm", (0, 0, 0), (0, 0, -fore), (0.024 * thick, 0.016 * thick), sleeve),
        Part(hand, (0, 0, -0.012), (0, 0, -0.075), (0.018, 0.014), skin),
        Part(hand, (0.008, 0, -0.012), thumb, (0.009, 0.007), skin),
    ]
    if not clothes.long_sleeves:
        cuff = (0.036 * thick, 0.034 * thick)
        parts.append(Part(arm, (0, 0, 0), (0, 0, -0.5 * upper), cuff, clothes.shirt))
    return parts


def _leg(subject: Subject, clothes: Clothes, side: str) -> list[Part]:
    body = subject.body
    thigh, shank = body.thigh_m / body.height_m, body.shank_m / body.height_m
    ankle, thick = body.ankle_m / body.height_m, 0.4 + 0.6 * body.girth_scale
    bare = clothes.trousers if clothes.long_legs else subject.skin
    heel, toe = (-0.018, 0, 0.02 - ankle), (0.095, 0, 0.016 - ankle)
    return [
        Part(
            f"{side}_thigh",
            (0, 0, 0),
            (0, 0, -thigh),
            (0.052 * thick, 0.036 * thick),
            clothes.trousers,
        ),
        Part(
            f"{side}_shank", (0, 0, 0), (0, 0, -0.35 * shank), (0.034 * thick, 0.035 * thick), bare
        ),
        Part(
            f"{side}_shank",
            (0, 0, -0.35 * shank),
            (0, 0, -shank),
            (0.035 * thick, 0.022 * thick),
            bare,
        ),
        Part(f"{side}_foot", heel, toe, (0.022, 0.016), clothes.shoes),
    ]
