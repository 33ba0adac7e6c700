"""Reader of UTD-MHAD and of the demo, whose files are named a{action}_s{subject}_t{trial}."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sakdn.checks import listed
from sakdn.clips.find import find_clips
from sakdn.clips.natural import natural_key
from sakdn.clips.options import DataOptions, SensorOptions
from sakdn.errors import InputError
from sakdn.progress import log

CLIP_ID = r"a[0-9]{1,5}_s[0-9]{1,5}_t[0-9]{1,5}"


def read_utd_mhad(data: DataOptions, sensors: Mapping[str, SensorOptions]) -> pd.DataFrame:
    """Builds the clips table from the files below `data.root`, in natural order, without split.

    The label is the action number less one.

    Raises:
        InputError: no such folder, nothing matches, a video without signal or the reverse, an
            action without clips or without name.
    """
    root = Path(data.root)
    patterns = {"data.video": str(data.video)}
    for name, sensor in sensors.items():
        if not sensor.path:
            raise InputError(f"sensors.{name}.path: is missing; add a path with {{clip}}")
        patterns[f"sensors.{name}.path"] = sensor.path
    found: dict[str, dict[str, str]] = {}
    for key, pattern in patterns.items():
        found[pattern] = found.get(pattern) or find_clips(root, pattern, CLIP_ID, key)
    _refuse_unpaired(found)
    videos = found[str(data.video)]
    clips = sorted(videos, key=natural_key)
    rows = [(clip, *re.findall("[0-9]+", clip), videos[clip]) for clip in clips]
    table = pd.DataFrame(rows, columns=["clip", "number", "subject", "trial", "video"])
    for name, sensor in sensors.items():
        table[name] = table["clip"].map(found[str(sensor.path)])
    names = _class_names(str(data.classes))
    labels = _labels(table.pop("number").astype(int), names, str(data.classes))
    return table.assign(action=labels, action_name=[names[label] for label in labels])


def _refuse_unpaired(found: Mapping[str, Mapping[str, str]]) -> None:
    """Every pattern must have found the same clips."""
    clips = sorted(set().union(*found.values()), key=natural_key)
    problems = []
    for clip in clips:
        there = [files[clip] for files in found.values() if clip in files]
        absent = [pattern.format(clip=clip) for pattern in found if clip not in found[pattern]]
        problems += [f"{there[0]} is there but {path} is not" for path in absent]
    if problems:
        raise InputError(
            f"data.root: {len(problems)} recordings are not complete:\n  {listed(problems)}\n"
            "add the missing files or move their partners away"
        )


def _class_names(path: str) -> list[str]:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"data.classes: {path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"data.classes: {path}: not a text file in UTF-8") from error
    names = [line.strip() for line in lines]
    if not names or "" in names:
        line = names.index("") + 1 if names else 1
        raise InputError(f"data.classes: {path}: line {line}: is empty, expected an action's name")
    return names


def _labels(numbers: "pd.Series[int]", names: list[str], path: str) -> list[int]:
    """Label of each clip: its action number less one.

    A file of fewer names than the highest number names the actions that occur, in their order;
    it must then have exactly as many lines as there are actions.
    """
    present = sorted(set(numbers))
    expected = list(range(1, len(names) + 1))
    if present[-1] > len(names):
        if len(present) != len(names):
            raise InputError(
                f"data.classes: {path}: found {len(names)} names, expected one for each of the"
                f" {present[-1]} actions a1..a{present[-1]}, or for each of the {len(present)}"
                " that occur; add the missing names"
            )
        log(f"data.classes: names actions {', '.join(map(str, present))} in this order")
        expected = present
    absent = [number for number in expected if number not in present]
    if absent:
        raise InputError(
            f"data.classes: {path}: no clip of action {', '.join(map(str, absent[:5]))}"
            f" ({names[expected.index(absent[0])]!r}): labels would have gaps; add its recordings"
            " or list only the actions that occur"
        )
    return [expected.index(number) for number in numbers]
