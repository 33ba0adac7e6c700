"""The pictures of the explain stage."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sakdn.base.errors import InputError
from sakdn.base.files import read_json
from sakdn.results.report.images import Image, sheet_image


@dataclass(frozen=True)
class Explanations:
    """Whose student is explained, and caption and picture of every clip."""

    method: str
    seed: int
    pictures: list[tuple[str, Image]]


def read_explained(folder: Path) -> Explanations:
    """Reads what the explain stage wrote to `folder`.

    Raises:
        InputError: a file is missing or damaged.
    """
    index = read_json(folder / "index.json")
    try:
        pictures = [
            (_caption(record), sheet_image(folder / "pictures" / record["picture"], _alt(record)))
            for record in index["clips"]
        ]
        return Explanations(index["method"], index["seed"], pictures)
    except (KeyError, TypeError) as error:
        raise InputError(
            f"{folder / 'index.json'}: found no {error}; run the explain stage again"
        ) from error


def _caption(record: dict[str, Any]) -> str:
    said = f"{record['title']}, with {record['student_probability']:.0%}"
    if record["teachers"] is None:
        return f"{said}; the clip has no sensor, so the teachers say nothing."
    return (
        f"{said}; the teachers say {record['teachers']}, decided by {record['decided']}"
        f" ({record['leads']})."
    )


def _alt(record: dict[str, Any]) -> str:
    return (
        f"Frames, signals and Gramian angular fields of clip {record['clip']} with what student and"
        f" teachers look at; the student looks most at frame {record['strongest_frame']}."
    )
