"""Options of each rule, cut out of the run's config: only what can change the rule's result."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sakdn.options.backbones import TIMM
from sakdn.options.sensors import SHOWN
from sakdn.options.split import FoldOptions
from sakdn.options.weights import weights_file

Config = Mapping[str, Any]
Section = dict[str, Any]
NOT_OF_THE_SIGNAL = ("path", "images", "gaf", *SHOWN)
NOT_CHECKED = ("on_bad_clip", "shards", "demo")


def verbatim(value: Any) -> Callable[[Any], Any]:
    """A value of the user's own as a parameter of a rule: braces in it are no wildcards."""

    def of(wildcards: Any) -> Any:
        return value

    return of


def as_json(options: Mapping[str, Any]) -> Callable[[Any], str]:
    """Options of a stage as the value of its `--options`, a parameter of its rule."""
    return verbatim(json.dumps(options, sort_keys=True))


def chosen(wildcard: str, options: Mapping[str, Section]) -> Callable[[Any], str]:
    """The same, of one of several sets of options, whose name is a wildcard."""

    def of(wildcards: Any) -> str:
        return json.dumps(options[getattr(wildcards, wildcard)], sort_keys=True)

    return of


def student_options(config: Config) -> Callable[[Any], str]:
    """Options of a student's training; the search for weights may have its own epochs."""
    epochs = config["tune"]["epochs"]

    def of(wildcards: Any) -> str:
        own = {"epochs": epochs} if epochs and wildcards.fold.startswith("tune/") else {}
        return json.dumps(config["student"] | own, sort_keys=True)

    return of


def without(section: Config, *keys: str) -> Section:
    """A section of the config less some keys."""
    return {key: value for key, value in section.items() if key not in keys}


def weights_options(config: Config) -> dict[str, Section]:
    """Networks that start from weights, and those that their names do not say can be built."""
    found: dict[str, Section] = {}
    for role in ("student", "teacher"):
        backbone, weights = config[role]["backbone"], config[role]["weights"]
        if weights_file(backbone, weights):
            found[role] = {"backbone": backbone, "weights": weights}
        if backbone.startswith(TIMM):
            size_px = config[role]["size_px"]
            found[role] = {"backbone": backbone, "weights": weights or "none", "size_px": size_px}
    return found


def recordings_options(config: Config) -> Section:
    """Options of finding and checking recordings; how signals become images is no part of it."""
    sensors = {name: without(sensor, "gaf", *SHOWN) for name, sensor in config["sensors"].items()}
    return {"data": config["data"], "sensors": sensors}


def clips_options(config: Config) -> Section:
    """Options of the clips table."""
    return recordings_options(config) | {"split": _of_the_table(config)}


def _of_the_table(config: Config) -> Section:
    """What of the split the clips table depends on: not which of the folds are run."""
    return without(config["split"], "only_folds")


def fold_options(config: Config) -> Section:
    """What of the split is seen to in every fold."""
    return {key: config["split"][key] for key in FoldOptions.model_fields}


def check_options(config: Config) -> Section:
    """Options of the data check: of what a run does with signals only what it does with NaN."""
    sensors = {}
    for name, sensor in config["sensors"].items():
        gaf = config["gaf"] | sensor.get("gaf", {})
        sensors[name] = without(sensor, *SHOWN) | {"gaf": {"nan": gaf.get("nan", "error")}}
    data = without(config["data"], *NOT_CHECKED)
    return {"data": data, "split": _of_the_table(config), "sensors": sensors}


def gaf_options(config: Config) -> dict[str, Section]:
    """GAF options of each sensor: those of the run, overridden by its own."""
    options = {}
    for name, sensor in config["sensors"].items():
        signal = without(sensor, *NOT_OF_THE_SIGNAL)
        kind = {"signal": signal, "images": bool(sensor.get("images"))}
        options[name] = kind | config["gaf"] | sensor.get("gaf", {})
    return options
