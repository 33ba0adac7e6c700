"""Finds recordings by a path pattern with fields in it, such as `{clip}`."""

import glob
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sakdn.base.errors import InputError
from sakdn.base.progress import log

FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Tree:
    """A folder of recordings.

    Attributes:
        root: the folder.
        matching: paths relative to it that match a glob pattern.
    """

    root: Path
    matching: Callable[[str], Iterable[str]]


def open_tree(root: Path | str) -> Tree:
    """The folder of the recordings on disk.

    Raises:
        InputError: there is no such folder.
    """
    root = Path(root)
    if not root.is_dir():
        raise InputError(f"data.root: {root}: no such folder; set it to the folder of the data")
    return Tree(root, partial(glob.iglob, root_dir=root, include_hidden=True))


def find_files(
    tree: Tree, pattern: str, fields: Mapping[str, str], key: str
) -> dict[tuple[str, ...], str]:
    """Finds the files, or folders, that match `pattern`.

    Args:
        tree: where.
        pattern: relative path with each of `fields` in braces, for example `RGB/{clip}_color.avi`;
            a field that occurs twice has the same text in both places; `*` is any part of a name.
        fields: regular expression of each field.
        key: config key of the pattern, named in errors.

    Returns:
        Path relative to the root, by the texts of the fields in the order of `fields`.

    Raises:
        InputError: a pattern without a field, or with another one, nothing matches it, or two
            files are of the same fields.
    """
    if set(FIELD.findall(pattern)) != set(fields) or Path(pattern).is_absolute():
        wanted = ", ".join(f"{{{name}}}" for name in fields)
        raise InputError(f"{key}: found {pattern!r}, expected a path below data.root with {wanted}")
    paths = list(tree.matching(glob_of(pattern)))
    found: dict[tuple[str, ...], str] = {}
    for match in filter(None, map(_expression(pattern, fields).fullmatch, paths)):
        texts = tuple(match[name] for name in fields)
        if texts in found:
            raise InputError(
                f"{key}: {found[texts]} and {match.string} are of the same {', '.join(fields)};"
                " move one of them away or write out what `*` stands for"
            )
        found[texts] = match.string
    if not found:
        forms = ", ".join(f"{{{name}}} = {form}" for name, form in fields.items())
        raise InputError(
            f"{key}: nothing in {tree.root} matches {pattern!r} with {forms};"
            f" {_example(tree.root)}; correct the pattern or data.root"
        )
    if len(found) < len(paths):
        odd = min(set(paths) - set(found.values()))
        log(f"{key}: {len(paths) - len(found)} files have no clip id and are not used, e.g. {odd}")
    return found


def glob_of(pattern: str) -> str:
    """Glob pattern of a path pattern: any text stands for a field."""
    fixed = (glob.escape(part).replace("[*]", "*") for part in FIELD.split(pattern)[::2])
    return "*".join(fixed)


def _expression(pattern: str, fields: Mapping[str, str]) -> re.Pattern[str]:
    """Expression with a group of each field's name."""
    parts, seen = FIELD.split(pattern), set()
    for place, name in enumerate(parts):
        if place % 2 == 0:
            parts[place] = re.escape(name).replace(r"\*", "[^/]*")
        else:
            parts[place] = f"(?P={name})" if name in seen else f"(?P<{name}>{fields[name]})"
            seen.add(name)
    return re.compile("".join(parts))


def _example(root: Path) -> str:
    for folder, folders, files in os.walk(root):
        folders.sort()
        if files:
            return f"found there for example {os.path.relpath(Path(folder, min(files)), root)!r}"
    return "the folder is empty"
