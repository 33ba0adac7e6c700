"""Where it happens: a room, its light, and things that stand in the way."""

from dataclasses import dataclass

import numpy as np

from sakdn.data.demo.camera import Camera
from sakdn.data.demo.figure import Capsules

Array = np.ndarray
OCCLUDED_SHARE = 0.35
OVERSAMPLING = 2


@dataclass(frozen=True)
class Room:
    """A floor and a wall with patterns; colours RGB, 0 to 1."""

    wall_distance_m: float
    wall_turn_deg: float
    wall_pattern: str
    wall_colours: Array
    wall_size_m: float
    floor_colours: Array
    floor_size_m: float
    pictures_m: Array
    picture_colours: Array


@dataclass(frozen=True)
class Light:
    """Direction towards the lamp in camera axes, and its share against the surroundings."""

    towards: Array
    ambient: float
    diffuse: float
    tint: Array


def draw_light(rng: np.random.Generator) -> Light:
    """Draws a lamp above, in front of the figure, left or right."""
    towards = np.array([rng.uniform(-0.8, 0.8), -rng.uniform(0.4, 1.0), -rng.uniform(0.5, 1.0)])
    ambient = float(rng.uniform(0.4, 0.6))
    tint = rng.uniform(0.8, 1.1) * rng.uniform(0.94, 1.06, 3)
    return Light(towards / np.linalg.norm(towards), ambient, 1.2 - ambient, tint)


def draw_room(rng: np.random.Generator) -> Room:
    """Draws a room."""
    wall = rng.uniform(0.45, 0.95) * rng.uniform(0.85, 1.0, 3)
    floor = rng.uniform(0.25, 0.7) * np.array([1.0, rng.uniform(0.75, 1.0), rng.uniform(0.55, 1.0)])
    pictures = int(rng.integers(0, 4))
    corner = np.stack([rng.uniform(-2.5, 1.5, pictures), rng.uniform(0.3, 1.6, pictures)], axis=1)
    return Room(
        wall_distance_m=float(rng.uniform(0.9, 2.5)),
        wall_turn_deg=float(rng.uniform(-25.0, 25.0)),
        wall_pattern=str(rng.choice(["plain", "stripes", "bricks"])),
        wall_colours=np.stack([wall, wall * rng.uniform(0.8, 0.95)]),
        wall_size_m=float(rng.uniform(0.15, 0.5)),
        floor_colours=np.stack([floor, floor * rng.uniform(0.75, 0.95)]),
        floor_size_m=float(rng.uniform(0.2, 0.6)),
        pictures_m=np.concatenate([corner, rng.uniform(0.3, 1.1, (pictures, 2))], axis=1),
        picture_colours=rng.uniform(0.1, 0.9, (pictures, 3)),
    )


def draw_occluder(camera: Camera, rng: np.random.Generator) -> Capsules | None:
    """Draws a post, a bench or a bush between camera and figure, in part of the clips."""
    if rng.random() >= OCCLUDED_SHARE:
        return None
    kind = rng.choice(["post", "bench", "bush"])
    across = np.array([camera.axes[0, 0], camera.axes[0, 1], 0.0])
    nearer = np.array([-across[1], across[0], 0.0]) * rng.uniform(0.6, 1.1)
    nearer *= np.sign(nearer @ camera.position_m)
    side = rng.uniform(-0.55, 0.55)
    if kind == "post":
        foot = nearer + across * side
        ends = np.array([[foot, foot + np.array([0.0, 0.0, 3.0])]])
        radius = np.full((1, 2), rng.uniform(0.04, 0.1))
    elif kind == "bench":
        top = [0.0, 0.0, rng.uniform(0.2, 0.5)]
        ends = np.array([[nearer + across * (side - 0.7), nearer + across * (side + 0.7)]]) + top
        radius = np.full((1, 2), rng.uniform(0.12, 0.2))
    else:
        spots = rng.normal(0.0, [0.22, 0.22, 0.0], (9, 3)) + nearer + across * side
        spots[:, 2] = rng.uniform(0.05, 0.7, 9)
        ends, radius = np.stack([spots, spots], axis=1), np.tile(rng.uniform(0.1, 0.2, (9, 1)), 2)
    colour = np.array([0.25, 0.45, 0.2]) if kind == "bush" else rng.uniform(0.15, 0.7, 3)
    return Capsules(ends[None], radius, np.tile(colour, (len(ends), 1)))


def background(room: Room, camera: Camera, light: Light) -> Array:
    """The empty room as the camera sees it, float32 [H, W, 3], 0 to 1."""
    rays, eye = camera.rays(OVERSAMPLING), camera.position_m
    with np.errstate(divide="ignore"):
        floor_at = np.where(rays[..., 2] < 0.0, -eye[2] / rays[..., 2], np.inf)
    turn = np.deg2rad(camera.azimuth_deg + room.wall_turn_deg)
    normal = np.array([np.cos(turn), np.sin(turn), 0.0])
    wall_at = (-room.wall_distance_m - eye @ normal) / (rays @ normal)
    wall_at = np.where(wall_at > 0.0, wall_at, np.inf)
    on_floor = floor_at < wall_at
    hit = eye + rays * np.minimum(floor_at, wall_at)[..., None]
    along = np.array([-normal[1], normal[0], 0.0])
    image, on_wall = np.empty_like(hit), ~on_floor
    image[on_floor] = _floor(room, hit[on_floor])
    image[on_wall] = _wall(room, hit[on_wall] @ along, hit[on_wall, 2])
    step, of = OVERSAMPLING, range(OVERSAMPLING)
    image = np.mean([image[y::step, x::step] for y in of for x in of], axis=0)
    return (image * light.tint * (light.ambient + 0.7 * light.diffuse)).astype(np.float32)


def _floor(room: Room, hit: Array) -> Array:
    """Tiles, with soft shade under the figure."""
    tile = np.floor(hit[..., :2] / room.floor_size_m).sum(axis=-1).astype(int) % 2
    distance_m = np.hypot(hit[..., 0] - 0.05, hit[..., 1])
    shade = 1.0 - 0.55 * np.exp(-((distance_m / 0.32) ** 2))
    return room.floor_colours[tile] * shade[..., None]


def _wall(room: Room, along: Array, up: Array) -> Array:
    """A plain, striped or brick wall with pictures, darker towards the floor."""
    size = room.wall_size_m
    row = np.floor(up / (0.4 * size))
    column = np.floor(along / size + (0.5 * row if room.wall_pattern == "bricks" else 0.0))
    index = column + row if room.wall_pattern == "bricks" else column
    index = 0.0 * index if room.wall_pattern == "plain" else index
    image = room.wall_colours[index.astype(int) % 2]
    for (left, bottom, width, height), colour in zip(
        room.pictures_m, room.picture_colours, strict=True
    ):
        inside = (np.abs(along - left - width / 2) < width / 2) & (
            np.abs(up - bottom - height / 2) < height / 2
        )
        image[inside] = colour
    return image * (0.75 + 0.1 * np.clip(up, 0.0, 2.5))[..., None]
