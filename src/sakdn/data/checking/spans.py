"""What is odd about clips that are spans of long recordings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from sakdn.data.clips.parts import parts_of
from sakdn.data.clips.problems import Finding, Problem
from sakdn.data.clips.recordings import recordings_of
from sakdn.data.clips.spans import spans_of

LEARNING = ("train", "val")


def odd_spans(clips: pd.DataFrame, facts: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Spans that their files do not hold.

    Args:
        clips: clips table.
        facts: of the files, by column and path.
    """
    for column, known in facts.items():
        parts = parts_of(clips, column)
        for clip, path, part in zip(clips["clip"], clips[column], parts, strict=True):
            wrong = known[path].wrong_spans.get(part) if path else None
            if wrong:
                yield Problem(clip, path, Finding("span", "error", wrong))


def odd_neighbours(clips: pd.DataFrame, columns: Sequence[str]) -> Iterator[Problem]:
    """Clips of one file that overlap, and files of which clips are on both sides.

    Args:
        clips: clips table, with `split` empty where a clip is on no side.
        columns: of the videos and of the signals.
    """
    spans = spans_of(clips)
    table = clips.assign(
        owner=recordings_of(clips),
        start=[span and span.start_s for span in spans],
        end=[span and span.end_s for span in spans],
    )
    table = table[[span is not None for span in spans]]
    told: set[tuple[str, str]] = set()
    for column in columns:
        for path, group in table[table[column] != ""].groupby(column, sort=False):
            yield from _overlaps(group.sort_values("start"), str(path), told)
            yield from _on_both_sides(group, str(path))


def _overlaps(group: pd.DataFrame, path: str, told: set[tuple[str, str]]) -> Iterator[Problem]:
    """Clips of a file, by their start, that begin before an earlier one has ended."""
    earlier: list[Any] = []
    for row in group.itertuples():
        earlier = [other for other in earlier if other.end > row.start]
        for other in earlier:
            pair = (other.clip, row.clip)
            if other.owner != row.owner and pair not in told:
                told.add(pair)
                yield _overlap(other, row, path)
        earlier.append(row)


def _overlap(one: Any, other: Any, path: str) -> Problem:
    """An error in the clip that learns, if the other is in test."""
    if one.split in LEARNING and other.split == "test":
        one, other = other, one
    shared = min(one.end, other.end) - max(one.start, other.start)
    found = f"shares {shared:.2f} s with clip {one.clip} of the same file"
    leaks = one.split == "test" and other.split in LEARNING
    if leaks:
        found += ", which is in test, and would flatter the result"
    return Problem(other.clip, path, Finding("overlap", "error" if leaks else "warning", found))


def _on_both_sides(group: pd.DataFrame, path: str) -> Iterator[Problem]:
    counts = group["split"].value_counts()
    train, val, test = (int(counts.get(side, 0)) for side in ("train", "val", "test"))
    if test and train + val:
        found = f"{test} clips of this recording are in test and {train + val} in train or val"
        what = "the result"
    elif train and val:
        found = f"{val} clips of this recording are in val and {train} in train"
        what = "the choice of epochs"
    else:
        return
    found += f"; what is near in time resembles each other, which flatters {what}; keep a"
    yield Problem("", path, Finding("split_recording", "warning", f"{found} recording on one side"))
