"""Labels of the actions and their names, from a file with one name a line."""

import difflib
from collections.abc import Iterable

import pandas as pd

from sakdn.base.errors import NO_TEXT, InputError, shown
from sakdn.base.progress import log
from sakdn.base.resources import find_resource
from sakdn.data.readers.plain_file import read_text


def read_names(path: str) -> list[str]:
    """Names of the actions, in the order of the labels.

    Raises:
        InputError: not a text file with a name on every line.
    """
    try:
        lines = read_text(find_resource(path)).splitlines()
    except OSError as error:
        raise InputError(f"data.classes: {path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"data.classes: {path}: not a text file in UTF-8") from error
    names = [line.strip() for line in lines]
    if not names or "" in names:
        line = names.index("") + 1 if names else 1
        raise InputError(f"data.classes: {path}: line {line}: is empty, expected an action's name")
    for line, name in enumerate(names, start=1):
        if NO_TEXT.search(name):
            raise InputError(
                f"data.classes: {path}: line {line}: found {shown(name)}, expected printable text"
            )
    return names


def labels_of_numbers(numbers: "pd.Series[int]", names: list[str], path: str) -> list[int]:
    """Label of each clip: its action number less one.

    A file of fewer names than the highest number names the actions that occur, in their order;
    it must then have exactly as many lines as there are actions.

    Raises:
        InputError: too few names, or a name without clips.
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


def labels_of_words(words: Iterable[str], names: list[str], path: str) -> list[int]:
    """Label of each clip: the line of its action's name.

    Raises:
        InputError: a word that is no name, or a name without clips.
    """
    words = list(words)
    unknown = sorted(set(words) - set(names))
    if unknown:
        near = difflib.get_close_matches(unknown[0], names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"data.classes: {path}: has no action {unknown[0]!r}{hint}; add the line")
    absent = [name for name in names if name not in set(words)]
    if absent:
        raise InputError(
            f"data.classes: {path}: no clip of action {', '.join(map(repr, absent[:5]))}: labels"
            " would have gaps; add its recordings or list only the actions that occur"
        )
    return [names.index(word) for word in words]
