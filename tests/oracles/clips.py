"""Checks of `clips_*.csv.gz`: the readers make the published table of a tree with such clips.

The tree is a list of paths, which is all that a reader sees of a folder. Sides, labels and subsets
must be the published ones, clip by clip, save for the faults of the release that are corrected:
`CAPITAL` and `TRANSFERRING` of MMAct.
"""

import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from sakdn.base.options import parse_options
from sakdn.data.clips.recordings import teaching_split
from sakdn.data.clips.split import with_split
from sakdn.data.clips.table import validated
from sakdn.data.datasets.berkeley_mhad import read_berkeley_mhad
from sakdn.data.datasets.find import Tree
from sakdn.data.datasets.mmact import read_mmact
from sakdn.data.datasets.utd_mhad import read_utd_mhad
from sakdn.options.data import DataOptions
from sakdn.options.sensors import SensorOptions
from sakdn.options.split import SplitOptions

REPO = Path(__file__).parents[2]
COLUMNS = ["clip", "frames", "label", "split"]
SUBSETS = {"in_half": 2, "in_quarter": 4, "in_eighth": 8}
SIDES = ("train", "test")
SHORTEST_CLIP = 13
VIDEOS = {"utd_mhad": "RGB/{}.avi", "berkeley_mhad": "Camera/{}", "mmact": "video/{}.mp4"}
READERS = {"utd_mhad": read_utd_mhad, "berkeley_mhad": read_berkeley_mhad, "mmact": read_mmact}

# Kind: shipped config, and keys of its split that the published list differs in.
KINDS = {
    "utd_subject_specific": (
        "utd_mhad",
        {"protocol": "subject_specific", "train_trials": [1, 2], "test_trials": [3, 4]},
    ),
    "utd_cross_subject": ("utd_mhad", {}),
    "berkeley": ("berkeley_mhad", {}),
    "mmact_cross_subject": ("mmact_cross_subject", {}),
    "mmact_cross_view": ("mmact_cross_view", {"held_out_share": None}),
    "mmact_cross_scene": ("mmact_cross_scene", {}),
    "mmact_cross_session": ("mmact_cross_session", {}),
}

# The class file of the release, by label. Label 14 has no clips there (facts, defect 14).
AUTHORS = """carrying; carrying heavy; carrying light; checking time; closing; crouching;
drinking; entering; exiting; fall; jumping; kicking; loitering; looking around; object transfering;
opening; picking up; pocket in; pocket out; pointing; pulling; pushing; running; setting down;
sitting; sitting down; standing; standing up; talking; talking on phone; throwing;
transferring large object; using pc; using phone; walking; waving hand"""
# Folders `transferring_object`: published as 31 "transferring large object", here the class at the
# place of the empty label 14. Labels after 31 are one less here.
TRANSFERRING = (31, 14)
# Folders with a capital: published as "waving hand", here as what they are (facts, defect 15).
CAPITAL = {
    f"subject14/cam{cam}/scene1/session2/Carrying_light": ("waving hand", "carrying light")
    for cam in (1, 2, 3, 4)
}


def check_clips(path: Path) -> None:
    name = path.name.removeprefix("clips_").removesuffix(".csv.gz")
    assert name in KINDS, f"{path.name}: unknown protocol"
    published = pd.read_csv(path)
    subsets = SUBSETS if name.startswith("mmact_") else {}
    assert list(published) == [*COLUMNS, *subsets]
    assert published["frames"].min() >= SHORTEST_CLIP
    config_name, changes = KINDS[name]
    config = config_of(config_name)
    table = table_of(config_name, tuple(published["clip"]))
    split = config["split"] | changes
    ours = with_split(table, parse_options(SplitOptions, split, "split"))
    assert set(ours["clip"]) == set(published["clip"])
    found = ours.set_index("clip").loc[published["clip"]]
    assert found["split"].replace("val", "train").tolist() == published["split"].tolist()
    for side in SIDES:
        order = published.loc[published["split"] == side, "clip"].tolist()
        natural = ours.loc[ours["split"].isin([side, side.replace("train", "val")]), "clip"]
        assert natural.tolist() == order
    compare = compare_mmact if config["data"]["source"] == "mmact" else compare_labels
    compare(published, found)
    for column, fraction in subsets.items():
        check_subset(published, table, split, column, fraction)
    if config["split"].get("held_out_share"):
        check_held_out(published, table, config["split"])


@cache
def config_of(name: str) -> dict:
    return yaml.safe_load((REPO / "config" / f"{name}.yaml").read_text())


