"""What a sensor of ready images (`sensors.<name>.images`) can and cannot be asked for."""

from collections.abc import Mapping
from typing import Any

from sakdn.base.errors import InputError, shown

OF_IMAGES = ("images", "gaf")


def check_ready_images(config: Mapping[str, Any], methods: Mapping[str, Any]) -> None:
    """Checks that nothing which needs a signal is asked of a sensor that is given as images.

    Args:
        config: of a run, as written.
        methods: of the run, with those that it has by default.

    Raises:
        InputError: names the key and the remedy.
    """
    ready = [name for name, sensor in config["sensors"].items() if sensor.get("images")]
    for name in ready:
        _check_sensor(name, config["sensors"][name], config["data"].get("source"))
    windows = (config.get("gaf", {}).get("windows") or {}).get("count", 1)
    if ready and windows > 1:
        raise InputError(
            f"config: gaf.windows.count: found {windows}, expected 1: sensors.{ready[0]} comes as"
            " ready images, which cannot be cut; set it to 1 or give the signals"
        )
    for name, method in methods.items():
        asked = ready if method.get("teacher", "fusion") in ("fusion", "average") else []
        asked = asked or [sensor for sensor in ready if sensor == method.get("teacher")]
        if method.get("signal_weight", 0) > 0 and asked:
            raise InputError(
                f"config: methods.{name}.signal_weight: found {method['signal_weight']}, but"
                f" sensors.{asked[0]} comes as ready images and has no signal; set it to 0, or give"
                " the signals"
            )


def _check_sensor(name: str, sensor: Mapping[str, Any], source: str | None) -> None:
    for key, value in sensor.items():
        if key not in OF_IMAGES and value is not None:
            raise InputError(
                f"config: sensors.{name}.{key}: found {shown(value)}, but the sensor comes as ready"
                f" images (sensors.{name}.images), in which nothing is looked up; remove it"
            )
    for key in sensor.get("gaf", {}):
        if key != "image_size_px":
            raise InputError(
                f"config: sensors.{name}.gaf.{key}: says how a signal becomes an image, but the"
                f" sensor comes as ready images (sensors.{name}.images); remove it"
            )
    pattern = isinstance(sensor["images"], str)
    if pattern == (source == "table"):
        expected = (
            "true, for the table has a column of their paths" if pattern else "a path pattern"
        )
        raise InputError(
            f"config: sensors.{name}.images: found {shown(sensor['images'])} with data.source"
            f" {source}, expected {expected}"
        )
