"""A signal moved to where the video was: sensors are seldom started together with the camera."""

from pathlib import Path

import numpy as np

from sakdn.base.errors import InputError


def aligned(signal: np.ndarray, offset_s: float, rate_hz: float | None, path: Path) -> np.ndarray:
    """What the sensor measured when the video was taken, as many samples as before.

    Args:
        signal: [samples, axes].
        offset_s: how long after the video the sensor was started; negative for before. Where the
            sensor was not running its first or last sample is held.
        rate_hz: of the samples.
        path: the file, named in errors.

    Returns:
        float64 [samples, axes].

    Raises:
        InputError: no rate is known, or the sensor was not running at all.
    """
    if not offset_s:
        return signal
    if not rate_hz:
        raise InputError(f"{path}: offset_s needs the sensor's rate_hz; set it")
    if abs(offset_s) * rate_hz >= len(signal) - 1:
        raise InputError(
            f"{path}: found {len(signal) / rate_hz:.3g} s of signal, {offset_s:g} s away from the"
            " video; correct the sensor's offset_s, or its rate_hz"
        )
    places = np.arange(len(signal))
    return np.stack(
        [np.interp(places - offset_s * rate_hz, places, axis) for axis in signal.T], axis=1
    )
