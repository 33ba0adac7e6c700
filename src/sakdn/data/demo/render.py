"""Draws shaded capsules with a depth buffer, many frames at a time.

A capsule covers a few hundred pixels, for which NumPy's calls would cost more than the pixels do.
So each step draws one capsule of every frame, with the pixels of all of them in one row.
"""

from typing import NamedTuple

import numpy as np

from sakdn.data.demo.camera import Camera
from sakdn.data.demo.figure import Capsules
from sakdn.data.demo.scene import Light

Array = np.ndarray


class Surface(NamedTuple):
    """What is seen of capsules in pixels [P].

    Attributes:
        place: of the pixel among those of all frames.
        cover: share of the pixel that is covered, 0 to 1.
        near_m: how far away it is, metres.
        normal: of the surface, in camera axes.
    """

    place: Array
    cover: Array
    near_m: Array
    normal: tuple[Array, Array, Array]

    def where(self, wanted: Array) -> "Surface":
        """What is seen in some of the pixels."""
        x, y, z = (values[wanted] for values in self.normal)
        return Surface(self.place[wanted], self.cover[wanted], self.near_m[wanted], (x, y, z))


def draw(images: Array, depth_m: Array, capsules: Capsules, camera: Camera, light: Light) -> None:
    """Draws capsules, in place.

    Args:
        images: float32 [T, H, W, 3], 0 to 1.
        depth_m: how far away what they show is, float32 [T, H, W].
        capsules: with their ends at each of the T times.
        camera: that sees them.
        light: that falls on them.
    """
    ends_px, ends_depth_m = camera.project(capsules.ends_m)
    radius_px = camera.focal_px * capsules.radius_m / ends_depth_m
    colours = (capsules.colour * light.tint).astype(np.float32)
    radius_m = capsules.radius_m.mean(axis=1)
    pixels, depths_m = images.reshape(-1, 3), depth_m.reshape(-1)
    far_first = np.argsort(-ends_depth_m.mean(axis=-1), axis=1)  # Soft edges blend rightly.
    for index in far_first.T:
        of = np.arange(len(index)), index
        seen = _surface(ends_px[of], radius_px[of], ends_depth_m[of], radius_m[index], camera)
        seen = seen.where((seen.cover > 0.0) & (seen.near_m < depths_m[seen.place]))
        colour = colours[index[seen.place // depth_m[0].size]]
        patch = pixels[seen.place]
        patch += seen.cover[:, None] * (_brightness(seen, light)[:, None] * colour - patch)
        pixels[seen.place] = patch
        solid = seen.cover > 0.5
        depths_m[seen.place[solid]] = seen.near_m[solid]


def _surface(
    ends_px: Array, radius_px: Array, ends_depth_m: Array, radius_m: Array, camera: Camera
) -> Surface:
    """Of a capsule in each frame, [T, 2, 2], [T, 2], [T, 2], [T].

    A pixel takes the normal of the nearest sphere on the axis as projected,
    which is exact for a cylinder across the view and near enough elsewhere.
    """
    low = np.floor((ends_px - radius_px[..., None]).min(axis=1)).astype(int) - 1
    high = np.ceil((ends_px + radius_px[..., None]).max(axis=1)).astype(int) + 1
    low = np.maximum(low, 0)
    size = np.maximum(np.minimum(high, (camera.width_px, camera.height_px)) - low, 0)
    (x0, y0), (x1, y1) = (ends_px - (low[:, None] + 0.5)).transpose(1, 2, 0)
    run, fall = x1 - x0, y1 - y0
    per_length2 = 1.0 / np.maximum(run * run + fall * fall, 1e-6)
    linear = (
        radius_px[:, 0],
        np.diff(radius_px)[:, 0],
        ends_depth_m[:, 0],
        np.diff(ends_depth_m)[:, 0],
    )
    values = np.stack([x0, y0, run, fall, per_length2, *linear, radius_m]).astype(np.float32)
    place, column, row, values = _pixels(low, size, values, camera)
    x0, y0, run, fall, per_length2, radius0, widens, depth0_m, deepens_m, radius_m = values
    x, y = column - x0, row - y0
    along = np.clip((x * run + y * fall) * per_length2, 0.0, 1.0)
    radius = along * widens + radius0
    normal_x, normal_y = (x - along * run) / radius, (y - along * fall) / radius
    lateral = normal_x * normal_x + normal_y * normal_y
    normal_z = np.sqrt(np.maximum(1.0 - lateral, 0.0))
    cover = np.clip((1.0 - np.sqrt(lateral)) * radius + 0.5, 0.0, 1.0)
    near_m = along * deepens_m + depth0_m - radius_m * normal_z
    return Surface(place, cover, near_m, (normal_x, normal_y, normal_z))


def _pixels(low: Array, size: Array, values: Array, camera: Camera) -> tuple[Array, ...]:
    """Place, column, row in the window, and values [N, P] of each pixel of windows [T, 2]."""
    frame, row = _counted(size[:, 1])
    first = (frame * camera.height_px + low[frame, 1] + row) * camera.width_px + low[frame, 0]
    width = size[frame, 0]
    _, column = _counted(width)
    return (
        np.repeat(first, width) + column,
        column.astype(np.float32),
        np.repeat(row.astype(np.float32), width),
        np.repeat(values[:, frame], width, axis=1),
    )


def _counted(counts: Array) -> tuple[Array, Array]:
    """For counts [3, 2]: which of them, [0, 0, 0, 1, 1], and numbers from 0, [0, 1, 2, 0, 1]."""
    which = np.repeat(np.arange(len(counts)), counts)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)


def _brightness(seen: Surface, light: Light) -> Array:
    (x, y, z), (to_x, to_y, to_z) = seen.normal, map(float, light.towards)
    return light.ambient + light.diffuse * np.maximum(x * to_x + y * to_y - z * to_z, 0.0)
