"""Checks of `clips_*.csv.gz`: columns, and the partition that each protocol states."""

import re
from pathlib import Path

import pandas as pd

COLUMNS = ["clip", "frames", "label", "split"]
SUBSETS = {"in_half": 2, "in_quarter": 4, "in_eighth": 8}
SHORTEST_CLIP = 13

# Protocol: clips in train, clips in test, and the rule that puts a clip into train.
MMACT = {
    "subject": (27754, 7408, lambda clip: number("subject", clip) <= 16),
    "view": (26458, 8704, lambda clip: number("cam", clip) <= 3),
    "scene": (25078, 10084, lambda clip: number("scene", clip) != 2),
    "session": (28232, 6930, lambda clip: number("session", clip) != 5),
}
PROTOCOLS = {
    "utd_subject_specific": (432, 429, lambda clip: number("_t", clip) <= 2),
    "utd_cross_subject": (431, 430, lambda clip: number("_s", clip) % 2 == 1),
    "berkeley": (4604, 3296, lambda clip: number("/S", clip) <= 7),
    **{f"mmact_cross_{name}": facts for name, facts in MMACT.items()},
}


def number(prefix: str, clip: str) -> int:
    return int(re.search(rf"{prefix}(\d+)", clip)[1])


def check_clips(path: Path) -> None:
    name = path.name.removeprefix("clips_").removesuffix(".csv.gz")
    assert name in PROTOCOLS, f"{path.name}: unknown protocol"
    clips = pd.read_csv(path)
    mmact = name.startswith("mmact_")
    assert list(clips) == COLUMNS + (list(SUBSETS) if mmact else [])
    train, test, trains = PROTOCOLS[name]
    assert clips["split"].value_counts().to_dict() == {"train": train, "test": test}
    assert clips["clip"].is_unique
    assert clips["frames"].min() >= SHORTEST_CLIP
    expected = clips["clip"].map(trains).map({True: "train", False: "test"})
    assert (clips["split"] == expected).all()
    if mmact:
        check_mmact(clips)
    else:
        digits = clips["clip"].str.extract(r"(?:^a|/A)(\d+)")[0].astype(int)
        assert (clips["label"] == digits - 1).all()


def check_mmact(clips: pd.DataFrame) -> None:
    """Label 14 is empty (defect 14); a subset is every k-th line of the training list."""
    assert set(clips["label"]) == set(range(36)) - {14}
    train = clips[clips["split"] == "train"]
    for column, step in SUBSETS.items():
        chosen = train.index[train[column] == 1]
        assert chosen.tolist() == train.index[step - 1 :: step].tolist()
