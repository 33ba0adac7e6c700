"""What the run's networks start from: word vectors of the class names, published weights."""

from pathlib import Path

from sakdn.base.files import read_json
from sakdn.base.options import Described, parse_file
from sakdn.options.weights import WeightsAbout
from sakdn.results.report.tables import Table


class Words(Described):
    """What a report needs of the class vectors."""

    source: str
    dimension: int
    out_of_vocabulary: dict[str, list[str]]


class Starts(Described):
    """What the stage `weights` found, by role, and the networks that it was asked about."""

    networks: dict[str, dict[str, str | int]]
    student: WeightsAbout | None = None
    teacher: WeightsAbout | None = None


def words_note(path: Path) -> str:
    """Which word vectors the class names were made of, and which words have none."""
    words = parse_file(Words, read_json(path), path, "run `semantics` again")
    said = f"Class names are vectors of {words.dimension} numbers, made of {words.source}."
    if not words.out_of_vocabulary:
        return f"{said} Every word of a class name is in it."
    gaps = [f"{', '.join(missing)} ({name})" for name, missing in words.out_of_vocabulary.items()]
    return f"{said} Words that are not in it were left out: {'; '.join(gaps)}."


def starts_table(path: Path) -> Table:
    """Published weights that students and teachers start from, with their digests."""
    starts = parse_file(Starts, read_json(path), path, "run `weights` again")
    rows = [
        [role, about.name, about.file, about.source or "a file of one's own", about.sha256]
        for role, about in (("students", starts.student), ("teachers", starts.teacher))
        if about is not None
    ]
    return Table(["Networks", "Weights", "File", "From", "SHA-256"], rows)