@cache
def table_of(config_name: str, clips: tuple[str, ...]) -> pd.DataFrame:
    """The reader's table of a tree with `clips`, whose ids are made the published ones."""
    config = config_of(config_name)
    data = config["data"] | {"classes": str(REPO / config["data"]["classes"])}
    sensors = {name: SensorOptions(**values) for name, values in config["sensors"].items()}
    source = data["source"]
    videos = {VIDEOS[source].format(clip): clip for clip in clips}
    signals = {path for clip in clips for path in signals_of(clip, source, sensors.values())}
    tree = Tree(Path("tree"), matching([*videos, *signals]))
    table = validated(READERS[source](DataOptions(**data), sensors, tree), "data")
    assert (table[list(sensors)] != "").all(axis=None), "every recording has its signals"
    return table.assign(clip=table["video"].map(videos))


def matching(paths: list[str]) -> Callable[[str], Iterable[str]]:
    """Lists the paths that match a glob pattern."""
    return lambda pattern: filter(re.compile(translate(pattern)).match, paths)


def signals_of(clip: str, source: str, sensors: Iterable[SensorOptions]) -> Iterable[str]:
    """Paths of the signals of a clip's recording, numbers as wide as in the clip's own path."""
    if source == "utd_mhad":
        values = {"clip": clip.removesuffix("_color")}
    elif source == "berkeley_mhad":
        names = ("cluster", "camera", "subject", "action", "trial")
        values = dict(zip(names, re.findall(r"\d+", clip)))
    else:
        names = ("subject", "view", "scene", "session")
        values = dict(zip(names, re.findall(r"\d+", clip))) | {"action": clip.split("/")[-1]}
    return [sensor.path.format(**values) for sensor in sensors]


def compare_labels(published: pd.DataFrame, found: pd.DataFrame) -> None:
    assert found["action"].tolist() == published["label"].tolist()


def compare_mmact(published: pd.DataFrame, found: pd.DataFrame) -> None:
    """Labels and names are the published ones save for the two corrected faults."""
    assert 14 not in set(published["label"])
    theirs, ours = TRANSFERRING
    authors = re.split(r";\s", AUTHORS)
    moved = published["label"] == theirs
    folders = published["clip"].str.split("/").str[-1]
    assert set(folders[moved]) == {"transferring_object"}
    assert set(found["action"].to_numpy()[moved]) == {ours}
    assert set(found["action_name"].to_numpy()[moved]) == {"transferring object"}
    wrong = published["clip"].isin(CAPITAL)
    assert wrong.sum() == len(CAPITAL)
    for clip, label, name in zip(
        published["clip"][wrong], published["label"][wrong], found["action_name"][wrong.to_numpy()]
    ):
        assert (authors[label], name) == CAPITAL[clip]
    same = ~moved & ~wrong
    assert len(published) - same.sum() == moved.sum() + wrong.sum()
    expected = published["label"][same] - (published["label"][same] > theirs)
    assert found["action"].to_numpy()[same].tolist() == expected.tolist()
    names = [authors[label] for label in published["label"][same]]
    assert found["action_name"].to_numpy()[same].tolist() == names


def check_subset(
    published: pd.DataFrame, table: pd.DataFrame, split: dict, column: str, fraction: int
) -> None:
    """The published subset is made again; the balanced one has its size, and keeps the shares."""
    whole = published["split"] == "train"
    sides = {}
    for kind in ("published", "balanced"):
        options = parse_options(
            SplitOptions, split | {"subset": {"fraction": fraction, "kind": kind}}, "split"
        )
        thinned = with_split(table, options)
        assert (thinned["split"] == "test").sum() == (~whole).sum()
        sides[kind] = thinned[thinned["split"] != "test"]
    assert set(sides["published"]["clip"]) == set(published.loc[published[column] == 1, "clip"])
    actions = table.set_index("clip")["action"].loc[published.loc[whole, "clip"]]
    expected = (actions.value_counts() // fraction).clip(lower=1).sort_index()
    assert sides["balanced"].groupby("action").size().tolist() == expected.tolist()


def check_held_out(published: pd.DataFrame, table: pd.DataFrame, split: dict) -> None:
    """The shipped split tests a part of the published side, and no teacher sees its recordings."""
    ours = with_split(table, parse_options(SplitOptions, split, "split"))
    sides = {side: set(published.loc[published["split"] == side, "clip"]) for side in SIDES}
    assert set(ours.loc[ours["split"] != "test", "clip"]) == sides["train"]
    test = ours[ours["split"] == "test"]
    assert set(test["clip"]) < sides["test"]
    assert test["action"].nunique() == table["action"].nunique()
    teach = ours[teaching_split(ours).isin(["train", "val"])]
    assert teach["action"].nunique() == table["action"].nunique()
    assert not set(teach["recording"]) & set(test["recording"])
