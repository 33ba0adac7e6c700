"""Command `explain`: the stage, with everything it needs found in the folder of a run."""

import argparse
import json
from pathlib import Path

from sakdn.base.errors import InputError
from sakdn.results.saved_config import read_config
from sakdn.stages.explain import main
from sakdn.students.about import StudentAbout
from sakdn.training.saved import read_about


def command(arguments: argparse.Namespace) -> None:
    """Draws pictures of a run's clips and says where they are.

    Raises:
        InputError: not a finished run, or no such method, seed or clip.
    """
    results, method = arguments.results, arguments.method
    _, config = read_config(results / "config.yaml")
    seed = config["seeds"][0] if arguments.seed is None else arguments.seed
    student = results / f"student/{method}/seed{seed}/model.json"
    taught = read_about(student, StudentAbout).distillation.teacher
    index = arguments.output / "index.json"
    inputs = {
        "student": [student],
        "teachers": teachers(results, taught, list(config["sensors"]), seed),
        "frames": stores(results / "frames"),
        "gaf": stores(results / "gaf"),
        "clips": [results / "clips.csv"],
        "predictions": [results / f"evaluate/student_{method}/seed{seed}/predictions.csv"],
        "root": [config["data"]["root"]],
        "sensors": [json.dumps(config["sensors"])],
        "options": [json.dumps(chosen(arguments))],
        "threads": [arguments.threads],
        "gpus": [arguments.gpus],
        "pictures": [arguments.output],
        "output": [index],
    }
    main([str(word) for name, words in inputs.items() for word in (f"--{name}", *words)])
    print(f"pictures are in {arguments.output}, what they show in {index}")


def chosen(arguments: argparse.Namespace) -> dict[str, object]:
    """Options of the stage from the command line."""
    options = {"clips": arguments.clips, "per_class": arguments.per_class}
    return options | {"layer": arguments.layer}


def teachers(results: Path, source: str, sensors: list[str], seed: int) -> list[Path]:
    """The networks that taught a student: `fusion`, `average` or one sensor."""
    if source == "fusion":
        return [results / f"fusion/seed{seed}/model.json"]
    names = sorted(sensors) if source == "average" else [source]
    return [results / f"teacher/{name}/seed{seed}/model.json" for name in names]


def stores(folder: Path) -> list[Path]:
    """The .npy files of a folder.

    Raises:
        InputError: there are none.
    """
    found = sorted(folder.glob("*.npy"))
    if not found:
        raise InputError(f"{folder}: found no .npy file; explain needs the run's stores, run again")
    return found
