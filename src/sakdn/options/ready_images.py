"""What a sensor of ready images (`sensors.<name>.images`) can and cannot be asked for."""

from collections.abc import Mapping

from sakdn.base.errors import shown
from sakdn.base.options import refuse
from sakdn.options.methods import MethodOptions
from sakdn.options.sensors import OF_IMAGES, SensorOptions


def check_ready_images(
    sensors: Mapping[str, SensorOptions],
    source: str,
    windows: int,
    methods: Mapping[str, MethodOptions],
) -> None:
    """Checks that nothing which needs a signal is asked of a sensor that is given as images.

    Args:
        sensors: of the run.
        source: of its data.
        windows: a clip.
        methods: of the run.
    """
    ready = [name for name, sensor in sensors.items() if sensor.images]
    for name in ready:
        _check_sensor(name, sensors[name], source)
    if ready and windows > 1:
        refuse(
            "gaf.windows.count",
            f"found {windows}, expected 1: sensors.{ready[0]} comes as ready images, which cannot"
            " be cut; set it to 1 or give the signals",
        )
    for name, method in methods.items():
        asked = ready if method.teacher in ("fusion", "average") else [method.teacher]
        without = [sensor for sensor in asked if sensor in ready]
        if method.signal_weight > 0 and without:
            refuse(
                f"methods.{name}.signal_weight",
                f"found {method.signal_weight:g}, but sensors.{without[0]} comes as ready images"
                " and has no signal; set it to 0, or give the signals",
            )


def _check_sensor(name: str, sensor: SensorOptions, source: str) -> None:
    for key in SensorOptions.model_fields:
        value = getattr(sensor, key)
        if key in sensor.model_fields_set and key not in OF_IMAGES and value is not None:
            found = shown(list(value) if isinstance(value, tuple) else value)
            refuse(
                f"sensors.{name}.{key}",
                f"found {found}, but the sensor comes as ready images (sensors.{name}.images), in"
                " which nothing is looked up; remove it",
            )
    for key in sorted(sensor.gaf.model_fields_set - {"image_size_px"}):
        refuse(
            f"sensors.{name}.gaf.{key}",
            "says how a signal becomes an image, but the sensor comes as ready images"
            f" (sensors.{name}.images); remove it",
        )
    pattern = isinstance(sensor.images, str)
    if pattern == (source == "table"):
        expected = (
            "true, for the table has a column of their paths" if pattern else "a path pattern"
        )
        refuse(
            f"sensors.{name}.images",
            f"found {shown(sensor.images)} with data.source {source}, expected {expected}",
        )
