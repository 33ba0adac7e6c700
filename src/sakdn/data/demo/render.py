"""Draws shaded capsules with a depth buffer."""

import numpy as np

from sakdn.data.demo.camera import Camera
from sakdn.data.demo.figure import Capsules
from sakdn.data.demo.scene import Light

Array = np.ndarray


def draw(image: Array, depth_m: Array, capsules: Capsules, camera: Camera, light: Light) -> None:
    """Draws capsules into `image` [H, W, 3] and `depth_m` [H, W] (both float32, in place)."""
    ends_px, ends_depth_m = camera.project(capsules.ends_m)
    radius_px = camera.focal_px * capsules.radius_m / ends_depth_m
    colours = (capsules.colour * light.tint).astype(np.float32)
    mean_radius_m = capsules.radius_m.mean(axis=1)
    for index in np.argsort(-ends_depth_m.mean(axis=1)):  # far first: soft edges blend rightly
        low = np.floor((ends_px[index] - radius_px[index, :, None]).min(axis=0)).astype(int) - 1
        high = np.ceil((ends_px[index] + radius_px[index, :, None]).max(axis=0)).astype(int) + 1
        left, top = np.maximum(low, 0)
        right, bottom = np.minimum(high, (camera.width_px, camera.height_px))
        if left >= right or top >= bottom:
            continue
        window = np.s_[top:bottom, left:right]
        corner = ends_px[index] - (left + 0.5, top + 0.5)
        shade, cover, near_m = _shade(
            (bottom - top, right - left),
            corner,
            radius_px[index],
            ends_depth_m[index],
            float(mean_radius_m[index]),
            light,
        )
        cover *= near_m < depth_m[window]
        patch = image[window]
        patch += cover[..., None] * (shade[..., None] * colours[index] - patch)
        np.copyto(depth_m[window], near_m, where=cover > 0.5)


def _shade(
    shape: tuple[int, int],
    ends_px: Array,
    radius_px: Array,
    ends_depth_m: Array,
    radius_m: float,
    light: Light,
) -> tuple[Array, Array, Array]:
    """Brightness, coverage and depth of one capsule, each float32 [h, w].

    A pixel takes the normal of the nearest sphere on the axis as projected,
    which is exact for a cylinder across the view and near enough elsewhere.
    """
    x0, y0, x1, y1 = (float(value) for value in ends_px.ravel())
    x = np.arange(shape[1], dtype=np.float32)[None] - x0
    y = np.arange(shape[0], dtype=np.float32)[:, None] - y0
    run, fall = x1 - x0, y1 - y0
    along = (x * run + y * fall) * (1.0 / max(run * run + fall * fall, 1e-6))
    np.clip(along, 0.0, 1.0, out=along)
    radius = along * float(radius_px[1] - radius_px[0]) + float(radius_px[0])
    normal_x, normal_y = (x - along * run) / radius, (y - along * fall) / radius
    lateral = normal_x * normal_x + normal_y * normal_y
    normal_z = np.sqrt(np.maximum(1.0 - lateral, 0.0))
    cover = np.clip((1.0 - np.sqrt(lateral)) * radius + 0.5, 0.0, 1.0)
    to_x, to_y, to_z = (float(value) for value in light.towards)
    facing = normal_x * to_x + normal_y * to_y - normal_z * to_z
    brightness = light.ambient + light.diffuse * np.maximum(facing, 0.0)
    near_m = along * float(ends_depth_m[1] - ends_depth_m[0]) + float(ends_depth_m[0])
    return brightness, cover, near_m - radius_m * normal_z
