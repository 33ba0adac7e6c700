"""A pinhole camera that looks at the figure."""

from dataclasses import dataclass

import numpy as np

Array = np.ndarray
TARGET_M = np.array([0.0, 0.0, 0.98])
FIELD_HEIGHT_M = 2.3


@dataclass(frozen=True)
class Camera:
    """Position on a sphere around the figure; azimuth 0 faces it."""

    azimuth_deg: float
    elevation_deg: float
    distance_m: float
    roll_deg: float
    width_px: int
    height_px: int

    @property
    def position_m(self) -> Array:
        """Place of the camera in the world [3]."""
        azimuth, elevation = np.deg2rad([self.azimuth_deg, self.elevation_deg])
        flat = np.cos(elevation)
        direction = (flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation))
        return TARGET_M + self.distance_m * np.array(direction)

    @property
    def axes(self) -> Array:
        """Rows: image right, image down, viewing direction, in the world [3, 3]."""
        forward = (TARGET_M - self.position_m) / self.distance_m
        right = np.cross(forward, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        cos, sin = np.cos(np.deg2rad(self.roll_deg)), np.sin(np.deg2rad(self.roll_deg))
        return np.stack([cos * right + sin * down, cos * down - sin * right, forward])

    @property
    def focal_px(self) -> float:
        """Focal length: the field at the figure is `FIELD_HEIGHT_M` high."""
        return self.height_px * self.distance_m / FIELD_HEIGHT_M

    def project(self, points_m: Array) -> tuple[Array, Array]:
        """Pixel positions [..., 2] and depths [...] in metres of world points [..., 3]."""
        seen = (points_m - self.position_m) @ self.axes.T
        centre = np.array([self.width_px / 2, self.height_px / 2])
        return centre + self.focal_px * seen[..., :2] / seen[..., 2:], seen[..., 2]

    def rays(self, scale: int) -> Array:
        """World directions [H * scale, W * scale, 3] with unit depth, `scale`² rays a pixel."""
        x = (np.arange(self.width_px * scale) + 0.5) / scale - self.width_px / 2
        y = (np.arange(self.height_px * scale) + 0.5) / scale - self.height_px / 2
        across, along = np.meshgrid(x / self.focal_px, y / self.focal_px)
        return np.stack([across, along, np.ones_like(across)], axis=-1) @ self.axes


def draw_camera(width_px: int, height_px: int, rng: np.random.Generator) -> Camera:
    """Draws a camera in front of the figure, up to 40 degrees to either side."""
    return Camera(
        azimuth_deg=float(rng.uniform(-40.0, 40.0)),
        elevation_deg=float(rng.uniform(0.0, 18.0)),
        distance_m=float(rng.uniform(3.0, 4.5)),
        roll_deg=float(rng.uniform(-2.0, 2.0)),
        width_px=width_px,
        height_px=height_px,
    )
