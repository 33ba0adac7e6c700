"""Command `inspect`: says in words what files of a run hold."""

import argparse
import csv
import re
from pathlib import Path

from sakdn.base.errors import InputError
from sakdn.base.files import read_json
from sakdn.commands.inspection_words import (
    clips_words,
    frames_words,
    gaf_words,
    knowledge_words,
    model_words,
)
from sakdn.commands.recording_words import recording_words
from sakdn.options.columns import REQUIRED
from sakdn.students.about import StudentAbout
from sakdn.students.frames.stored import COLUMNS
from sakdn.teachers.about import TeacherAbout
from sakdn.teachers.gaf.index import read_gaf_index
from sakdn.teachers.knowledge import read_knowledge_index
from sakdn.training.saved import read_about

KNOWN = "clips tables, videos, signals, models, knowledge, frame shards and GAF images"


def command(arguments: argparse.Namespace) -> None:
    """Describes every path; of a run's folder all that is known in it. Exports images if asked to.

    Raises:
        InputError: a path that is missing, damaged or none of the known kinds.
    """
    for path in arguments.paths:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder; correct the path")
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        described = [(file, words) for file in files if (words := describe(file))]
        if not described and (words := recording_words(path)):
            described = [(path, words)]
        if not described:
            raise InputError(f"{path}: found nothing to describe; expected {KNOWN}")
        for file, (title, *sentences) in described:
            print(f"{file}: {title}", *sentences, sep="\n  ", end="\n\n")
        if arguments.export:
            _export(path, [file for file, _ in described], arguments.export)


def _export(path: Path, files: list[Path], folder: Path) -> None:
    """Writes the sensors' images among `files` as PNG files."""
    from sakdn.commands.image_export import export_images

    stores = [file for file in files if is_gaf(file)]
    if not stores:
        raise InputError(
            f"{path}: found no GAF images to export; name a run's folder or its gaf/<sensor>.npy"
        )
    for store in stores:
        print(export_images(store, folder))


def is_gaf(path: Path) -> bool:
    """Whether a file is the images of a sensor."""
    return path.suffix == ".npy" and path.with_suffix(".json").is_file()


def describe(path: Path) -> list[str]:
    """A title and sentences about a file; empty if it is of no known kind.

    Raises:
        InputError: the file or what belongs to it is damaged.
    """
    if path.suffix == ".json":
        return _describe_json(path)
    if path.suffix == ".npy":
        if is_gaf(path):
            return gaf_words(path, read_gaf_index(path.with_suffix(".json")))
        index = path.with_suffix(".csv")
        return frames_words(path) if index.is_file() and _header(index) == COLUMNS else []
    if path.suffix == ".csv" and _is_of_clips(_header(path)):
        return clips_words(path)
    return []


def _describe_json(path: Path) -> list[str]:
    content = read_json(path)
    if not isinstance(content, dict):
        return []
    if content.get("kind") in ("teacher", "fusion", "student") and "classes" in content:
        return model_words(path, read_about(path, TeacherAbout, StudentAbout))
    if {"sensors", "present", "windows"} <= content.keys():
        return knowledge_words(path, read_knowledge_index(path))
    return []


def _is_of_clips(header: list[str]) -> bool:
    """Whether a table is of clips, be it misspelt in a place or cut by another sign."""
    words = re.split(r"[,;|\t]", ",".join(header).casefold())
    return len({word.strip() for word in words} & set(REQUIRED)) >= len(REQUIRED) - 1


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path}: not a CSV file: {error}") from error
