"""Data sets that several cameras took: one recording of the sensors serves all views."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

import pandas as pd

from sakdn.base.errors import InputError
from sakdn.base.progress import log
from sakdn.data.datasets.find import Tree, find_files
from sakdn.data.readers.natural import natural_key
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions

NUMBER = "[0-9]{1,6}"


@dataclass(frozen=True)
class Layout:
    """What the paths of a data set say.

    Attributes:
        fields: regular expression of each field of a video's path, in the order of the table.
        clip: id of a clip, from the fields as they are written in the path.
        recording: id of a recording; its fields are those of a sensor's path, and pair the two.
        view: name of a camera.
    """

    fields: Mapping[str, str]
    clip: str
    recording: str
    view: str

    @property
    def shared(self) -> dict[str, str]:
        """The fields that all views of a recording have in common."""
        names = {name for _, name, _, _ in Formatter().parse(self.recording)}
        return {name: form for name, form in self.fields.items() if name in names}


def read_multiview(
    data: DataOptions, sensors: Mapping[str, SensorOptions], layout: Layout, tree: Tree
) -> pd.DataFrame:
    """Finds the videos and the signals of their recordings.

    Fields are compared as numbers, or as words whatever their case.

    Args:
        data: pattern of the videos.
        sensors: patterns of the signals.
        layout: of the data set.
        tree: lists the files.

    Returns:
        One row a video, in natural order of its fields: `clip`, `recording`, `view`, `video`, one
        column a sensor (empty where the recording has none), and the fields.

    Raises:
        InputError: nothing matches, or two files are of one recording and view.
    """
    videos = find_files(tree, str(data.video), layout.fields, "data.video")
    order = sorted(videos, key=lambda texts: list(map(natural_key, texts)))
    rows = [dict(zip(layout.fields, texts)) for texts in order]
    table = pd.DataFrame([_plain(row) for row in rows])
    _refuse_twice(table, list(layout.fields), [videos[texts] for texts in order], "data.video")
    table["clip"] = [layout.clip.format(**row) for row in rows]
    table["video"] = [videos[texts] for texts in order]
    plain = table[list(layout.fields)].to_dict("records")
    table["recording"] = [layout.recording.format(**row) for row in plain]
    table["view"] = [layout.view.format(**row) for row in plain]
    for name, sensor in sensors.items():
        pattern, key = sensor.pattern(name), sensor.key(name)
        table[name] = _signals(table["recording"], pattern, layout, tree, key)
    return table


def _signals(
    recordings: pd.Series, pattern: str, layout: Layout, tree: Tree, key: str
) -> pd.Series:
    """Path of each clip's signal; empty where there is none."""
    files = find_files(tree, pattern, layout.shared, key)
    rows = pd.DataFrame([_plain(dict(zip(layout.shared, texts))) for texts in files])
    _refuse_twice(rows, list(layout.shared), list(files.values()), key)
    ids = [layout.recording.format(**row) for row in rows.to_dict("records")]
    paths = dict(zip(ids, files.values()))
    unseen = sorted(set(paths) - set(recordings))
    if unseen:
        log(f"{key}: {len(unseen)} files belong to no video and are not used, e.g. {unseen[0]}")
    return recordings.map(paths).fillna("")


def _plain(fields: Mapping[str, str]) -> dict[str, str]:
    """Numbers without leading zeros, words in lower case."""
    return {k: str(int(v)) if v.isdecimal() else v.lower() for k, v in fields.items()}


def _refuse_twice(rows: pd.DataFrame, fields: list[str], paths: list[str], key: str) -> None:
    twice = rows.duplicated(fields).to_numpy()
    if twice.any():
        place = int(twice.argmax())
        first = int((rows[fields] == rows[fields].iloc[place]).all(axis=1).to_numpy().argmax())
        raise InputError(
            f"{key}: {paths[first]} and {os.path.basename(paths[place])} are of one recording"
            " and view; move one of them away"
        )
