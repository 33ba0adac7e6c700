"""When a clip may be mirrored: not where that would turn it into another class."""

import re
from collections import defaultdict
from collections.abc import Sequence

from sakdn.base.errors import InputError
from sakdn.options.columns import UNLABELLED
from sakdn.options.student import FlipPolicy

TURNS = re.compile(r"\b(?:counter[\W_]*clockwise|anti[\W_]*clockwise|clockwise)\b")
SIDES = re.compile(r"\b(?:left|right)\b")


def sided_groups(names: Sequence[str]) -> list[list[int]]:
    """Labels of classes that differ by side or turning direction only.

    For example `right arm swipe to the left` and `right arm swipe to the right`.

    Args:
        names: class names in the order of the labels.
    """
    groups = defaultdict(list)
    for label, name in enumerate(names):
        words = re.sub(r"[\W_]+", " ", name.lower()).strip()
        groups[SIDES.sub("<side>", TURNS.sub("<turn>", words))].append(label)
    return [labels for labels in groups.values() if len(labels) > 1]


def flippable(names: Sequence[str], policy: FlipPolicy) -> frozenset[int]:
    """Labels whose training clips may be mirrored; `UNLABELLED` where all may.

    Args:
        names: class names in the order of the labels.
        policy: `none`; `unsided`, the classes without a counterpart on the other side; or `all`.

    Raises:
        InputError: `all` although two classes differ by side, or an unknown policy.
    """
    sided = sided_groups(names)
    if policy == "none":
        return frozenset()
    if policy == "unsided" and sided:
        return frozenset(range(len(names))) - {label for group in sided for label in group}
    if policy not in ("all", "unsided"):
        raise InputError(f"flip: found {policy!r}, expected none, unsided or all")
    if sided:
        pair = " and ".join(repr(names[label]) for label in sided[0])
        raise InputError(
            f"flip: found 'all', but mirroring turns {pair} into each other; "
            "set 'unsided' or 'none'"
        )
    return frozenset((UNLABELLED, *range(len(names))))
