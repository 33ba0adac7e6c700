"""Reader of UTD-MHAD and of the demo, whose files are named a{action}_s{subject}_t{trial}."""

import re
from collections.abc import Mapping

import pandas as pd

from sakdn.base.errors import InputError, listed
from sakdn.data.datasets.find import Tree, find_files, open_tree
from sakdn.data.datasets.labels import labels_of_numbers, read_names
from sakdn.data.readers.natural import natural_key
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions

UTD_CLIP_ID = r"a[0-9]{1,5}_s[0-9]{1,5}_t[0-9]{1,5}"


def read_utd_mhad(
    data: DataOptions, sensors: Mapping[str, SensorOptions], tree: Tree | None = None
) -> pd.DataFrame:
    """Builds the clips table from the files below `data.root`, in natural order, without split.

    The label is the action number less one.

    Args:
        data: patterns and class names.
        sensors: patterns of the signals.
        tree: lists the files; None for those on disk.

    Raises:
        InputError: no such folder, nothing matches, an action without clips or without name, or, as
            long as `data.sensors_missing` is `error`, a video without signal or the reverse.
    """
    tree = tree or open_tree(data.root)
    patterns = {"data.video": str(data.video)}
    patterns |= {sensor.key(name): sensor.pattern(name) for name, sensor in sensors.items()}
    found: dict[str, dict[str, str]] = {}
    for key, pattern in patterns.items():
        if pattern not in found:
            files = find_files(tree, pattern, {"clip": UTD_CLIP_ID}, key)
            found[pattern] = {clip: path for (clip,), path in files.items()}
    if data.missing == "error":
        _refuse_unpaired(found)
    videos = found[str(data.video)]
    clips = sorted(videos, key=natural_key)
    rows = [(clip, *re.findall("[0-9]+", clip), videos[clip]) for clip in clips]
    table = pd.DataFrame(rows, columns=["clip", "number", "subject", "trial", "video"])
    for name, sensor in sensors.items():
        table[name] = table["clip"].map(found[sensor.pattern(name)]).fillna("")
    names = read_names(str(data.classes))
    labels = labels_of_numbers(table.pop("number").astype(int), names, str(data.classes))
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
            "add the missing files, or set data.sensors_missing to drop or mask"
        )
