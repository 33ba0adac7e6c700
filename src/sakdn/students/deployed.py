"""A student away from its workflow: its folder holds all that it needs to see a video."""

from pathlib import Path
from typing import Any

from sakdn.base.errors import InputError
from sakdn.base.options import parse_options
from sakdn.data.readers.video import FramesOptions
from sakdn.models.student import Student
from sakdn.students.load import load_student


def open_student(path: Path) -> tuple[Student, dict[str, Any]]:
    """Loads a student from its folder or its model.json.

    Returns:
        The network in eval mode, and its JSON's content.

    Raises:
        InputError: no student there, or one that does not say how its frames were stored.
    """
    file = path / "model.json" if path.is_dir() else path
    module, about = load_student(file)
    if about.get("frames") is None:
        raise InputError(f"{file}: does not say how frames were stored; train the student again")
    return module, about


def stored_as(about: dict[str, Any]) -> FramesOptions:
    """How the frames that the student was trained on were stored."""
    return parse_options(FramesOptions, about["frames"], "model.json: frames")
